//! Whether a signature covers the message that it was logged with.

use super::Fault;
use crate::digest::{Digest, sha512};
use crate::hash_chain::{self, Lately, Parts};
use crate::kinds;
use crate::log_records::{LoggedChain, MessageRecord};
use crate::signatures_seen::Reference;

/// What the signature references must be this message, directly or through its hash chain.
pub(super) fn check(
    message: &MessageRecord<'_>,
    parts: Parts<'_>,
    reference: Reference,
    referenced: &Digest,
    lately: &mut Lately,
) -> Result<(), Option<Fault>> {
    let another = |text: &str| Err(Some((kinds::ANOTHER_MESSAGE, text.to_owned())));
    let result = match (&message.chain, reference) {
        (None, Reference::Message) if parts.body.is_none() => *parts.head,
        (None, Reference::Message) => {
            let text = "no hash chain covers its body".to_owned();
            return Err(Some((kinds::HASH_CHAIN, text)));
        }
        (None, Reference::ChainResult) => {
            return another("its signature covers a hash chain, it has none");
        }
        (Some(_), Reference::Message) => {
            return another("it has a hash chain, its signature covers none");
        }
        (Some(LoggedChain::Compact(path)), Reference::ChainResult) => {
            let leaf = hash_chain::leaf(parts.head, parts.body);
            let top = hash_chain::top_by_path(leaf, path, lately);
            hash_chain::signature_result(top, lately)
        }
        (Some(LoggedChain::Verbatim { result, chain }), Reference::ChainResult) => {
            hash_chain::verify_documents(result, chain, parts)
                .map_err(|fault| Some((kinds::HASH_CHAIN, fault.0)))?;
            sha512(result)
        }
    };
    if result == *referenced {
        Ok(())
    } else {
        another("its signature covers something else")
    }
}
