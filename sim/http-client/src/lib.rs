//! A small bounded HTTP/1.1 client over kept plain connections.
//!
//! Everything that one part of the country asks of another outside the message transport goes
//! through it: services, OCSP responders, time-stamping authorities, the central server. Answers
//! are read whole, within a size and a time; [`once`] asks over a connection of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use parking_lot::Mutex;
use sim_http1::{ClientConnection, ExchangeError, OutgoingRequest};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// A whole answer.
pub use sim_http1::Response as HttpAnswer;

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
    /// A header of it cannot be sent.
    #[error("malformed request: {0}")]
    Header(#[from] sim_http1::InvalidHeader),
    /// The connection broke in the middle.
    #[error("the connection to {address} broke: {source}")]
    Broken {
        /// Host and port.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No complete answer in time.
    #[error("Read timed out")]
    ReadTimeout,
    /// The answer is larger than it may be.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// The answer is not HTTP.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
}

/// Connections that are kept to one address.
type Idle = Vec<ClientConnection>;

/// The client; clones share their connections.
#[derive(Clone, Default)]
pub struct HttpClient {
    idle: Arc<Mutex<BTreeMap<String, Idle>>>,
}

/// Calls over a connection of its own, for those who ask seldom.
pub async fn once(request: Request<Bytes>, bounds: Bounds) -> Result<HttpAnswer, HttpClientError> {
    HttpClient::default().call(request, bounds).await
}

// === impl HttpClientError ===

impl HttpClientError {
    /// Whether the other side broke the connection off instead of ending it in order.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        matches!(self, Self::Broken { source, .. }
            if source.kind() == std::io::ErrorKind::ConnectionReset)
    }
}

// === impl HttpClient ===

impl HttpClient {
    /// Sends a request whose URI is absolute and reads the whole answer.
    ///
    /// # Errors
    /// As [`Self::send`], and where the URI cannot be called.
    pub async fn call(
        &self,
        request: Request<Bytes>,
        bounds: Bounds,
    ) -> Result<HttpAnswer, HttpClientError> {
        let (head, body) = request.into_parts();
        let refused = || HttpClientError::Url(head.uri.to_string());
        if head.uri.scheme_str() != Some("http") {
            return Err(refused());
        }
        let host = head.uri.host().ok_or_else(refused)?;
        let address = format!("{host}:{}", head.uri.port_u16().unwrap_or(80));
        let target = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let given = head.headers.iter();
        let given = given.map(|(name, value)| (name.as_str(), value.as_bytes()));
        let headers = std::iter::once(("host", address.as_bytes())).chain(given);
        let body = if body.is_empty() { vec![] } else { vec![body] };
        let request = OutgoingRequest::new(head.method.as_str(), target, headers, body)?;
        self.send(&address, &request, bounds).await
    }

    /// Sends `request` to `address`, which is a host and a port, and reads the whole answer.
    ///
    /// A kept connection that turns out to be closed before the request was written is replaced; a
    /// request that may have reached the other side is never repeated.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub async fn send(
        &self,
        address: &str,
        request: &OutgoingRequest,
        bounds: Bounds,
    ) -> Result<HttpAnswer, HttpClientError> {
        let exchange = async {
            loop {
                let (mut connection, kept) = match self.take_idle(address) {
                    Some(connection) => (connection, true),
                    None => (connect(address).await?, false),
                };
                match connection.exchange(request, bounds.max_answer_bytes).await {
                    Ok(answer) => {
                        self.give_back(address, connection);
                        return Ok(answer);
                    }
                    Err(ExchangeError::NotSent(_)) if kept => {}
                    Err(failure) => return Err(HttpClientError::of(failure, address)),
                }
            }
        };
        timeout(bounds.within, exchange)
            .await
            .map_err(|_| HttpClientError::ReadTimeout)?
    }

    fn take_idle(&self, address: &str) -> Option<ClientConnection> {
        let mut idle = self.idle.lock();
        let connections = idle.get_mut(address)?;
        while let Some(mut connection) = connections.pop() {
            if connection.is_open() {
                return Some(connection);
            }
        }
        None
    }

    fn give_back(&self, address: &str, mut connection: ClientConnection) {
        if !connection.is_open() {
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

impl HttpClientError {
    fn of(failure: ExchangeError, address: &str) -> Self {
        match failure {
            ExchangeError::NotSent(source) | ExchangeError::Broken(source) => Self::Broken {
                address: address.to_owned(),
                source,
            },
            ExchangeError::Malformed(why) => Self::Malformed(why),
            ExchangeError::TooLarge(limit) => Self::TooLarge(limit),
        }
    }
}

async fn connect(address: &str) -> Result<ClientConnection, HttpClientError> {
    let targets: Vec<_> = lookup_host(address)
        .await
        .map_err(|source| HttpClientError::UnknownHost {
            address: address.to_owned(),
            source,
        })?
        .collect();
    let failed = |source| HttpClientError::Connect {
        address: address.to_owned(),
        source,
    };
    let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(&targets[..]))
        .await
        .map_err(|_| HttpClientError::ConnectTimeout(address.to_owned()))?
        .map_err(failed)?;
    // Small messages must not wait for acknowledgements of earlier ones.
    stream.set_nodelay(true).map_err(failed)?;
    Ok(ClientConnection::new(stream))
}

#[cfg(test)]
mod tests;
