//! From parts in their order to a message.

use bytes::Bytes;
use http::StatusCode;
use sim_domain::fault::Fault;
use sim_domain::headers;
use sim_http1::Headers;

use super::framing::{FramingError, Part, boundary_of, split};
use super::{
    AnswerParts, CONTENT_TYPE, FAULT, HASH_ALGORITHM, HASH_CHAIN, HASH_CHAIN_RESULT,
    MultipartError, OCSP_RESPONSE, ParsedAnswer, REST_BODY, REST_REQUEST, REST_RESPONSE,
    RequestParts, SIGNATURE,
};

/// Reads a peer's request.
pub(crate) fn parse_request(
    headers: &Headers,
    body: &Bytes,
) -> Result<RequestParts, MultipartError> {
    let parts = read_parts(headers, body)?;
    let message_type = text(headers, headers::MESSAGE_TYPE);
    if message_type != headers::MESSAGE_TYPE_REST {
        return Err(MultipartError::MessageType(message_type.to_owned()));
    }
    let mut parts = Ordered::new(parts);
    let mut ocsp_responses = Vec::new();
    while let Some(response) = parts.take(OCSP_RESPONSE) {
        ocsp_responses.push(response);
    }
    let AnswerParts {
        head,
        body,
        hash_chain,
        signature,
    } = parts.message(REST_REQUEST)?;
    Ok(RequestParts {
        ocsp_responses,
        head,
        body,
        hash_chain,
        signature,
    })
}

/// Reads a peer's answer.
pub(crate) fn parse_answer(
    status: StatusCode,
    headers: &Headers,
    body: &Bytes,
) -> Result<ParsedAnswer, MultipartError> {
    if !matches!(status, StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR) {
        return Err(MultipartError::Status(status));
    }
    if media_type(text(headers, CONTENT_TYPE)) == FAULT {
        return parse_fault(body);
    }
    let parts = read_parts(headers, body)?;
    // Only what stands last can be a fault: it says why the message was not finished.
    if let Some(last) = parts.last().filter(|part| part.media_type == FAULT)
        && parts.iter().all(|part| part.media_type != SIGNATURE)
    {
        return parse_fault(&last.content);
    }
    Ordered::new(parts)
        .message(REST_RESPONSE)
        .map(ParsedAnswer::Message)
}

fn parse_fault(content: &[u8]) -> Result<ParsedAnswer, MultipartError> {
    let fault = Fault::parse_soap(content).ok_or(MultipartError::Soap)?;
    Ok(ParsedAnswer::Fault(Box::new(fault)))
}

fn read_parts(headers: &Headers, body: &Bytes) -> Result<Vec<Part>, MultipartError> {
    let content_type = text(headers, CONTENT_TYPE);
    let Some(boundary) = boundary_of(content_type, "multipart/mixed") else {
        return Err(MultipartError::ContentType(content_type.to_owned()));
    };
    let algorithm = text(headers, headers::HASH_ALGORITHM);
    if algorithm != HASH_ALGORITHM {
        return Err(MultipartError::HashAlgorithm(algorithm.to_owned()));
    }
    split(boundary, body).map_err(|error| match error {
        // The last part is the signature, and nothing may follow it.
        FramingError::Epilogue => MultipartError::AfterSignature,
        error => MultipartError::Framing(error),
    })
}

fn text<'a>(headers: &'a Headers, name: &str) -> &'a str {
    headers.text(name).unwrap_or_default()
}

fn media_type(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Parts that are taken in the order in which they must stand.
struct Ordered(std::iter::Peekable<std::vec::IntoIter<Part>>);

impl Ordered {
    fn new(parts: Vec<Part>) -> Self {
        Self(parts.into_iter().peekable())
    }

    fn take(&mut self, media_type: &str) -> Option<Bytes> {
        self.0
            .next_if(|part| part.media_type == media_type)
            .map(|part| part.content)
    }

    fn message(mut self, head_type: &str) -> Result<AnswerParts, MultipartError> {
        let head = self.required(head_type, MultipartError::MissingRest)?;
        let body = self.take(REST_BODY);
        let hash_chain = match self.take(HASH_CHAIN_RESULT) {
            None => None,
            Some(result) => Some((
                result,
                self.required(HASH_CHAIN, MultipartError::MissingSignature)?,
            )),
        };
        let signature = self.required(SIGNATURE, MultipartError::MissingSignature)?;
        match self.0.next() {
            None => Ok(AnswerParts {
                head,
                body,
                hash_chain,
                signature,
            }),
            Some(_) => Err(MultipartError::AfterSignature),
        }
    }

    /// The next part, which must be of this type. A part that belongs further on means that this
    /// one is `missing`; one that belongs nowhere here is unexpected.
    fn required(
        &mut self,
        media_type: &str,
        missing: MultipartError,
    ) -> Result<Bytes, MultipartError> {
        if let Some(content) = self.take(media_type) {
            return Ok(content);
        }
        let later = [REST_BODY, HASH_CHAIN_RESULT, HASH_CHAIN, SIGNATURE];
        match self.0.next() {
            None => Err(missing),
            Some(next)
                if missing == MultipartError::MissingRest
                    && later.contains(&next.media_type.as_str()) =>
            {
                Err(missing)
            }
            Some(next) => Err(MultipartError::UnexpectedPart(next.media_type)),
        }
    }
}
