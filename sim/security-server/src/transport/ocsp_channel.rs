//! The OCSP channel: where a security server hands out the OCSP responses for its own
//! authentication certificate, over plain HTTP.
//!
//! A server that is about to send a message asks here about the certificate it saw in the
//! handshake. The responses are signed by the authority's responder, so the channel needs no TLS.
//! Certificates are named by SHA-1 (`cert`), as all security servers read, and by SHA-256
//! (`cert_hash`), as newer ones send too.

use std::io;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use bytes::Bytes;
use http::StatusCode;
use sim_evidence::certificate::Certificate;
use sim_http1::{Answer, ClientConnection, OutgoingRequest, RequestHead, Response};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::multipart::framing::{self, FramingError, MAX_PARTS};

/// How long a connection may take to open, as in X-Road.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the answer may take, as in X-Road.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer that is read, in bytes.
pub(crate) const MAX_ANSWER_BYTES: usize = 256 * 1024;

const OCSP_RESPONSE: &str = "application/ocsp-response";
const CONTENT_TYPE: &str = "content-type";

/// How a request names a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateHash {
    /// SHA-1 of the certificate: the parameter `cert`.
    Sha1([u8; 20]),
    /// SHA-256 of the certificate: the parameter `cert_hash`.
    Sha256([u8; 32]),
}

/// Why there is no OCSP response.
#[derive(Debug, Error)]
pub(crate) enum OcspChannelError {
    /// The server cannot be reached.
    #[error("cannot connect to the OCSP port of {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// What the system said; a time-out, too.
        source: io::Error,
    },
    /// No whole answer came, or none in time, or it is larger than [`MAX_ANSWER_BYTES`].
    #[error("no complete answer from the OCSP port of {address}: {source}")]
    Read {
        /// Host and port.
        address: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server has no response for the certificate.
    #[error("the OCSP port of {address} answered with HTTP status {status}")]
    Status {
        /// Host and port.
        address: String,
        /// What it answered.
        status: StatusCode,
    },
    /// The answer is not of the channel's content type.
    #[error("the OCSP port of {0} answered with another content type")]
    ContentType(String),
    /// The answer is malformed.
    #[error("malformed answer from an OCSP port: {0}")]
    Framing(#[from] FramingError),
    /// The answer does not hold exactly one OCSP response.
    #[error("the OCSP port of {0} did not answer with one OCSP response")]
    Count(String),
}

// === impl CertificateHash ===

impl CertificateHash {
    /// Whether this names `certificate`.
    pub(crate) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Sha1(hash) => sha1(certificate) == *hash,
            Self::Sha256(hash) => certificate.sha256() == *hash,
        }
    }
}

fn sha1(certificate: &Certificate) -> [u8; 20] {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
    hash.as_ref().try_into().expect("SHA-1 has 20 bytes")
}

// === the server's side ===

/// Answers one request on the OCSP port. `find` gives the current OCSP response of one of this
/// server's certificates.
///
/// `HEAD` is a heartbeat. Whatever cannot be answered gets status 500 and a line of text.
pub(crate) fn answer(
    request: &RequestHead,
    find: impl Fn(CertificateHash) -> Option<Bytes>,
) -> Answer {
    if request.method == "HEAD" {
        return Answer::new(StatusCode::OK.as_u16());
    }
    if request.method != "GET" {
        return refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and HEAD are answered here",
        );
    }
    let Some(asked) = parse_query(request.query().unwrap_or_default()) else {
        return refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "malformed certificate hash",
        );
    };
    if asked.is_empty() || asked.len() > MAX_PARTS {
        return refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "wrong number of certificate hashes",
        );
    }
    let Some(found) = asked.into_iter().map(find).collect::<Option<Vec<_>>>() else {
        return refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "no OCSP response for a certificate",
        );
    };
    let boundary = framing::boundary();
    let parts: Vec<_> = found.iter().map(|der| (OCSP_RESPONSE, der)).collect();
    let content_type =
        format!("multipart/related; type=\"{OCSP_RESPONSE}\"; charset=UTF-8; boundary={boundary}");
    let mut answer = Answer::new(StatusCode::OK.as_u16());
    answer
        .header(CONTENT_TYPE, content_type.as_bytes())
        .expect("a boundary of letters can stand in a header");
    answer.with_body(framing::write(&boundary, &parts))
}

/// The certificates that are asked for. Where both hashes are sent, those of `cert` count.
fn parse_query(query: &str) -> Option<Vec<CertificateHash>> {
    let mut by_sha1 = Vec::new();
    let mut by_sha256 = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=')? {
            ("cert", text) => by_sha1.push(CertificateHash::Sha1(hash_of(text)?)),
            ("cert_hash", text) => by_sha256.push(CertificateHash::Sha256(hash_of(text)?)),
            _ => {}
        }
    }
    Some(if by_sha1.is_empty() {
        by_sha256
    } else {
        by_sha1
    })
}

fn hash_of<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut hash = [0; LENGTH];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

fn refusal(status: StatusCode, text: &'static str) -> Answer {
    Answer::new(status.as_u16()).with_body(vec![Bytes::from_static(text.as_bytes())])
}

// === the client's side ===

/// Fetches the OCSP response for `certificate` from the OCSP port of the server that showed it.
///
/// The response is not verified here.
pub(crate) async fn fetch(
    host: &str,
    port: u16,
    certificate: &Certificate,
) -> Result<Bytes, OcspChannelError> {
    let address = format!("{host}:{port}");
    let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect((host, port))).await;
    let stream = connected
        .unwrap_or_else(|elapsed| Err(elapsed.into()))
        .map_err(|source| OcspChannelError::Connect {
            address: address.clone(),
            source,
        })?;
    let read = timeout(READ_TIMEOUT, get(stream, &address, certificate)).await;
    let response = read
        .unwrap_or_else(|elapsed| Err(elapsed.into()))
        .map_err(|source| OcspChannelError::Read {
            address: address.clone(),
            source,
        })?;
    if response.status != StatusCode::OK {
        return Err(OcspChannelError::Status {
            address,
            status: response.status,
        });
    }
    let content_type = response.headers.text(CONTENT_TYPE);
    let Some(boundary) =
        content_type.and_then(|value| framing::boundary_of(value, "multipart/related"))
    else {
        return Err(OcspChannelError::ContentType(address));
    };
    let parts = framing::split(boundary, &response.body)?;
    match parts.as_slice() {
        [part] if part.media_type == OCSP_RESPONSE => Ok(part.content.clone()),
        _ => Err(OcspChannelError::Count(address)),
    }
}

async fn get(
    stream: TcpStream,
    address: &str,
    certificate: &Certificate,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let sha1 = hex::encode(sha1(certificate));
    let sha256 = hex::encode(certificate.sha256());
    let target = format!("/?cert={sha1}&cert_hash={sha256}");
    let request = OutgoingRequest::new("GET", &target, [("host", address.as_bytes())], vec![])?;
    let mut http = ClientConnection::new(stream);
    Ok(http.exchange(&request, MAX_ANSWER_BYTES).await?)
}
