//! One TLS connection with HTTP/1.1 over it.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sim_evidence::certificate::Certificate;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CONNECT_TIMEOUT, PeerAddress, PeerAnswer, TransportError};
use crate::stages::Stages;
use crate::stages::streams::{Layer, Metered};
use crate::transport::multipart::OutgoingMessage;
use crate::transport::tls;

/// An open connection and the certificate at its other end.
pub(super) struct Link {
    sender: SendRequest<Full<Bytes>>,
    certificate: Certificate,
    /// Counts the connection among the open ones until it is dropped.
    _permit: OwnedSemaphorePermit,
}

/// Why an exchange over a link failed.
pub(super) enum SendFailure {
    /// The connection was closed before anything of the request was sent; here it is again.
    NotSent(Box<Request<Full<Bytes>>>),
    /// It broke, and the request may have arrived.
    Broken(hyper::Error),
    /// The answer is longer than this many bytes.
    TooLarge(usize),
}

// === impl Link ===

impl Link {
    /// Connects and shakes hands.
    pub(super) async fn connect(
        config: &Arc<ClientConfig>,
        address: &PeerAddress,
        permit: OwnedSemaphorePermit,
        stages: &Arc<Stages>,
    ) -> Result<Self, TransportError> {
        let stream = Metered::new(connect_tcp(address).await?, Layer::BelowTls, stages);
        let stream = shake_hands(config, address, stream).await?;
        let shown = tls::first_certificate(stream.get_ref().1.peer_certificates());
        let certificate = match shown {
            Ok(Some(certificate)) => certificate,
            Ok(None) => return Err(address.bad_certificate(None)),
            Err(error) => return Err(address.bad_certificate(Some(error))),
        };
        let (sender, connection) =
            http1::handshake(TokioIo::new(Metered::new(stream, Layer::Encrypted, stages)))
                .await
                .map_err(|source| TransportError::Broken {
                    address: address.to_string(),
                    source,
                })?;
        let peer = address.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "a connection to a security server ended");
            }
        });
        Ok(Self {
            sender,
            certificate,
            _permit: permit,
        })
    }

    /// The certificate of the other side.
    pub(super) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether the connection has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends `request` and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        max_bytes: usize,
    ) -> Result<PeerAnswer, SendFailure> {
        if self.sender.ready().await.is_err() {
            return Err(SendFailure::NotSent(Box::new(request)));
        }
        let response = self
            .sender
            .try_send_request(request)
            .await
            .map_err(|mut failure| match failure.take_message() {
                Some(request) => SendFailure::NotSent(Box::new(request)),
                None => SendFailure::Broken(failure.into_error()),
            })?;
        let (head, body) = read(response, max_bytes).await?;
        Ok(PeerAnswer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

async fn read(
    response: Response<Incoming>,
    max_bytes: usize,
) -> Result<(http::response::Parts, Bytes), SendFailure> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, max_bytes)
        .collect()
        .await
        .map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) => SendFailure::Broken(*error),
            Err(error) => {
                debug_assert!(error.is::<LengthLimitError>(), "{error}");
                SendFailure::TooLarge(max_bytes)
            }
        })?;
    Ok((head, body.to_bytes()))
}

async fn connect_tcp(address: &PeerAddress) -> Result<TcpStream, TransportError> {
    let failed = |source| TransportError::Connect {
        address: address.to_string(),
        source,
    };
    let targets = resolve(address).await?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for target in targets {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(target)).await {
            Ok(Ok(stream)) => {
                // A message must not wait for the acknowledgement of an earlier one.
                stream.set_nodelay(true).map_err(failed)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(elapsed) => last = elapsed.into(),
        }
    }
    Err(failed(last))
}

async fn resolve(address: &PeerAddress) -> Result<Vec<SocketAddr>, TransportError> {
    if let Ok(ip) = address.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, address.port)]);
    }
    match lookup_host((address.host.as_str(), address.port)).await {
        Ok(found) => Ok(found.collect()),
        Err(source) => Err(TransportError::UnknownHost {
            address: address.to_string(),
            source,
        }),
    }
}

async fn shake_hands(
    config: &Arc<ClientConfig>,
    address: &PeerAddress,
    stream: Metered<TcpStream>,
) -> Result<TlsStream<Metered<TcpStream>>, TransportError> {
    let failed = |source| TransportError::Handshake {
        address: address.to_string(),
        source,
    };
    let name = ServerName::try_from(address.host.clone())
        .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    let connector = TlsConnector::from(Arc::clone(config));
    match timeout(CONNECT_TIMEOUT, connector.connect(name, stream)).await {
        Ok(done) => done.map_err(failed),
        Err(elapsed) => Err(failed(elapsed.into())),
    }
}

// === impl SendFailure ===

impl SendFailure {
    /// The error of an exchange that is not tried again.
    pub(super) fn into_error(self, address: &PeerAddress) -> TransportError {
        match self {
            // In TLS 1.3 the client is done before the server has looked at its certificate, so a
            // refusal only shows when something is sent.
            Self::Broken(source) if is_alert(&source) => TransportError::Handshake {
                address: address.to_string(),
                source: io::Error::other(source),
            },
            Self::Broken(source) => TransportError::Broken {
                address: address.to_string(),
                source,
            },
            Self::TooLarge(limit) => TransportError::AnswerTooLarge(limit),
            // A connection that was opened a moment ago and is closed already refuses us.
            Self::NotSent(_) => TransportError::Handshake {
                address: address.to_string(),
                source: io::ErrorKind::ConnectionAborted.into(),
            },
        }
    }
}

/// Whether the other side ended the connection with a TLS alert.
fn is_alert(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let tls = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        let tls = tls.and_then(|error| error.downcast_ref::<rustls::Error>());
        if matches!(tls, Some(rustls::Error::AlertReceived(_))) {
            return true;
        }
        cause = error.source();
    }
    false
}

// === impl PeerAddress ===

impl PeerAddress {
    /// `message` as an HTTP request to this server.
    pub(super) fn request(&self, message: &OutgoingMessage) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(message.body().clone()));
        *request.method_mut() = Method::POST;
        let mut headers = message.headers().clone();
        let host = HeaderValue::from_str(&self.to_string());
        headers.insert(HOST, host.unwrap_or(HeaderValue::from_static("")));
        *request.headers_mut() = headers;
        request
    }

    fn bad_certificate(
        &self,
        source: Option<sim_evidence::certificate::CertificateError>,
    ) -> TransportError {
        TransportError::Certificate {
            address: self.to_string(),
            source,
        }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}
