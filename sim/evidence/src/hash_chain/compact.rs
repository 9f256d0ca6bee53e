//! The one form in which chains are written, and recognising it.

use std::fmt::Write;

use bytes::Bytes;
use memchr::memmem;

use super::{
    ATTACHMENT_URI, HashChain, Leaf, MESSAGE_CHAIN_URI, MESSAGE_URI, SIGNATURE_URI, Side, Step,
    TIME_STAMP_CHAIN_URI, TreePath, digest_list,
};
use crate::digest::{SHA512_BASE64_LEN, Sha512};

/// Most levels of a tree whose chain is recognised as compact: more leaves than a batch can have.
const MAX_COMPACT_DEPTH: usize = 64;

/// Longest step: two digests with their elements.
const STEP_LEN: usize = 400;

const CHAIN_HEAD: &str = "<hc:HashChain xmlns:hc=\"http://cyber.ee/hashchain\" \
    xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><hc:DefaultDigestMethod \
    Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>";
const CHAIN_TAIL: &str = "</hc:HashChain>";
const STEP_HEAD: &str = "<hc:HashStep id=\"STEP";
const STEP_TAIL: &str = "</hc:HashStep>";
const VALUE_HEAD: &str = "<hc:HashValue><ds:DigestValue>";
const VALUE_TAIL: &str = "</ds:DigestValue></hc:HashValue>";

/// The chain that leads from a message's parts over `path` to the top of its batch.
///
/// A leaf without body under an empty path has no use for a chain (its signature is over the
/// message itself); its chain, should one be wanted, is a list of that one part.
#[must_use]
pub fn message_chain(leaf: &Leaf, path: &TreePath) -> HashChain {
    let mut writer = ChainWriter::new(path.0.len());
    let top = match (leaf.attachment, path.0.is_empty()) {
        (Some(attachment), _) => {
            writer.tree_steps(path, None);
            let parts = [(MESSAGE_URI, leaf.message), (ATTACHMENT_URI, attachment)];
            writer.parts_step(path.0.len(), &parts);
            path.top(leaf.digest())
        }
        (None, true) => {
            writer.parts_step(0, &[(MESSAGE_URI, leaf.message)]);
            digest_list(&[leaf.message])
        }
        (None, false) => {
            writer.tree_steps(path, Some((MESSAGE_URI, leaf.message)));
            path.top(leaf.message)
        }
    };
    writer.finish(MESSAGE_CHAIN_URI, top)
}

/// The chain that leads from a signature document over `path` to the top of a time-stamped batch.
///
/// A batch of one signature has a chain too: a list of that one part.
#[must_use]
pub fn time_stamp_chain(signature_document: Sha512, path: &TreePath) -> HashChain {
    let mut writer = ChainWriter::new(path.0.len());
    let part = (SIGNATURE_URI, signature_document);
    let top = if path.0.is_empty() {
        writer.parts_step(0, &[part]);
        digest_list(&[signature_document])
    } else {
        writer.tree_steps(path, Some(part));
        path.top(signature_document)
    };
    writer.finish(TIME_STAMP_CHAIN_URI, top)
}

/// The path of a chain that is, byte for byte, what [`message_chain`] writes for `leaf`.
///
/// The siblings are picked out without looking at what stands between them; writing the chain anew
/// and comparing then settles every byte at once.
pub(super) fn path_of(chain: &HashChain, leaf: &Leaf) -> Option<TreePath> {
    let mut steps = Vec::new();
    let mut rest = chain.chain.strip_prefix(CHAIN_HEAD.as_bytes())?;
    while let Some(end) = memmem::find(rest, STEP_TAIL.as_bytes()) {
        let (step, after) = rest.split_at(end + STEP_TAIL.len());
        if steps.len() == MAX_COMPACT_DEPTH {
            return None;
        }
        steps.extend(sibling_of(step));
        rest = after;
    }
    let path = TreePath(steps);
    if path.0.is_empty() && leaf.attachment.is_none() {
        return None;
    }
    (message_chain(leaf, &path) == *chain).then_some(path)
}

/// The sibling in one step's element: its side, seen from the way, is left where it stands first.
fn sibling_of(step: &[u8]) -> Option<Step> {
    let at = memmem::find(step, VALUE_HEAD.as_bytes())?;
    let opened = memchr::memchr(b'>', step)?;
    let sibling_side = if at == opened + 1 {
        Side::Left
    } else {
        Side::Right
    };
    let start = at + VALUE_HEAD.len();
    let sibling = Sha512::from_base64(step.get(start..start + SHA512_BASE64_LEN)?)?;
    Some(Step {
        sibling_side,
        sibling,
    })
}

/// Writes a `HashChain` document step by step.
struct ChainWriter {
    text: String,
}

impl ChainWriter {
    fn new(tree_steps: usize) -> Self {
        let room = CHAIN_HEAD.len() + (tree_steps + 1) * STEP_LEN + CHAIN_TAIL.len();
        let mut text = String::with_capacity(room);
        text.push_str(CHAIN_HEAD);
        Self { text }
    }

    /// One step a level; the last one ends in `end`, or refers to the step after it.
    fn tree_steps(&mut self, path: &TreePath, end: Option<(&str, Sha512)>) {
        let last = path.0.len().saturating_sub(1);
        for (number, step) in path.0.iter().enumerate() {
            self.open_step(number);
            if step.sibling_side == Side::Left {
                self.hash_value(&step.sibling);
            }
            match end {
                Some((uri, digest)) if number == last => self.data_ref(uri, &digest),
                _ => self.step_ref(number + 1),
            }
            if step.sibling_side == Side::Right {
                self.hash_value(&step.sibling);
            }
            self.text.push_str(STEP_TAIL);
        }
    }

    /// A step that lists parts of a message.
    fn parts_step(&mut self, number: usize, parts: &[(&str, Sha512)]) {
        self.open_step(number);
        for (uri, digest) in parts {
            self.data_ref(uri, digest);
        }
        self.text.push_str(STEP_TAIL);
    }

    fn finish(mut self, chain_uri: &str, top: Sha512) -> HashChain {
        self.text.push_str(CHAIN_TAIL);
        HashChain {
            result: result_document(chain_uri, &top),
            chain: Bytes::from(self.text),
        }
    }

    fn open_step(&mut self, number: usize) {
        write!(self.text, "{STEP_HEAD}{number}\">").expect("writing to a String does not fail");
    }

    fn hash_value(&mut self, digest: &Sha512) {
        self.text.push_str(VALUE_HEAD);
        digest.push_base64(&mut self.text);
        self.text.push_str(VALUE_TAIL);
    }

    fn step_ref(&mut self, number: usize) {
        write!(self.text, "<hc:StepRef URI=\"#STEP{number}\"/>")
            .expect("writing to a String does not fail");
    }

    fn data_ref(&mut self, uri: &str, digest: &Sha512) {
        self.text.push_str("<hc:DataRef URI=\"");
        self.text.push_str(uri);
        self.text.push_str("\"><ds:DigestValue>");
        digest.push_base64(&mut self.text);
        self.text.push_str("</ds:DigestValue></hc:DataRef>");
    }
}

fn result_document(chain_uri: &str, top: &Sha512) -> Bytes {
    const HEAD: &str = "<hc:HashChainResult xmlns:hc=\"http://cyber.ee/hashchain\" \
        xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" URI=\"";
    const MIDDLE: &str = "#STEP0\"><ds:DigestMethod \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/><ds:DigestValue>";
    const TAIL: &str = "</ds:DigestValue></hc:HashChainResult>";
    let fixed = HEAD.len() + MIDDLE.len() + TAIL.len();
    let mut text = String::with_capacity(fixed + chain_uri.len() + SHA512_BASE64_LEN);
    text.push_str(HEAD);
    text.push_str(chain_uri);
    text.push_str(MIDDLE);
    top.push_base64(&mut text);
    text.push_str(TAIL);
    Bytes::from(text)
}
