//! One TLS connection with HTTP/1.1 over it.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sim_evidence::certificate::Certificate;
use sim_http1::{ClientConnection, ExchangeError, OutgoingRequest};
use tokio::io::BufReader;
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
    http: ClientConnection,
    certificate: Certificate,
    /// Counts the connection among the open ones until it is dropped.
    _permit: OwnedSemaphorePermit,
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
        Ok(Self {
            http: ClientConnection::new(Metered::new(stream, Layer::Encrypted, stages)),
            certificate,
            _permit: permit,
        })
    }

    /// The certificate of the other side.
    pub(super) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether the connection has ended.
    pub(super) fn is_closed(&mut self) -> bool {
        !self.http.is_open()
    }

    /// Sends `request` and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        request: &OutgoingRequest,
        max_bytes: usize,
    ) -> Result<PeerAnswer, ExchangeError> {
        let answer = self.http.exchange(request, max_bytes).await?;
        Ok(PeerAnswer {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        })
    }
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
) -> Result<TlsStream<BufReader<Metered<TcpStream>>>, TransportError> {
    let failed = |source| TransportError::Handshake {
        address: address.to_string(),
        source,
    };
    let name = ServerName::try_from(address.host.clone())
        .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    let connector = TlsConnector::from(Arc::clone(config));
    match timeout(
        CONNECT_TIMEOUT,
        connector.connect(name, tls::buffered(stream)),
    )
    .await
    {
        Ok(done) => done.map_err(failed),
        Err(elapsed) => Err(failed(elapsed.into())),
    }
}

/// The error of an exchange that is not tried again.
pub(super) fn failed(failure: ExchangeError, address: &PeerAddress) -> TransportError {
    let broken = |source| TransportError::Broken {
        address: address.to_string(),
        source,
    };
    match failure {
        // In TLS 1.3 the client is done before the server has looked at its certificate, so a
        // refusal only shows when something is sent.
        ExchangeError::Broken(source) | ExchangeError::NotSent(source) if is_alert(&source) => {
            TransportError::Handshake {
                address: address.to_string(),
                source,
            }
        }
        ExchangeError::Broken(source) => broken(source),
        ExchangeError::Malformed(why) => broken(io::Error::new(io::ErrorKind::InvalidData, why)),
        ExchangeError::TooLarge(limit) => TransportError::AnswerTooLarge(limit),
        // A connection that was opened a moment ago and is closed already refuses us.
        ExchangeError::NotSent(_) => TransportError::Handshake {
            address: address.to_string(),
            source: io::ErrorKind::ConnectionAborted.into(),
        },
    }
}

/// Whether the other side ended the connection with a TLS alert.
fn is_alert(error: &io::Error) -> bool {
    let tls = error.get_ref();
    let tls = tls.and_then(|error| error.downcast_ref::<rustls::Error>());
    matches!(tls, Some(rustls::Error::AlertReceived(_)))
}

// === impl PeerAddress ===

impl PeerAddress {
    /// `message` as an HTTP request to this server.
    pub(super) fn request(
        &self,
        message: &OutgoingMessage,
    ) -> Result<OutgoingRequest, TransportError> {
        let host = self.to_string();
        let headers = message
            .headers()
            .map(|(name, value)| (name, value.as_bytes()));
        let headers = std::iter::once(("host", host.as_bytes())).chain(headers);
        let request = OutgoingRequest::new("POST", "/", headers, message.body().to_vec());
        request.map_err(TransportError::Header)
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
