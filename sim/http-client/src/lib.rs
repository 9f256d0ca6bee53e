//! A small bounded HTTP/1.1 client over kept plain connections.
//!
//! Everything that one part of the country asks of another outside the message transport goes
//! through it: services, OCSP responders, time-stamping authorities, the central server. Answers
//! are read whole, within a size and a time; [`once`] asks over a connection of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// How long a connection may take to open (X-Road: 30 s).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle connections kept to one address (X-Road keeps up to 2,500 a route).
const MAX_IDLE_PER_ADDRESS: usize = 2_500;

/// How much of an answer is taken, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of the body.
    pub max_answer_bytes: usize,
    /// From connecting to the last byte.
    pub within: Duration,
}

/// Why a call got no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// The URL names no host this client can reach.
    #[error("cannot call {0}: only http:// with a host is possible")]
    Url(String),
    /// The host name means nothing.
    #[error("the host of {address} is unknown: {source}")]
    UnknownHost {
        /// Host and port.
        address: String,
        /// What the resolver said.
        source: std::io::Error,
    },
    /// Nobody listens there, or the connection broke before the request was sent.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection took too long to open.
    #[error("connecting to {0} timed out")]
    ConnectTimeout(String),
    /// The request could not be put together.
    #[error("malformed request: {0}")]
    Request(#[from] http::Error),
    /// The connection broke in the middle.
    #[error("the connection to {address} broke: {source}")]
    Broken {
        /// Host and port.
        address: String,
        /// What hyper said.
        source: hyper::Error,
    },
    /// No complete answer in time.
    #[error("Read timed out")]
    ReadTimeout,
    /// The answer is larger than it may be.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// The answer ended before its end.
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
}

/// A complete answer.
#[derive(Debug)]
pub struct HttpAnswer {
    /// Status and headers.
    pub head: http::response::Parts,
    /// The whole body.
    pub body: Bytes,
}

/// Connections that are kept to one address.
type Idle = Vec<SendRequest<Full<Bytes>>>;

/// The client; clones share their connections.
#[derive(Clone, Debug, Default)]
pub struct HttpClient {
    idle: Arc<Mutex<BTreeMap<String, Idle>>>,
}

/// Calls over a connection of its own, for those who ask seldom.
pub async fn once(
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<HttpAnswer, HttpClientError> {
    HttpClient::default().call(request, bounds).await
}

// === impl HttpClientError ===

impl HttpClientError {
    /// Whether the other side broke the connection off instead of ending it in order.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<std::io::Error>() {
                return error.kind() == std::io::ErrorKind::ConnectionReset;
            }
            cause = error.source();
        }
        false
    }
}

// === impl HttpAnswer ===

impl HttpAnswer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }
}

// === impl HttpClient ===

impl HttpClient {
    /// Sends a request whose URI is absolute and reads the whole answer.
    ///
    /// A kept connection that turns out to be closed before the request was written is replaced
    /// once; a request that may have reached the other side is never repeated.
    pub async fn call(
        &self,
        request: Request<Full<Bytes>>,
        bounds: Bounds,
    ) -> Result<HttpAnswer, HttpClientError> {
        let (mut request, address) = origin_form(request)?;
        let exchange = async {
            loop {
                let (mut connection, kept) = match self.take_idle(&address) {
                    Some(connection) => (connection, true),
                    None => (connect(&address).await?, false),
                };
                if kept && connection.ready().await.is_err() {
                    continue;
                }
                match connection.try_send_request(request).await {
                    Ok(response) => {
                        let answer = collect(response, bounds.max_answer_bytes).await?;
                        self.give_back(&address, connection);
                        return Ok(answer);
                    }
                    Err(mut failure) => match failure.take_message() {
                        Some(unsent) if kept => request = unsent,
                        _ => {
                            return Err(HttpClientError::Broken {
                                address: address.clone(),
                                source: failure.into_error(),
                            });
                        }
                    },
                }
            }
        };
        timeout(bounds.within, exchange)
            .await
            .map_err(|_| HttpClientError::ReadTimeout)?
    }

    fn take_idle(&self, address: &str) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock();
        let connections = idle.get_mut(address)?;
        while let Some(connection) = connections.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn give_back(&self, address: &str, connection: SendRequest<Full<Bytes>>) {
        if connection.is_closed() {
            return;
        }
        let mut idle = self.idle.lock();
        // Most calls find the address; only the first one of each pays for its copy.
        if !idle.contains_key(address) {
            idle.insert(address.to_owned(), Vec::new());
        }
        if let Some(connections) = idle.get_mut(address)
            && connections.len() < MAX_IDLE_PER_ADDRESS
        {
            connections.push(connection);
        }
    }
}

/// Moves the authority of an absolute URI into the `Host` header.
fn origin_form(
    mut request: Request<Full<Bytes>>,
) -> Result<(Request<Full<Bytes>>, String), HttpClientError> {
    let uri = request.uri();
    let refused = || HttpClientError::Url(uri.to_string());
    if uri.scheme_str() != Some("http") {
        return Err(refused());
    }
    let host = uri.host().ok_or_else(refused)?;
    let address = format!("{host}:{}", uri.port_u16().unwrap_or(80));
    let path = uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let host = HeaderValue::from_str(&address).map_err(http::Error::from)?;
    *request.uri_mut() = path.parse().map_err(http::Error::from)?;
    request.headers_mut().insert(HOST, host);
    Ok((request, address))
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>, HttpClientError> {
    let targets: Vec<_> = lookup_host(address)
        .await
        .map_err(|source| HttpClientError::UnknownHost {
            address: address.to_owned(),
            source,
        })?
        .collect();
    let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(&targets[..]))
        .await
        .map_err(|_| HttpClientError::ConnectTimeout(address.to_owned()))?
        .map_err(|source| HttpClientError::Connect {
            address: address.to_owned(),
            source,
        })?;
    // Small messages must not wait for acknowledgements of earlier ones.
    stream
        .set_nodelay(true)
        .map_err(|source| HttpClientError::Connect {
            address: address.to_owned(),
            source,
        })?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|source| HttpClientError::Broken {
                address: address.to_owned(),
                source,
            })?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a kept connection ended");
        }
    });
    sender
        .ready()
        .await
        .map_err(|source| HttpClientError::Broken {
            address: address.to_owned(),
            source,
        })?;
    Ok(sender)
}

async fn collect(
    response: Response<Incoming>,
    max_bytes: usize,
) -> Result<HttpAnswer, HttpClientError> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, max_bytes)
        .collect()
        .await
        .map_err(|error| match error.downcast::<LengthLimitError>() {
            Ok(_) => HttpClientError::TooLarge(max_bytes),
            Err(error) => HttpClientError::BrokeOff(error.to_string()),
        })?
        .to_bytes();
    Ok(HttpAnswer { head, body })
}

#[cfg(test)]
mod tests;
