//! A message between security servers as a multipart body.
//!
//! Parts, in this order (PR-MESSTRANSP): the OCSP responses for the sender's authentication
//! certificate (requests only), the serialised REST message, its body if it has one, hash chain
//! result and hash chain if the message was signed together with others, and the signature
//! document. A server that could not do what was asked answers with a SOAP fault instead: as a
//! plain reply, or as a part where the multipart had already begun.

mod decoding;
mod error;
pub(super) mod framing;

use bytes::Bytes;
use sim_domain::fault::{Dialect, Fault, SOAP_CONTENT_TYPE};
use sim_domain::headers;
use sim_http1::Answer;

pub(crate) use decoding::{parse_answer, parse_request};
pub(crate) use error::MultipartError;

/// The digest algorithm of hash chains, signatures and request hashes, by the name that the
/// transport's header gives it.
const HASH_ALGORITHM: &str = "SHA-512";
/// The X-Road version whose rules this server follows. Peers may refuse senders below a minimum.
const PROXY_VERSION: &str = "7.8.0";

const CONTENT_TYPE: &str = "content-type";
/// The status of every answer that is a message or a fault.
const OK: u16 = 200;

const OCSP_RESPONSE: &str = "application/ocsp-response";
const REST_REQUEST: &str = "application/x-road-rest-request";
const REST_RESPONSE: &str = "application/x-road-rest-response";
const REST_BODY: &str = "application/x-road-rest-body";
const HASH_CHAIN_RESULT: &str = "application/hash-chain-result";
const HASH_CHAIN: &str = "application/hash-chain";
const SIGNATURE: &str = "signature/bdoc-1.0/ts";
const FAULT: &str = "text/xml";

/// What a message is made of. The hash chain is its result document and the chain itself.
pub(crate) struct MessageParts<'a> {
    /// OCSP responses for the sender's authentication certificate; empty in a response.
    pub(crate) ocsp_responses: &'a [Bytes],
    /// The serialised REST request or response.
    pub(crate) head: &'a Bytes,
    /// The body, where the message has one (which may be empty).
    pub(crate) body: Option<&'a Bytes>,
    /// The two documents that lead from a batch signature to this message.
    pub(crate) hash_chain: Option<(&'a Bytes, &'a Bytes)>,
    /// The signature document.
    pub(crate) signature: &'a Bytes,
}

/// The headers of a request that depend on its message.
pub(crate) struct RequestHeaders<'a> {
    /// The UUID of the exchange, as in the message.
    pub(crate) request_id: &'a str,
    /// The client's content type; empty where it sent none.
    pub(crate) original_content_type: &'a str,
}

/// A message ready to be sent. Clones share the bytes.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingMessage {
    /// Without those that framing needs.
    headers: Vec<(&'static str, String)>,
    /// The multipart body, in pieces.
    body: Vec<Bytes>,
}

/// The parts of a request that was received; slices of one buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestParts {
    /// OCSP responses for the sender's authentication certificate.
    pub(crate) ocsp_responses: Vec<Bytes>,
    /// The serialised REST request.
    pub(crate) head: Bytes,
    /// The request's body, where it has one.
    pub(crate) body: Option<Bytes>,
    /// Hash chain result and hash chain.
    pub(crate) hash_chain: Option<(Bytes, Bytes)>,
    /// The signature document.
    pub(crate) signature: Bytes,
}

/// The parts of a response that was received; slices of one buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AnswerParts {
    /// The serialised REST response.
    pub(crate) head: Bytes,
    /// The response's body, where it has one.
    pub(crate) body: Option<Bytes>,
    /// Hash chain result and hash chain.
    pub(crate) hash_chain: Option<(Bytes, Bytes)>,
    /// The signature document.
    pub(crate) signature: Bytes,
}

/// What a peer's answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParsedAnswer {
    /// A response message.
    Message(AnswerParts),
    /// The peer could not do what was asked. Its code is passed on as it is.
    Fault(Box<Fault>),
}

// === impl OutgoingMessage ===

impl OutgoingMessage {
    /// A request of these parts.
    pub(crate) fn request(headers: &RequestHeaders<'_>, parts: &MessageParts<'_>) -> Self {
        let mut message = Self::of(REST_REQUEST, parts);
        let content_type = headers.original_content_type;
        message.headers.extend([
            (headers::PROXY_VERSION, PROXY_VERSION.to_owned()),
            (headers::MESSAGE_TYPE, headers::MESSAGE_TYPE_REST.to_owned()),
            (headers::ORIGINAL_CONTENT_TYPE, content_type.to_owned()),
            (headers::REQUEST_ID, headers.request_id.to_owned()),
        ]);
        message
    }

    /// A response of these parts.
    pub(crate) fn response(parts: &MessageParts<'_>) -> Self {
        Self::of(REST_RESPONSE, parts)
    }

    fn of(head_type: &'static str, parts: &MessageParts<'_>) -> Self {
        let mut list: Vec<(&str, &Bytes)> = Vec::with_capacity(parts.ocsp_responses.len() + 5);
        list.extend(parts.ocsp_responses.iter().map(|der| (OCSP_RESPONSE, der)));
        list.push((head_type, parts.head));
        list.extend(parts.body.map(|body| (REST_BODY, body)));
        if let Some((result, chain)) = parts.hash_chain {
            list.extend([(HASH_CHAIN_RESULT, result), (HASH_CHAIN, chain)]);
        }
        list.push((SIGNATURE, parts.signature));
        let boundary = framing::boundary();
        let content_type = format!("multipart/mixed; charset=UTF-8; boundary={boundary}");
        let mut headers = Vec::with_capacity(6);
        headers.extend([
            (CONTENT_TYPE, content_type),
            (headers::HASH_ALGORITHM, HASH_ALGORITHM.to_owned()),
        ]);
        Self {
            headers,
            body: framing::write(&boundary, &list),
        }
    }

    /// The headers, without those that framing needs.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (*name, value.as_str()))
    }

    /// The multipart body, in pieces to be sent one behind the other.
    pub(crate) fn body(&self) -> &[Bytes] {
        &self.body
    }

    /// The message as the answer to a peer's request.
    pub(crate) fn into_answer(self) -> Answer {
        let mut answer = Answer::new(OK);
        for (name, value) in self.headers() {
            set(&mut answer, name, value);
        }
        answer.with_body(self.body)
    }
}

/// The plain reply that carries `fault`: status 200 and a SOAP fault, for REST messages too.
pub(crate) fn fault_answer(fault: &Fault, dialect: Dialect) -> Answer {
    let mut answer = Answer::new(OK);
    set(&mut answer, CONTENT_TYPE, SOAP_CONTENT_TYPE);
    answer.with_body(vec![fault.to_soap(dialect).into()])
}

/// Adds a header; left out where it cannot be one, which what is set here always can.
fn set(answer: &mut Answer, name: &str, value: &str) {
    if let Err(error) = answer.header(name, value.as_bytes()) {
        tracing::error!(%error, "a header was left out");
    }
}

#[cfg(test)]
mod tests;
