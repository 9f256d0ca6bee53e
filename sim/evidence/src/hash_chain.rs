//! Hash chains: how one signature, or one time-stamp, covers many messages.
//!
//! The messages of a batch are the leaves of a [`HashTree`]; the signature is over its top, and
//! each message travels with a [`HashChain`] that leads from its own digest to that top. The
//! documents written here are those of `docs/log-format.md`, section "Compact chains"; those read
//! may be any that X-Road's hash chain schema (namespace `http://cyber.ee/hashchain`) allows, with
//! SHA-512.

mod compact;
mod interpret;
mod memo;
mod tree;
mod xml;

use std::collections::BTreeMap;

use bytes::Bytes;

pub use compact::{message_chain, time_stamp_chain};
pub(crate) use compact::{message_result, message_steps};
pub use interpret::{AbsentParts, ChainError, verify_parts};
pub use memo::PairMemo;
pub use tree::{HashTree, Side, Step, TreePath, digest_list};

use crate::digest::Sha512;

/// What signatures and hash chains call a message's head.
pub const MESSAGE_URI: &str = "/message.xml";

/// What hash chains call a message's body.
pub const ATTACHMENT_URI: &str = "/attachment1";

/// What time-stamp chains call a signature document.
pub const SIGNATURE_URI: &str = "/META-INF/signatures.xml";

/// What signatures call a hash chain's result.
pub const MESSAGE_RESULT_URI: &str = "/sig-hashchainresult.xml";

/// What the result of a message's chain calls the chain.
pub const MESSAGE_CHAIN_URI: &str = "/sig-hashchain.xml";

/// What the result of a time-stamp's chain calls the chain.
pub const TIME_STAMP_CHAIN_URI: &str = "/ts-hashchain.xml";

/// The digests of one message's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leaf {
    /// Digest of the head: the serialised request or response.
    pub message: Sha512,
    /// Digest of the body, where there is one.
    pub attachment: Option<Sha512>,
}

/// The two XML documents that bind a leaf to the top of its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashChain {
    /// `HashChainResult`: the top, and where in the chain it is computed. Its exact bytes are what
    /// the signature or the time-stamp is over.
    pub result: Bytes,
    /// `HashChain`: the steps.
    pub chain: Bytes,
}

/// How a verified chain can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainForm {
    /// Both documents are exactly what [`message_chain`] writes for this path.
    Compact(TreePath),
    /// The documents have another form; only their bytes will do.
    Verbatim,
}

impl Leaf {
    /// The leaf's digest: that of the head, or the list of head and body.
    #[must_use]
    pub fn digest(&self) -> Sha512 {
        match self.attachment {
            None => self.message,
            Some(attachment) => digest_list(&[self.message, attachment]),
        }
    }
}

/// Whether `chain` leads from `leaf` to the result that it states.
///
/// The caller compares the digest of `chain.result` with what the signature is over. `memo` spares
/// computing what the chains of a batch have in common.
///
/// # Errors
///
/// See [`ChainError`]; a chain that names a part the leaf does not have is refused too.
pub fn verify_chain(
    chain: &HashChain,
    leaf: &Leaf,
    memo: &PairMemo,
) -> Result<ChainForm, ChainError> {
    if let Some(path) = compact::path_of(chain, leaf, memo) {
        return Ok(ChainForm::Compact(path));
    }
    let mut parts = BTreeMap::from([(MESSAGE_URI, leaf.message)]);
    parts.extend(leaf.attachment.map(|digest| (ATTACHMENT_URI, digest)));
    verify_parts(chain, MESSAGE_CHAIN_URI, &parts, AbsentParts::Refused)?;
    Ok(ChainForm::Verbatim)
}

/// Whether `chain` leads from a signature document's digest to the result that it states.
///
/// The caller compares the digest of `chain.result` with the imprint of the token.
///
/// # Errors
///
/// See [`ChainError`].
pub fn verify_time_stamp_chain(
    chain: &HashChain,
    signature_document: Sha512,
) -> Result<(), ChainError> {
    let parts = BTreeMap::from([(SIGNATURE_URI, signature_document)]);
    verify_parts(chain, TIME_STAMP_CHAIN_URI, &parts, AbsentParts::Refused)
}

#[cfg(test)]
mod tests;
