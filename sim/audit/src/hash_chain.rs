//! Hash trees and hash chains, recomputed from what they are said to cover.
//!
//! A compact chain is turned back into the documents it stands for; documents that were kept are
//! read as XML, whatever their form.

mod documents;
mod lately;

use crate::digest::{Digest, sha512};
use crate::log_records::TreeStep;
pub(crate) use documents::{Parts, verify_documents};
pub(crate) use lately::Lately;

/// Digest algorithm of every step.
pub(crate) const SHA512_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

/// Hash chain document of a message's signature.
const SIGNATURE_CHAIN: &str = "/sig-hashchain.xml";
/// Hash chain document of a signature's time-stamp.
const TIME_STAMP_CHAIN: &str = "/ts-hashchain.xml";

/// DER of `SEQUENCE { OCTET STRING (64 bytes), UTF8String SHA512_URI, SEQUENCE {} }`, in parts.
const ITEM_HEAD: [u8; 4] = [0x30, 0x6d, 0x04, 0x40];
const URI_HEAD: [u8; 2] = [0x0c, 0x27];
const NO_TRANSFORMS: [u8; 2] = [0x30, 0x00];

/// The digest list step: one digest over several.
pub(crate) fn digest_list(digests: &[Digest]) -> Digest {
    let item = ITEM_HEAD.len() + 64 + URI_HEAD.len() + SHA512_URI.len() + NO_TRANSFORMS.len();
    let length = item * digests.len();
    let mut der = Vec::with_capacity(length + 6);
    der.push(0x30);
    match length {
        0..0x80 => der.push(length as u8),
        0x80..0x100 => der.extend([0x81, length as u8]),
        0x100..0x1_0000 => der.extend([0x82, (length >> 8) as u8, length as u8]),
        _ => der.extend([
            0x83,
            (length >> 16) as u8,
            (length >> 8) as u8,
            length as u8,
        ]),
    }
    for digest in digests {
        der.extend_from_slice(&ITEM_HEAD);
        der.extend_from_slice(digest);
        der.extend_from_slice(&URI_HEAD);
        der.extend_from_slice(SHA512_URI.as_bytes());
        der.extend_from_slice(&NO_TRANSFORMS);
    }
    sha512(&der)
}

/// The leaf of a message: its head alone, or head and body together.
pub(crate) fn leaf(head: &Digest, body: Option<&Digest>) -> Digest {
    body.map_or(*head, |body| digest_list(&[*head, *body]))
}

/// The top of the tree that `leaf` hangs in, by its siblings from the top down.
pub(crate) fn top_by_path(leaf: Digest, path: &[TreeStep], lately: &mut Lately) -> Digest {
    path.iter().rev().fold(leaf, |below, step| {
        let pair = if step.sibling_is_left {
            [step.sibling, below]
        } else {
            [below, step.sibling]
        };
        lately.nodes.get(&pair, |pair| digest_list(pair))
    })
}

/// The top of the tree over `leaves`; a single leaf of a time-stamp batch is a list of one.
pub(crate) fn top_of_batch(mut leaves: Vec<Digest>) -> Digest {
    if let [single] = leaves[..] {
        return digest_list(&[single]);
    }
    while leaves.len() > 1 {
        leaves = leaves
            .chunks(2)
            .map(|pair| {
                if let [lifted] = pair {
                    *lifted
                } else {
                    digest_list(pair)
                }
            })
            .collect();
    }
    leaves.pop().unwrap_or_else(|| digest_list(&[]))
}

/// Digest of the result document that a message's signature references.
pub(crate) fn signature_result(top: Digest, lately: &mut Lately) -> Digest {
    lately.results.get(&[top], |[top]| {
        sha512(result_document(SIGNATURE_CHAIN, top).as_bytes())
    })
}

/// Digest of the result document that a batch's token covers.
pub(crate) fn time_stamp_result(top: &Digest) -> Digest {
    sha512(result_document(TIME_STAMP_CHAIN, top).as_bytes())
}

fn result_document(chain: &str, top: &Digest) -> String {
    use base64::Engine as _;
    let top = base64::engine::general_purpose::STANDARD.encode(top);
    format!(
        "<hc:HashChainResult xmlns:hc=\"http://cyber.ee/hashchain\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" URI=\"{chain}#STEP0\">\
         <ds:DigestMethod Algorithm=\"{SHA512_URI}\"/><ds:DigestValue>{top}</ds:DigestValue>\
         </hc:HashChainResult>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_the_top_of_its_tree() {
        let leaves: Vec<Digest> = (0..5u8).map(|number| sha512(&[number])).collect();
        let pair = |one: Digest, other: Digest| digest_list(&[one, other]);
        let left = pair(pair(leaves[0], leaves[1]), pair(leaves[2], leaves[3]));
        let top = pair(left, leaves[4]);
        assert_eq!(top_of_batch(leaves.clone()), top);
        let step = |sibling_is_left, sibling| TreeStep {
            sibling_is_left,
            sibling,
        };
        let mut lately = Lately::default();
        let mut top_by_path = |leaf, path: &[TreeStep]| {
            let first = top_by_path(leaf, path, &mut lately);
            assert_eq!(first, top_by_path(leaf, path, &mut lately));
            first
        };
        assert_eq!(top_by_path(leaves[4], &[step(true, left)]), top);
        let path = [
            step(false, leaves[4]),
            step(true, pair(leaves[0], leaves[1])),
            step(false, leaves[3]),
        ];
        assert_eq!(top_by_path(leaves[2], &path), top);
        assert_ne!(top_by_path(leaves[1], &path), top);
        assert_eq!(
            top_of_batch(leaves[..1].to_vec()),
            digest_list(&leaves[..1])
        );
        assert_eq!(top_by_path(leaves[0], &[]), leaves[0]);
    }

    #[test]
    fn lengths_of_the_list_are_der() {
        // 109 bytes of content each: short form never, then one, two and three bytes of length.
        let digests = vec![[7; 64]; 700];
        let mut seen = Vec::new();
        for count in [1, 2, 3, 700] {
            seen.push(digest_list(&digests[..count]));
        }
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }
}
