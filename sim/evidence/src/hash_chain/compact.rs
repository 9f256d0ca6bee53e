//! The one form in which chains are written, and recognising it.

use std::fmt::Write;

use bytes::Bytes;

use super::{
    ATTACHMENT_URI, HashChain, Leaf, MESSAGE_CHAIN_URI, MESSAGE_URI, PairMemo, SIGNATURE_URI, Side,
    Step, TIME_STAMP_CHAIN_URI, TreePath, digest_list,
};
use crate::digest::{SHA512_BASE64_LEN, Sha512};

/// Most levels of a tree whose chain is recognised as compact: more leaves than a batch can have.
const MAX_COMPACT_DEPTH: usize = 64;
/// Levels of most trees: batches of up to 256.
const EXPECTED_DEPTH: usize = 8;

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
const STEP_REF_HEAD: &str = "<hc:StepRef URI=\"#STEP";
const DATA_REF_HEAD: &str = "<hc:DataRef URI=\"";
const DATA_REF_MIDDLE: &str = "\"><ds:DigestValue>";
const DATA_REF_TAIL: &str = "</ds:DigestValue></hc:DataRef>";

/// The chain that leads from a message's parts over `path` to the top of its batch.
///
/// A leaf without body under an empty path has no use for a chain (its signature is over the
/// message itself); its chain, should one be wanted, is a list of that one part.
#[must_use]
pub fn message_chain(leaf: &Leaf, path: &TreePath) -> HashChain {
    let top = match (leaf.attachment, path.0.is_empty()) {
        (None, true) => digest_list(&[leaf.message]),
        _ => path.top(leaf.digest()),
    };
    HashChain {
        result: message_result(&top),
        chain: message_steps(leaf, path),
    }
}

/// The result of the chains of a batch with this top.
pub(crate) fn message_result(top: &Sha512) -> Bytes {
    result_document(MESSAGE_CHAIN_URI, top)
}

/// The steps of [`message_chain`].
pub(crate) fn message_steps(leaf: &Leaf, path: &TreePath) -> Bytes {
    let mut writer = ChainWriter::new(path.0.len());
    match (leaf.attachment, path.0.is_empty()) {
        (Some(attachment), _) => {
            writer.tree_steps(path, None);
            let parts = [(MESSAGE_URI, leaf.message), (ATTACHMENT_URI, attachment)];
            writer.parts_step(path.0.len(), &parts);
        }
        (None, true) => writer.parts_step(0, &[(MESSAGE_URI, leaf.message)]),
        (None, false) => writer.tree_steps(path, Some((MESSAGE_URI, leaf.message))),
    }
    writer.finish()
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
    HashChain {
        result: result_document(TIME_STAMP_CHAIN_URI, &top),
        chain: writer.finish(),
    }
}

/// The path of a chain that is, byte for byte, what [`message_chain`] writes for `leaf`.
pub(super) fn path_of(chain: &HashChain, leaf: &Leaf, memo: &PairMemo) -> Option<TreePath> {
    let path = read_steps(&chain.chain, leaf)?;
    let top = path.top_with(leaf.digest(), |left, right| memo.digest(left, right));
    (message_result(&top) == chain.result).then_some(path)
}

/// The path in a chain that [`message_steps`] would write for `leaf`. Every byte is looked at: of
/// what the path does not say, each has the one value that it must have.
fn read_steps(chain: &[u8], leaf: &Leaf) -> Option<TreePath> {
    let mut reader = ChainReader(chain);
    reader.expect(CHAIN_HEAD)?;
    let mut steps = Vec::with_capacity(EXPECTED_DEPTH);
    while steps.len() < MAX_COMPACT_DEPTH {
        reader.open_step(steps.len())?;
        if let Some(attachment) = &leaf.attachment
            && reader.data_ref(MESSAGE_URI, &leaf.message).is_some()
        {
            reader.data_ref(ATTACHMENT_URI, attachment)?;
            reader.expect(STEP_TAIL)?;
            return reader.end().then_some(TreePath(steps));
        }
        let left = reader.hash_value();
        let is_last =
            leaf.attachment.is_none() && reader.data_ref(MESSAGE_URI, &leaf.message).is_some();
        if !is_last {
            reader.step_ref(steps.len() + 1)?;
        }
        steps.push(match left {
            Some(sibling) => Step {
                sibling_side: Side::Left,
                sibling,
            },
            None => Step {
                sibling_side: Side::Right,
                sibling: reader.hash_value()?,
            },
        });
        reader.expect(STEP_TAIL)?;
        if is_last {
            return reader.end().then_some(TreePath(steps));
        }
    }
    None
}

/// What is left to read of a `HashChain` document, the counterpart of [`ChainWriter`]. What does
/// not stand next leaves it as it is.
struct ChainReader<'a>(&'a [u8]);

impl ChainReader<'_> {
    fn expect(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// `head`, a number as it is written, and `tail`.
    fn numbered(&mut self, head: &str, number: usize, tail: &str) -> Option<()> {
        let digits = [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
        let digits = if number < 10 { &digits[1..] } else { &digits };
        let rest = self.0.strip_prefix(head.as_bytes())?;
        let rest = rest.strip_prefix(digits)?;
        self.0 = rest.strip_prefix(tail.as_bytes())?;
        Some(())
    }

    fn open_step(&mut self, number: usize) -> Option<()> {
        self.numbered(STEP_HEAD, number, "\">")
    }

    fn step_ref(&mut self, number: usize) -> Option<()> {
        self.numbered(STEP_REF_HEAD, number, "\"/>")
    }

    fn hash_value(&mut self) -> Option<Sha512> {
        let rest = self.0.strip_prefix(VALUE_HEAD.as_bytes())?;
        let (digest, rest) = rest.split_at_checked(SHA512_BASE64_LEN)?;
        let rest = rest.strip_prefix(VALUE_TAIL.as_bytes())?;
        let digest = Sha512::from_base64(digest)?;
        self.0 = rest;
        Some(digest)
    }

    fn data_ref(&mut self, uri: &str, digest: &Sha512) -> Option<()> {
        let rest = self.0.strip_prefix(DATA_REF_HEAD.as_bytes())?;
        let rest = rest.strip_prefix(uri.as_bytes())?;
        let rest = rest.strip_prefix(DATA_REF_MIDDLE.as_bytes())?;
        let (stated, rest) = rest.split_at_checked(SHA512_BASE64_LEN)?;
        let rest = rest.strip_prefix(DATA_REF_TAIL.as_bytes())?;
        (Sha512::from_base64(stated)? == *digest).then_some(())?;
        self.0 = rest;
        Some(())
    }

    fn end(&mut self) -> bool {
        self.expect(CHAIN_TAIL).is_some() && self.0.is_empty()
    }
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

    fn finish(mut self) -> Bytes {
        self.text.push_str(CHAIN_TAIL);
        Bytes::from(self.text)
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
        write!(self.text, "{STEP_REF_HEAD}{number}\"/>")
            .expect("writing to a String does not fail");
    }

    fn data_ref(&mut self, uri: &str, digest: &Sha512) {
        self.text.push_str(DATA_REF_HEAD);
        self.text.push_str(uri);
        self.text.push_str(DATA_REF_MIDDLE);
        digest.push_base64(&mut self.text);
        self.text.push_str(DATA_REF_TAIL);
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
