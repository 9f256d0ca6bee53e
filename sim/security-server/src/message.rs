//! A message in the hands of the proxies: its head, its body, and the digests of both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sim_clock::UtcTime;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::identifiers::{ClientId, ServiceId};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{ChainForm, HashChain, Leaf};
use sim_evidence::signature::MessageSignature;
use sim_http1::{BodyError, Headers};
use sim_message_log::{Direction, LoggedBody, LoggedChain, MessageRecord, Side};

use crate::fault::refuse;
use crate::transport::multipart::MessageParts;

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
            body: self.body.as_ref(),
            hash_chain: signature
                .chain
                .as_ref()
                .map(|chain| (&chain.result, &chain.chain)),
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

/// The fault of the proxy that was reading a body.
pub(crate) fn body_refused(error: &BodyError, side: impl FnOnce(Reason) -> FaultCode) -> Fault {
    let reason = match error {
        BodyError::TooLarge(_) => Reason::BodyTooLarge,
        BodyError::Broken(_) | BodyError::Malformed(_) | BodyError::TimedOut => Reason::IoError,
    };
    refuse(side(reason), error)
}

/// The headers as text, in order.
pub(crate) fn header_list(headers: &Headers) -> Result<Vec<(&str, &str)>, HeaderNotText> {
    let lines = headers.iter();
    lines
        .map(|(name, value)| match str::from_utf8(value) {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(HeaderNotText(name.to_owned())),
        })
        .collect()
}
