//! A message in the hands of the proxies: its head, its body, and the digests of both.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{ChainForm, HashChain, Leaf};
use sim_evidence::signature::MessageSignature;
use sim_message_log::LoggedChain;

use crate::fault::refuse;
use crate::transport::multipart::MessageParts;

/// Why a body was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// More bytes than the limit.
    #[error("the body holds more than {0} bytes")]
    TooLarge(usize),
    /// The connection ended in the middle.
    #[error("the body broke off: {0}")]
    Broken(String),
    /// Too slow.
    #[error("the body did not arrive in time")]
    TimedOut,
}

/// Why a header cannot become part of a message.
#[derive(Debug, thiserror::Error)]
#[error("the header `{0}` is not text")]
pub(crate) struct HeaderNotText(String);

/// A message: head, body, and the leaf that a signature covers.
pub(crate) struct Message<Head> {
    pub(crate) head: Head,
    pub(crate) body: Option<Bytes>,
    pub(crate) leaf: Leaf,
}

/// What both kinds of message head have: the bytes that are signed, sent and logged.
pub(crate) trait Serialised {
    fn serialised(&self) -> &Bytes;
}

impl Serialised for RestRequest {
    fn serialised(&self) -> &Bytes {
        &self.serialised
    }
}

impl Serialised for RestResponse {
    fn serialised(&self) -> &Bytes {
        &self.serialised
    }
}

// === impl BodyError ===

impl BodyError {
    /// The fault of the proxy that was reading.
    pub(crate) fn refused(&self, side: impl FnOnce(Reason) -> FaultCode) -> Fault {
        let reason = match self {
            Self::TooLarge(_) => Reason::BodyTooLarge,
            Self::Broken(_) | Self::TimedOut => Reason::IoError,
        };
        refuse(side(reason), self)
    }
}

// === impl Message ===

impl<Head: Serialised> Message<Head> {
    /// Digests head and body.
    pub(crate) fn new(head: Head, body: Option<Bytes>) -> Self {
        let leaf = Leaf {
            message: Sha512::of(head.serialised()),
            attachment: body.as_ref().map(|body| Sha512::of(body)),
        };
        Self { head, body, leaf }
    }
}

impl Message<RestRequest> {
    /// `X-Road-Request-Hash`: base64 of the head's digest, or of the digest of both digests where
    /// there is a body (PR-REST, 4.3).
    pub(crate) fn hash(&self) -> String {
        let digest = match &self.leaf.attachment {
            None => self.leaf.message,
            Some(body) => Sha512::of_parts(&[self.leaf.message.as_bytes(), body.as_bytes()]),
        };
        STANDARD.encode(digest.as_bytes())
    }
}

// === functions ===

/// Reads a whole body; none where the stream is empty from the start.
pub(crate) async fn read_body(
    body: Incoming,
    max_bytes: usize,
    within: Duration,
) -> Result<Option<Bytes>, BodyError> {
    if body.is_end_stream() {
        return Ok(None);
    }
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(BodyError::TooLarge(max_bytes));
    }
    let collected = tokio::time::timeout(within, Limited::new(body, max_bytes).collect())
        .await
        .map_err(|_| BodyError::TimedOut)?
        .map_err(|error| match error.downcast::<LengthLimitError>() {
            Ok(_) => BodyError::TooLarge(max_bytes),
            Err(error) => BodyError::Broken(error.to_string()),
        })?;
    Ok(Some(collected.to_bytes()).filter(|body| !body.is_empty()))
}

/// The headers as text, in order.
pub(crate) fn header_list(headers: &HeaderMap) -> Result<Vec<(&str, &str)>, HeaderNotText> {
    headers
        .iter()
        .map(|(name, value)| match value.to_str() {
            Ok(value) => Ok((name.as_str(), value)),
            Err(_) => Err(HeaderNotText(name.to_string())),
        })
        .collect()
}

/// Every value of one header.
pub(crate) fn header_values(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok().map(str::to_owned))
        .collect()
}

/// Bytes of all names and values.
pub(crate) fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// How the log keeps a received chain: compactly, where it is the one this server would write.
pub(crate) fn logged_chain(
    chain: Option<HashChain>,
    form: Option<ChainForm>,
) -> Option<LoggedChain> {
    match (chain, form) {
        (Some(_), Some(ChainForm::Compact(path))) => Some(LoggedChain::Compact(path)),
        (Some(chain), _) => Some(LoggedChain::Verbatim(chain)),
        (None, _) => None,
    }
}

/// What travels of a signed message.
pub(crate) fn parts<'a, Head: Serialised>(
    ocsp_responses: &'a [Bytes],
    message: &'a Message<Head>,
    signature: &'a MessageSignature,
) -> MessageParts<'a> {
    MessageParts {
        ocsp_responses,
        head: message.head.serialised(),
        body: message.body.as_deref(),
        hash_chain: signature.chain.as_ref().map(|chain| (&chain.result[..], &chain.chain[..])),
        signature: &signature.document,
    }
}
