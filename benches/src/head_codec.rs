//! Heads of messages: written by one security server, read by the other, digested by both.

use bytes::Bytes;
use sim_domain::rest::{MessageError, RequestError, RestRequest, RestResponse};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;

use crate::exchange;

/// One exchange, before and after serialising.
pub struct HeadCodec {
    request_headers: Vec<(String, String)>,
    request_id: String,
    response_headers: Vec<(String, String)>,
    request_body: String,
    request_hash: String,
    request: RestRequest,
    response: RestResponse,
}

impl HeadCodec {
    /// Prepares an exchange.
    #[must_use]
    pub fn new() -> Self {
        let request = exchange::request(0);
        let request_hash = exchange::leaf(0).digest().to_base64();
        Self {
            request_headers: exchange::request_headers(0),
            request_id: exchange::request_id(0),
            response_headers: exchange::response_headers(),
            request_body: exchange::request_body(0),
            response: exchange::response(&request, &request_hash),
            request_hash,
            request,
        }
    }

    /// The message that the client's HTTP request becomes.
    ///
    /// # Errors
    ///
    /// None, unless something is broken; so below.
    pub fn write_request(&self) -> Result<RestRequest, RequestError> {
        RestRequest::from_parts(
            exchange::VERB,
            exchange::TARGET,
            &self.request_headers,
            &self.request_id,
            String::new,
        )
    }

    /// The request, read by the other server.
    ///
    /// # Errors
    ///
    /// See [`Self::write_request`].
    pub fn read_request(&self) -> Result<RestRequest, MessageError> {
        RestRequest::parse(Bytes::clone(&self.request.serialised))
    }

    /// The message that the service's HTTP answer becomes.
    #[must_use]
    pub fn write_response(&self) -> RestResponse {
        let (headers, hash) = (&self.response_headers, &self.request_hash);
        RestResponse::from_parts(200, "OK", headers, &self.request, hash)
    }

    /// The response, read by the other server.
    ///
    /// # Errors
    ///
    /// See [`Self::write_request`].
    pub fn read_response(&self) -> Result<RestResponse, MessageError> {
        RestResponse::parse(Bytes::clone(&self.response.serialised))
    }

    /// The leaf's digest of the request: of its head, of its body, and of the list of both.
    #[must_use]
    pub fn digest_request(&self) -> Sha512 {
        let leaf = Leaf {
            message: Sha512::of(&self.request.serialised),
            attachment: Some(Sha512::of(self.request_body.as_bytes())),
        };
        leaf.digest()
    }
}

impl Default for HeadCodec {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::HeadCodec;
    use crate::exchange;

    #[test]
    fn what_is_read_is_what_was_written() {
        let codec = HeadCodec::new();
        let request = codec.write_request().unwrap();
        assert_eq!(request.client.to_encoded(), exchange::CLIENT);
        assert_eq!(request.service_path, "/liveness");
        assert_eq!(request.id, exchange::message_id(0));
        assert_eq!(codec.read_request().unwrap(), request);
        let response = codec.write_response();
        assert_eq!(codec.read_response().unwrap(), response);
        response
            .check_answers(&request, &codec.digest_request().to_base64())
            .unwrap();
    }
}
