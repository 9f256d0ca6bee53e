//! Makes connections. Plain ones and those over TLS differ here and nowhere else.

use std::io;
use std::time::Duration;

use http::Uri;
use sim_http1::ClientConnection;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::LoadConfig;
use crate::error::LoadError;
use crate::tls::Tls;

/// Where connections go, and whether over TLS.
#[derive(Debug)]
pub(crate) struct Connector {
    /// `host:port`.
    authority: String,
    tls: Option<Tls>,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    /// Not in time.
    #[error("not within {0:?}")]
    TimedOut(Duration),
    /// No socket.
    #[error(transparent)]
    Socket(#[from] io::Error),
    /// The TLS handshake failed.
    #[error("TLS handshake: {0}")]
    Handshake(String),
}

// === impl Connector ===

impl Connector {
    pub(crate) fn new(config: &LoadConfig) -> Result<Self, LoadError> {
        let base_url = &config.base_url;
        let refused = || LoadError::BaseUrl(base_url.clone());
        let uri: Uri = base_url.parse().map_err(|_| refused())?;
        let nothing_behind = uri.path() == "/" && uri.query().is_none();
        let authority = uri
            .authority()
            .filter(|authority| nothing_behind && authority.port().is_some())
            .ok_or_else(refused)?;
        let tls = match (uri.scheme_str(), &config.tls) {
            (Some("http"), None) => None,
            (Some("https"), Some(tls)) => {
                Some(Tls::new(tls, authority.host())?.ok_or_else(refused)?)
            }
            (Some("http" | "https"), _) => return Err(LoadError::TlsAndUrl(base_url.clone())),
            _ => return Err(refused()),
        };
        Ok(Self {
            authority: authority.as_str().to_owned(),
            tls,
        })
    }

    /// `host:port`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// A new connection within `limit`.
    pub(crate) async fn connect(&self, limit: Duration) -> Result<ClientConnection, ConnectError> {
        timeout(limit, self.connect_at_leisure())
            .await
            .map_err(|_| ConnectError::TimedOut(limit))?
    }

    async fn connect_at_leisure(&self) -> Result<ClientConnection, ConnectError> {
        let socket = TcpStream::connect(&self.authority).await?;
        socket.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(ClientConnection::new(socket));
        };
        let stream = tls.shake_hands(socket).await;
        Ok(ClientConnection::new(
            stream.map_err(ConnectError::Handshake)?,
        ))
    }
}
