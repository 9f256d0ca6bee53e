//! Hash chain documents that were kept byte for byte: evaluated as the XML they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{SHA512_URI, SIGNATURE_CHAIN, digest_list};
use crate::digest::Digest;
use crate::xml::{self, Element, Xml};

/// Namespace of hash chains.
const HASH_CHAIN: &str = "http://cyber.ee/hashchain";

/// The most steps that are followed: a tree over any batch has a few dozen levels. A chain whose
/// steps refer to one another would otherwise never end.
const MAX_STEPS: usize = 256;

/// What a message's hash chain must cover.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    /// `/message.xml`
    pub(crate) head: &'a Digest,
    /// `/attachment1`, where there is one.
    pub(crate) body: Option<&'a Digest>,
}

/// Why a hash chain proves nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChainFault(pub(crate) String);

/// The evaluation of one chain document.
struct Evaluation<'a, 'x> {
    xml: &'x Xml<'x>,
    parts: Parts<'a>,
    head_used: bool,
    body_used: bool,
    steps_left: usize,
}

/// Recomputes the result from the chain and holds it against the result document.
pub(crate) fn verify_documents(
    result: &[u8],
    chain: &[u8],
    parts: Parts<'_>,
) -> Result<(), ChainFault> {
    let result = Xml::parse(result).map_err(fault)?;
    let root = result.root(HASH_CHAIN, "HashChainResult").map_err(fault)?;
    let uri = root.attribute("URI").map_err(fault)?;
    require_sha512(root.child(xml::XMLDSIG, "DigestMethod").map_err(fault)?)?;
    let claimed = digest_value(root)?;
    let step = uri
        .strip_prefix(SIGNATURE_CHAIN)
        .and_then(|fragment| fragment.strip_prefix('#'))
        .ok_or_else(|| ChainFault(format!("the result is of {uri}")))?;
    let chain = Xml::parse(chain).map_err(fault)?;
    let mut evaluation = Evaluation {
        xml: &chain,
        parts,
        head_used: false,
        body_used: false,
        steps_left: MAX_STEPS,
    };
    let computed = evaluation.step(step)?;
    if computed != claimed {
        return Err(ChainFault("the steps lead to another result".to_owned()));
    }
    if !evaluation.head_used || evaluation.body_used != parts.body.is_some() {
        return Err(ChainFault(
            "a part of the message is not covered".to_owned(),
        ));
    }
    Ok(())
}

impl Evaluation<'_, '_> {
    /// The digest of the step `id`.
    fn step(&mut self, id: &str) -> Result<Digest, ChainFault> {
        let Some(steps_left) = self.steps_left.checked_sub(1) else {
            return Err(ChainFault("its steps do not end".to_owned()));
        };
        self.steps_left = steps_left;
        let root = self.xml.root(HASH_CHAIN, "HashChain").map_err(fault)?;
        require_sha512(
            root.child(HASH_CHAIN, "DefaultDigestMethod")
                .map_err(fault)?,
        )?;
        let mut steps = root.children(HASH_CHAIN, "HashStep");
        let mut named = steps.by_ref().filter(|step| step.attribute("id") == Ok(id));
        let (Some(step), None) = (named.next(), named.next()) else {
            return Err(ChainFault(format!("not exactly one step {id}")));
        };
        let digests = step
            .elements()
            .map(|value| self.value(value))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(digest_list(&digests))
    }

    fn value(&mut self, value: Element<'_>) -> Result<Digest, ChainFault> {
        match value.name_in(HASH_CHAIN) {
            Some("HashValue") => digest_value(value),
            Some("StepRef") => {
                let uri = value.attribute("URI").map_err(fault)?;
                let id = uri.strip_prefix('#');
                self.step(id.ok_or_else(|| ChainFault(format!("a step {uri}")))?)
            }
            Some("DataRef") => self.part(value),
            _ => Err(ChainFault("a step holds what no step can".to_owned())),
        }
    }

    /// A part of the message; what the document says of it must be what it is.
    fn part(&mut self, reference: Element<'_>) -> Result<Digest, ChainFault> {
        let uri = reference.attribute("URI").map_err(fault)?;
        let (digest, used) = match uri {
            "/message.xml" => (Some(self.parts.head), &mut self.head_used),
            "/attachment1" => (self.parts.body, &mut self.body_used),
            _ => return Err(ChainFault(format!("the message has no part {uri}"))),
        };
        let digest = digest.ok_or_else(|| ChainFault("the message has no body".to_owned()))?;
        if digest_value(reference)? != *digest {
            return Err(ChainFault(format!("{uri} has another digest")));
        }
        *used = true;
        Ok(*digest)
    }
}

fn require_sha512(method: Element<'_>) -> Result<(), ChainFault> {
    match method.attribute("Algorithm") {
        Ok(SHA512_URI) => Ok(()),
        _ => Err(ChainFault("its digest algorithm is not SHA-512".to_owned())),
    }
}

/// The digest within `element`; an own algorithm, if it has one, must be the common one.
fn digest_value(element: Element<'_>) -> Result<Digest, ChainFault> {
    if let Ok(method) = element.child(xml::XMLDSIG, "DigestMethod") {
        require_sha512(method)?;
    }
    let text = element
        .child(xml::XMLDSIG, "DigestValue")
        .map_err(fault)?
        .text();
    let bytes = BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| Digest::try_from(bytes).ok());
    bytes.ok_or_else(|| ChainFault("a digest is no SHA-512 digest".to_owned()))
}

fn fault(error: xml::XmlFault) -> ChainFault {
    ChainFault(error.0)
}
