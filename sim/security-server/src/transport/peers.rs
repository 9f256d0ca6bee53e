//! Kept connections to other security servers.
//!
//! One exchange at a time runs over a connection; when it is done the connection is kept for the
//! next one. Use in two steps, because nothing may be sent to a server that has not been judged:
//!
//! ```text
//! let connection = peers.open("127.0.0.2", 5500).await?;
//! judge(connection.peer_certificate())?;
//! let answer = connection.exchange(&message).await?;
//! ```

mod error;
mod link;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use parking_lot::Mutex;
use rustls::ClientConfig;
use sim_clock::Clock;
use sim_evidence::certificate::Certificate;
use sim_http1::{ExchangeError, Headers};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::multipart::{self, MultipartError, OutgoingMessage, ParsedAnswer};
use super::tls::{self, Credentials, TlsOffer, TlsSetupError};
use crate::stages::Stages;
use crate::stages::requests::CacheTally;
pub(crate) use error::TransportError;
use link::{Link, failed};

/// How long a connection may take to open, TCP and TLS each (X-Road: `client-timeout`).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection is kept (X-Road: 60 s). Servers must keep theirs for longer, so that
/// a connection is not used just as the other side closes it.
pub(crate) const MAX_IDLE_TIME: Duration = Duration::from_secs(30);

/// What can be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerOptions {
    /// How long the answer may take, from the first byte sent to the last one read. X-Road waits
    /// for ever (`client-httpclient-timeout`): `None`.
    pub(crate) read_timeout: Option<Duration>,
    /// Largest answer that is read, in bytes of its body.
    pub(crate) max_answer_bytes: usize,
    /// Most connections open at a time, to all servers together.
    pub(crate) max_connections: usize,
    /// Most idle connections kept to one server; none where each message has its own.
    pub(crate) max_idle_per_peer: usize,
}

/// The connections to other security servers.
pub(crate) struct Peers {
    config: Arc<ClientConfig>,
    options: PeerOptions,
    clock: Clock,
    open: Arc<Semaphore>,
    /// By server, the one that was used last at the back.
    idle: Mutex<BTreeMap<PeerAddress, VecDeque<Idle>>>,
    /// Connections that were kept, and that had to be opened.
    pub(crate) connections: CacheTally,
    stages: Arc<Stages>,
}

/// Where a security server listens: host or IP address, and port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PeerAddress {
    host: String,
    port: u16,
}

struct Idle {
    link: Link,
    since: Instant,
}

/// A connection to another security server, over which nothing has been sent yet.
pub(crate) struct PeerConnection<'a> {
    peers: &'a Peers,
    address: PeerAddress,
    link: Link,
    /// It has served an exchange before, so the other side may just be closing it.
    kept: bool,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub(crate) struct PeerAnswer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The HTTP headers.
    pub(crate) headers: Headers,
    /// The whole body.
    pub(crate) body: Bytes,
}

// === impl Peers ===

impl Peers {
    /// Connections on which this server shows `own` certificate.
    pub(crate) fn new(
        own: &Credentials<'_>,
        offer: &TlsOffer,
        options: PeerOptions,
        clock: Clock,
        stages: Arc<Stages>,
    ) -> Result<Self, TlsSetupError> {
        Ok(Self {
            config: tls::client_config(own, offer)?,
            options,
            clock,
            open: Arc::new(Semaphore::new(options.max_connections)),
            idle: Mutex::default(),
            connections: CacheTally::default(),
            stages,
        })
    }

    /// A connection to the server at `host` and `port`: a kept one, or a new one.
    pub(crate) async fn open(
        &self,
        host: &str,
        port: u16,
    ) -> Result<PeerConnection<'_>, TransportError> {
        let address = PeerAddress {
            host: host.to_owned(),
            port,
        };
        let idle = self.take_idle(&address);
        self.connections.count(idle.is_some());
        let (link, kept) = match idle {
            Some(link) => (link, true),
            None => (self.connect(&address).await?, false),
        };
        Ok(PeerConnection {
            peers: self,
            address,
            link,
            kept,
        })
    }

    async fn connect(&self, address: &PeerAddress) -> Result<Link, TransportError> {
        let permit = self.admit().ok_or(TransportError::TooManyConnections)?;
        Link::connect(&self.config, address, permit, &self.stages).await
    }

    /// Leave to open a connection; idle ones make room.
    fn admit(&self) -> Option<OwnedSemaphorePermit> {
        let permit = || Arc::clone(&self.open).try_acquire_owned().ok();
        permit().or_else(|| {
            self.idle.lock().clear();
            permit()
        })
    }

    fn take_idle(&self, address: &PeerAddress) -> Option<Link> {
        let now = self.clock.monotonic();
        let mut idle = self.idle.lock();
        let links = idle.get_mut(address)?;
        while links.front().is_some_and(|oldest| oldest.is_old(now)) {
            links.pop_front();
        }
        while let Some(Idle { mut link, .. }) = links.pop_back() {
            if !link.is_closed() {
                return Some(link);
            }
        }
        None
    }

    fn give_back(&self, address: PeerAddress, mut link: Link) {
        if link.is_closed() {
            return;
        }
        let since = self.clock.monotonic();
        let mut idle = self.idle.lock();
        let links = idle.entry(address).or_default();
        if links.len() < self.options.max_idle_per_peer {
            links.push_back(Idle { link, since });
        }
    }

    /// How many open connections wait for the next exchange.
    #[cfg(test)]
    pub(super) fn idle_connections(&self) -> usize {
        let mut idle = self.idle.lock();
        idle.values_mut()
            .flatten()
            .filter_map(|idle| (!idle.link.is_closed()).then_some(()))
            .count()
    }
}

impl Idle {
    fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > MAX_IDLE_TIME
    }
}

// === impl PeerConnection ===

impl PeerConnection<'_> {
    /// The certificate that the other side proved to own. Judge it before [`Self::exchange`].
    pub(crate) const fn peer_certificate(&self) -> &Certificate {
        self.link.certificate()
    }

    #[cfg(test)]
    pub(super) fn is_closed(&mut self) -> bool {
        self.link.is_closed()
    }

    /// Sends `message` and reads the whole answer.
    ///
    /// A message that may have reached the other side is never sent again. Only where a kept
    /// connection turns out to be closed before anything was sent is it replaced, once, and only
    /// by one to a server with the same certificate.
    pub(crate) async fn exchange(
        self,
        message: &OutgoingMessage,
    ) -> Result<PeerAnswer, TransportError> {
        let limit = self.peers.options.read_timeout;
        within(limit, self.send(message)).await
    }

    async fn send(mut self, message: &OutgoingMessage) -> Result<PeerAnswer, TransportError> {
        let max_bytes = self.peers.options.max_answer_bytes;
        let request = self.address.request(message)?;
        let answer = match self.link.exchange(&request, max_bytes).await {
            Err(ExchangeError::NotSent(_)) if self.kept => {
                self.replace().await?;
                self.link.exchange(&request, max_bytes).await
            }
            answered => answered,
        };
        let answer = answer.map_err(|failure| failed(failure, &self.address))?;
        self.peers.give_back(self.address, self.link);
        Ok(answer)
    }

    async fn replace(&mut self) -> Result<(), TransportError> {
        let fresh = self.peers.connect(&self.address).await?;
        if fresh.certificate() != self.link.certificate() {
            return Err(TransportError::CertificateChanged(self.address.to_string()));
        }
        self.link = fresh;
        Ok(())
    }
}

async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    match limit {
        None => work.await,
        Some(limit) => timeout(limit, work)
            .await
            .unwrap_or(Err(TransportError::ReadTimeout)),
    }
}

// === impl PeerAnswer ===

impl PeerAnswer {
    /// The message or the fault in this answer.
    pub(crate) fn parse(&self) -> Result<ParsedAnswer, MultipartError> {
        multipart::parse_answer(self.status, &self.headers, &self.body)
    }
}
