//! Makes connections. Plain ones and those over TLS differ here and nowhere else.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

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
    /// hyper does not take the socket.
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

/// The bytes of a connection.
pub(crate) enum Stream {
    Plain(TcpStream),
    // Boxed: the state of a TLS session is larger by far than a socket.
    Tls(Box<TlsStream<TcpStream>>),
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

    /// A new connection, ready for HTTP, within `limit`.
    pub(crate) async fn connect(&self, limit: Duration) -> Result<Stream, ConnectError> {
        timeout(limit, self.connect_at_leisure())
            .await
            .map_err(|_| ConnectError::TimedOut(limit))?
    }

    async fn connect_at_leisure(&self) -> Result<Stream, ConnectError> {
        let socket = TcpStream::connect(&self.authority).await?;
        socket.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Stream::Plain(socket),
            Some(tls) => Stream::Tls(Box::new(
                tls.shake_hands(socket)
                    .await
                    .map_err(ConnectError::Handshake)?,
            )),
        })
    }
}

// === impl Stream ===

/// Polls whichever stream it is.
macro_rules! either {
    ($self:ident, $stream:ident => $poll:expr) => {
        match $self.get_mut() {
            Stream::Plain($stream) => {
                let $stream = Pin::new($stream);
                $poll
            }
            Stream::Tls($stream) => {
                let $stream = Pin::new($stream);
                $poll
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => stream.poll_write_vectored(context, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => stream.poll_shutdown(context))
    }
}
