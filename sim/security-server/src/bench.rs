//! A message between security servers, written and read again: for the benchmarks alone, which
//! measure a step that nobody outside this crate can take.

use bytes::Bytes;
use sim_evidence::hash_chain::HashChain;
use sim_http1::Headers;

use crate::transport::multipart::{MessageParts, OutgoingMessage, RequestHeaders, parse_request};

/// What a request is made of.
pub struct Request {
    /// The serialised REST message.
    pub head: Bytes,
    /// Its body.
    pub body: Bytes,
    /// What leads from the signature to it.
    pub chain: HashChain,
    /// The signature document.
    pub signature: Bytes,
}

/// A request as it was written.
pub struct Written(OutgoingMessage);

/// A request as it comes in: header lines, and a body in one buffer.
pub struct Received {
    headers: Headers,
    body: Bytes,
}

// === impl Request ===

impl Request {
    /// Writes it, as part of the exchange with this UUID.
    #[must_use]
    pub fn write(&self, request_id: &str) -> Written {
        let headers = RequestHeaders {
            request_id,
            original_content_type: "application/json",
        };
        let parts = MessageParts {
            ocsp_responses: &[],
            head: &self.head,
            body: Some(&self.body),
            hash_chain: Some((&self.chain.result, &self.chain.chain)),
            signature: &self.signature,
        };
        Written(OutgoingMessage::request(&headers, &parts))
    }
}

// === impl Written ===

impl Written {
    /// The request at the other server, as its HTTP library hands it over.
    #[must_use]
    pub fn into_received(self) -> Received {
        let headers: Vec<(&str, &[u8])> = self
            .0
            .headers()
            .map(|(name, value)| (name, value.as_bytes()))
            .collect();
        Received {
            headers: Headers::of(&headers),
            body: self.0.body().concat().into(),
        }
    }
}

// === impl Received ===

impl Received {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(&self) -> Result<Request, String> {
        let parts = parse_request(&self.headers, &self.body).map_err(|error| error.to_string())?;
        let (result, chain) = parts.hash_chain.ok_or("no hash chain")?;
        Ok(Request {
            head: parts.head,
            body: parts.body.ok_or("no body")?,
            chain: HashChain { result, chain },
            signature: parts.signature,
        })
    }
}
