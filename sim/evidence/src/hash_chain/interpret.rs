//! What any conforming pair of hash chain documents says, computed step by step.

use std::collections::{BTreeMap, BTreeSet};

use super::xml::{Element, is_blank};
use super::{HashChain, digest_list};
use crate::digest::{SHA512_URI, Sha512};

/// Largest document that is read, in bytes: room for a thousand parts.
const MAX_DOCUMENT_LEN: usize = 512 * 1024;

/// Longest way from the result to a part, in steps.
const MAX_DEPTH: usize = 64;

const HASH_CHAIN: &str = "http://cyber.ee/hashchain";
const XML_SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Why a hash chain proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Not a hash chain result, or one with another algorithm than SHA-512.
    #[error("read the hash chain result")]
    MalformedResult,
    /// Not a hash chain, or one with another algorithm than SHA-512 or with transforms.
    #[error("read the hash chain")]
    MalformedChain,
    /// A reference leads nowhere, around in a circle, or on for too long.
    #[error("follow the hash chain's reference `{0}`")]
    DanglingReference(String),
    /// The chain names a part that is not there.
    #[error("find the part `{0}` that the hash chain names")]
    AbsentPart(String),
    /// A part's digest is not the one that the chain states.
    #[error("compare the digest of `{0}` with the one in the hash chain")]
    WrongDigest(String),
    /// The chain leads to another result.
    #[error("compare the hash chain's top with its result")]
    WrongResult,
    /// A part is there that the chain does not name.
    #[error("find the part `{0}` in the hash chain")]
    UnusedPart(String),
}

/// What becomes of a part that the chain names and the caller does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentParts {
    /// The chain is refused: a part was taken away.
    Refused,
    /// Its stated digest counts, as with containers whose bodies were not logged.
    CountAsStated,
}

/// Whether `chain`, known to its result as `chain_uri`, leads from all of `parts` (digest by URI)
/// to the result that it states.
///
/// # Errors
///
/// See [`ChainError`].
pub fn verify_parts(
    chain: &HashChain,
    chain_uri: &str,
    parts: &BTreeMap<&str, Sha512>,
    absent: AbsentParts,
) -> Result<(), ChainError> {
    let result = read_result(&chain.result, chain_uri).ok_or(ChainError::MalformedResult)?;
    let steps = read_steps(&chain.chain).ok_or(ChainError::MalformedChain)?;
    let mut computation = Computation {
        chain_uri,
        parts,
        absent,
        steps: &steps,
        digests: BTreeMap::new(),
        used: BTreeSet::new(),
    };
    let top = computation.step(&result.reference, 0)?;
    if top != result.digest {
        return Err(ChainError::WrongResult);
    }
    match parts.keys().find(|uri| !computation.used.contains(**uri)) {
        Some(unused) => Err(ChainError::UnusedPart((*unused).to_owned())),
        None => Ok(()),
    }
}

/// Where the chain begins and what it must lead to.
struct ChainResult {
    reference: String,
    digest: Sha512,
}

/// One entry of a step.
enum Item {
    StepRef(String),
    DataRef { uri: String, stated: Option<Sha512> },
    HashValue(Sha512),
}

/// A computation under way.
struct Computation<'a> {
    chain_uri: &'a str,
    parts: &'a BTreeMap<&'a str, Sha512>,
    absent: AbsentParts,
    steps: &'a BTreeMap<String, Vec<Item>>,
    /// Steps that are computed; one that several refer to is computed once.
    digests: BTreeMap<&'a str, Sha512>,
    used: BTreeSet<&'a str>,
}

impl<'a> Computation<'a> {
    /// The digest of the step that `reference` names. A circle ends at the depth limit.
    fn step(&mut self, reference: &str, depth: usize) -> Result<Sha512, ChainError> {
        let dangling = || ChainError::DanglingReference(reference.to_owned());
        let (document, id) = reference.split_once('#').ok_or_else(dangling)?;
        let is_here = document.is_empty() || document == self.chain_uri;
        if !is_here || depth == MAX_DEPTH {
            return Err(dangling());
        }
        if let Some(digest) = self.digests.get(id) {
            return Ok(*digest);
        }
        let (id, items) = self.steps.get_key_value(id).ok_or_else(dangling)?;
        let mut digests = Vec::with_capacity(items.len());
        for item in items {
            digests.push(match item {
                Item::StepRef(next) => self.step(next, depth + 1)?,
                Item::DataRef { uri, stated } => self.part(uri, *stated)?,
                Item::HashValue(digest) => *digest,
            });
        }
        let digest = digest_list(&digests);
        self.digests.insert(id, digest);
        Ok(digest)
    }

    fn part(&mut self, uri: &'a str, stated: Option<Sha512>) -> Result<Sha512, ChainError> {
        let Some(actual) = self.parts.get(uri) else {
            return match (self.absent, stated) {
                (AbsentParts::CountAsStated, Some(stated)) => Ok(stated),
                _ => Err(ChainError::AbsentPart(uri.to_owned())),
            };
        };
        if stated.is_some_and(|stated| stated != *actual) {
            return Err(ChainError::WrongDigest(uri.to_owned()));
        }
        self.used.insert(uri);
        Ok(*actual)
    }
}

fn read_result(document: &[u8], chain_uri: &str) -> Option<ChainResult> {
    let root = read_root(document, "HashChainResult")?;
    let reference = root.attribute("URI")?.to_owned();
    // The result names its chain outright; steps may leave the name away.
    if !reference.starts_with(chain_uri) {
        return None;
    }
    let [method, value] = root.children.as_slice() else {
        return None;
    };
    is_sha512(method, XML_SIGNATURE, "DigestMethod").then_some(())?;
    Some(ChainResult {
        reference,
        digest: read_digest(value)?,
    })
}

fn read_steps(document: &[u8]) -> Option<BTreeMap<String, Vec<Item>>> {
    let root = read_root(document, "HashChain")?;
    let (method, steps) = root.children.split_first()?;
    is_sha512(method, HASH_CHAIN, "DefaultDigestMethod").then_some(())?;
    let mut read = BTreeMap::new();
    for step in steps {
        let is_step = step.is(HASH_CHAIN, "HashStep") && step.has_no_text();
        is_step.then_some(())?;
        let items = step
            .children
            .iter()
            .map(read_item)
            .collect::<Option<Vec<_>>>()?;
        let is_new = read
            .insert(step.attribute("id")?.to_owned(), items)
            .is_none();
        is_new.then_some(())?;
    }
    Some(read)
}

fn read_root(document: &[u8], name: &str) -> Option<Element> {
    if document.len() > MAX_DOCUMENT_LEN {
        return None;
    }
    let root = Element::read(document)?;
    (root.is(HASH_CHAIN, name) && root.has_no_text()).then_some(root)
}

fn read_item(element: &Element) -> Option<Item> {
    if element.namespace != HASH_CHAIN || !element.has_no_text() {
        return None;
    }
    // An entry may name its algorithm, the default notwithstanding. Transforms are not supported.
    let value = match element.children.as_slice() {
        [method, rest @ ..] if method.is(XML_SIGNATURE, "DigestMethod") => {
            is_sha512(method, XML_SIGNATURE, "DigestMethod").then_some(rest)?
        }
        all => all,
    };
    let digest = match value {
        [] => None,
        [value] => Some(read_digest(value)?),
        _ => return None,
    };
    let uri = element.attribute("URI").map(str::to_owned);
    match (element.name.as_str(), uri, digest) {
        ("StepRef", Some(uri), None) => Some(Item::StepRef(uri)),
        ("DataRef", Some(uri), stated) => Some(Item::DataRef { uri, stated }),
        ("HashValue", None, Some(digest)) => Some(Item::HashValue(digest)),
        _ => None,
    }
}

fn is_sha512(element: &Element, namespace: &str, name: &str) -> bool {
    element.is(namespace, name) && element.attribute("Algorithm") == Some(SHA512_URI)
}

fn read_digest(element: &Element) -> Option<Sha512> {
    if !element.is(XML_SIGNATURE, "DigestValue") || !element.children.is_empty() {
        return None;
    }
    let text: String = element
        .text
        .chars()
        .filter(|character| !is_blank(*character))
        .collect();
    Sha512::from_base64(text.as_bytes())
}
