//! A message in the hands of the proxies: its head, its body, and the digests of both.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use sim_clock::UtcTime;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::identifiers::{ClientId, ServiceId};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{ChainForm, HashChain, Leaf};
use sim_evidence::signature::MessageSignature;
use sim_message_log::{Direction, LoggedBody, LoggedChain, MessageRecord, Side};

use crate::fault::refuse;
use crate::transport::multipart::MessageParts;

/// Bytes that are read and thrown away of a request that was refused before its end.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// How long that may take.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);

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
#[error("the header `{0}` is not UTF-8")]
pub(crate) struct HeaderNotText(String);

/// A message: head, body, and the leaf that a signature covers.
pub(crate) struct Message<Head> {
    pub(crate) head: Head,
    pub(crate) body: Option<Bytes>,
    pub(crate) leaf: Leaf,
}

/// What proves a message, in the form that is logged.
pub(crate) struct Evidence {
    /// The signature document.
    pub(crate) signature: Bytes,
    /// What leads from the document to the message, where they are not bound directly.
    pub(crate) chain: Option<LoggedChain>,
}

/// What both kinds of message head have.
pub(crate) trait Head {
    /// Which way such a message goes.
    const DIRECTION: Direction;

    /// The bytes that are signed, sent and logged.
    fn serialised(&self) -> &Bytes;
    /// The message ID.
    fn id(&self) -> &str;
    /// The UUID of the exchange.
    fn request_id(&self) -> &str;
    /// Who asks.
    fn client(&self) -> &ClientId;
    /// What is asked.
    fn service(&self) -> &ServiceId;
}

macro_rules! head {
    ($kind:ty, $direction:ident) => {
        impl Head for $kind {
            const DIRECTION: Direction = Direction::$direction;

            fn serialised(&self) -> &Bytes {
                &self.serialised
            }
            fn id(&self) -> &str {
                &self.id
            }
            fn request_id(&self) -> &str {
                &self.request_id
            }
            fn client(&self) -> &ClientId {
                &self.client
            }
            fn service(&self) -> &ServiceId {
                &self.service
            }
        }
    };
}

head!(RestRequest, Request);
head!(RestResponse, Response);

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

impl<H: Head> Message<H> {
    /// Digests head and body.
    pub(crate) fn new(head: H, body: Option<Bytes>) -> Self {
        let leaf = Leaf {
            message: Sha512::of(head.serialised()),
            attachment: body.as_ref().map(|body| Sha512::of(body)),
        };
        Self { head, body, leaf }
    }

    /// What travels of the message once it is signed.
    pub(crate) fn parts<'a>(
        &'a self,
        ocsp_responses: &'a [Bytes],
        signature: &'a MessageSignature,
    ) -> MessageParts<'a> {
        MessageParts {
            ocsp_responses,
            head: self.head.serialised(),
            body: self.body.as_deref(),
            hash_chain: signature
                .chain
                .as_ref()
                .map(|chain| (&chain.result[..], &chain.chain[..])),
            signature: &signature.document,
        }
    }

    /// What a server logs of the message that stands on `side`.
    pub(crate) fn record(&self, side: Side, evidence: Evidence, now: UtcTime) -> MessageRecord {
        let client = self.head.client().to_encoded();
        let provider = self.head.service().provider().to_encoded();
        let (own_party, peer_party) = match side {
            Side::Consumer => (client, provider),
            Side::Provider => (provider, client),
        };
        MessageRecord {
            side,
            direction: H::DIRECTION,
            message_id: self.head.id().to_owned(),
            request_id: self.head.request_id().to_owned(),
            own_party,
            peer_party,
            head: self.head.serialised().clone(),
            body: self.body.clone().map(LoggedBody::from),
            signature: evidence.signature,
            chain: evidence.chain,
            logged_at: now,
        }
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

// === impl Evidence ===

impl Evidence {
    /// Of a message that this server signed: its chains are always of the compact form.
    pub(crate) fn own(signature: &MessageSignature) -> Self {
        Self {
            signature: signature.document.clone(),
            chain: signature
                .chain
                .as_ref()
                .map(|_| LoggedChain::Compact(signature.path.clone())),
        }
    }

    /// Of a message that was received and verified: compactly, where the chain is the one that
    /// this server would write.
    pub(crate) fn verified(
        signature: Bytes,
        chain: Option<HashChain>,
        form: Option<ChainForm>,
    ) -> Self {
        let chain = match (chain, form) {
            (Some(_), Some(ChainForm::Compact(path))) => Some(LoggedChain::Compact(path)),
            (Some(chain), _) => Some(LoggedChain::Verbatim(chain)),
            (None, _) => None,
        };
        Self { signature, chain }
    }
}

// === functions ===

/// Reads a whole body; none where the stream is empty from the start.
pub(crate) async fn read_body(
    body: &mut Incoming,
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

/// Reads on and forgets, within limits, so that who is still sending gets to see the refusal: a
/// connection that is closed with unread bytes is reset, and the answer may go with it.
pub(crate) async fn discard(body: &mut Incoming) {
    let reading = async {
        let mut left = MAX_DISCARDED_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else {
                break;
            };
            left = rest;
        }
    };
    // Who takes longer is cut off.
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, reading).await;
}

/// The headers as text, in order.
pub(crate) fn header_list(headers: &HeaderMap) -> Result<Vec<(&str, &str)>, HeaderNotText> {
    headers
        .iter()
        .map(
            |(name, value)| match std::str::from_utf8(value.as_bytes()) {
                Ok(value) => Ok((name.as_str(), value)),
                Err(_) => Err(HeaderNotText(name.to_string())),
            },
        )
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
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
