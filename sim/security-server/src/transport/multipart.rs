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
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use sim_domain::fault::{Dialect, Fault, SOAP_CONTENT_TYPE};
use sim_domain::headers;

pub(crate) use decoding::{parse_answer, parse_request};
pub(crate) use error::MultipartError;

/// The digest algorithm of hash chains, signatures and request hashes, by the name that the
/// transport's header gives it.
const HASH_ALGORITHM: HeaderValue = HeaderValue::from_static("SHA-512");
/// The X-Road version whose rules this server follows. Peers may refuse senders below a minimum.
const PROXY_VERSION: HeaderValue = HeaderValue::from_static("7.8.0");

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
    pub(crate) head: &'a [u8],
    /// The body, where the message has one (which may be empty).
    pub(crate) body: Option<&'a [u8]>,
    /// The two documents that lead from a batch signature to this message.
    pub(crate) hash_chain: Option<(&'a [u8], &'a [u8])>,
    /// The signature document.
    pub(crate) signature: &'a [u8],
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
    headers: HeaderMap,
    body: Bytes,
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
        let mut set = |name: &'static str, value: HeaderValue| {
            message.headers.insert(HeaderName::from_static(name), value);
        };
        set(headers::PROXY_VERSION, PROXY_VERSION);
        set(
            headers::MESSAGE_TYPE,
            HeaderValue::from_static(headers::MESSAGE_TYPE_REST),
        );
        set(
            headers::ORIGINAL_CONTENT_TYPE,
            header_value(headers.original_content_type),
        );
        set(headers::REQUEST_ID, header_value(headers.request_id));
        message
    }

    /// A response of these parts.
    pub(crate) fn response(parts: &MessageParts<'_>) -> Self {
        Self::of(REST_RESPONSE, parts)
    }

    fn of(head_type: &'static str, parts: &MessageParts<'_>) -> Self {
        let mut list: Vec<(&str, &[u8])> = Vec::with_capacity(parts.ocsp_responses.len() + 5);
        list.extend(
            parts
                .ocsp_responses
                .iter()
                .map(|der| (OCSP_RESPONSE, der.as_ref())),
        );
        list.push((head_type, parts.head));
        list.extend(parts.body.map(|body| (REST_BODY, body)));
        if let Some((result, chain)) = parts.hash_chain {
            list.extend([(HASH_CHAIN_RESULT, result), (HASH_CHAIN, chain)]);
        }
        list.push((SIGNATURE, parts.signature));
        let boundary = framing::boundary();
        let content_type = format!("multipart/mixed; charset=UTF-8; boundary={boundary}");
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, header_value(&content_type));
        headers.insert(
            HeaderName::from_static(headers::HASH_ALGORITHM),
            HASH_ALGORITHM,
        );
        Self {
            headers,
            body: framing::write(&boundary, &list),
        }
    }

    /// The headers, without those that the HTTP library sets.
    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The multipart body.
    pub(crate) const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The message as the answer to a peer's request.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.headers_mut() = self.headers;
        response
    }
}

/// The plain reply that carries `fault`: status 200 and a SOAP fault, for REST messages too.
pub(crate) fn fault_response(fault: &Fault, dialect: Dialect) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(fault.to_soap(dialect).into()));
    *response.status_mut() = StatusCode::OK;
    let content_type = HeaderValue::from_static(SOAP_CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// `text` as a header value; empty where it cannot be one, which a client's own header always can.
fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests;
