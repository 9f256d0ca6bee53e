//! Accepting connections: one loop for every listener of the server, with a bound on connections
//! and an orderly end.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use sim_evidence::certificate::Certificate;
use sim_http1::{Answer, Incoming, ServerConnection};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::server::SecurityServer;
use crate::stages::streams::{Layer, Metered};
use crate::transport::tls::Acceptor;

/// Wait before accepting again when the system has no file handles left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);
/// How long a TLS handshake may take (X-Road: a listener's initial idle time, 30 s).
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open connections may take to finish once the server ends.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// What is known about a connection besides its bytes.
#[derive(Default)]
pub(crate) struct Connection {
    /// It is encrypted.
    pub(crate) tls: bool,
    /// The certificate the other side proved to own.
    pub(crate) peer_certificate: Option<Certificate>,
}

/// How one listener behaves.
#[derive(Clone)]
pub(crate) struct ListenerOptions {
    /// For the logs: who connects here.
    pub(crate) name: &'static str,
    pub(crate) max_connections: usize,
    /// How long a client may take to send a head, counted from the answer before it.
    pub(crate) head_timeout: Duration,
}

/// Who connects to a listener, and how.
#[derive(Clone)]
pub(crate) enum Door {
    /// Information systems, over plain HTTP.
    Clients,
    /// Information systems, over TLS.
    ClientsTls(Acceptor),
    /// Other security servers with messages.
    Messages(Acceptor),
    /// Other security servers that ask for OCSP responses.
    Statuses,
    /// People and monitors.
    Administration,
}

/// Accepts until `end` turns true, then lets open connections finish their message.
pub(crate) async fn serve(
    server: Arc<SecurityServer>,
    listener: TcpListener,
    options: ListenerOptions,
    mut end: watch::Receiver<bool>,
    door: Door,
) {
    let open = Arc::new(Semaphore::new(options.max_connections));
    let ended = end.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = end.wait_for(|ended| *ended) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(listener = options.name, %error, "cannot accept");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&open).try_acquire_owned() else {
            tracing::warn!(
                listener = options.name,
                "too many connections; one was closed"
            );
            continue;
        };
        let (server, door) = (Arc::clone(&server), door.clone());
        let (options, ended) = (options.clone(), ended.clone());
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = serve_one(&server, stream, &options, ended, &door).await {
                tracing::debug!(listener = options.name, %error, "a connection ended");
            }
        });
    }
    drop(listener);
    if !all_back(&open, options.max_connections).await {
        tracing::warn!(
            listener = options.name,
            "connections were still open at the end"
        );
    }
}

/// Waits until all `places` are free again; false where that takes too long.
pub(crate) async fn all_back(semaphore: &Semaphore, places: usize) -> bool {
    let all = u32::try_from(places).unwrap_or(u32::MAX);
    tokio::time::timeout(DRAIN_TIMEOUT, semaphore.acquire_many(all))
        .await
        .is_ok()
}

/// Answers what comes on one connection, one request after the other.
///
/// A request is answered to its end even where the client goes away meanwhile: a message that was
/// sent or logged is not left half-way because nobody waits for the answer any more.
async fn serve_one(
    server: &SecurityServer,
    stream: TcpStream,
    options: &ListenerOptions,
    mut ended: watch::Receiver<bool>,
    door: &Door,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let opening = tokio::time::timeout(HANDSHAKE_TIMEOUT, door.open(stream, server));
    let (mut http, connection) = opening.await??;
    loop {
        let mut request = tokio::select! {
            biased;
            request = http.next(options.head_timeout) => match request? {
                Some(request) => request,
                None => return Ok(()),
            },
            _ = ended.wait_for(|ended| *ended) => return Ok(()),
        };
        let answer = door.answer(server, &mut request, &connection).await;
        let is_last = *ended.borrow();
        if !request.answer(answer, is_last).await? {
            return Ok(());
        }
    }
}

// === impl Door ===

impl Door {
    /// The handshake, where there is one.
    async fn open(
        &self,
        stream: TcpStream,
        server: &SecurityServer,
    ) -> std::io::Result<(ServerConnection, Connection)> {
        match self {
            Self::Clients => {
                let stream = Metered::new(stream, Layer::Plain, &server.stages);
                let http = ServerConnection::new(stream, server.clock);
                Ok((http, Connection::default()))
            }
            Self::Statuses | Self::Administration => Ok((
                ServerConnection::new(stream, server.clock),
                Connection::default(),
            )),
            Self::ClientsTls(acceptor) | Self::Messages(acceptor) => {
                let stream = Metered::new(stream, Layer::BelowTls, &server.stages);
                let (stream, peer_certificate) = acceptor.accept(stream).await?;
                if matches!(self, Self::Messages(_)) {
                    server.telemetry.peer_connected();
                }
                let stream = Metered::new(stream, Layer::Encrypted, &server.stages);
                let connection = Connection {
                    tls: true,
                    peer_certificate,
                };
                Ok((ServerConnection::new(stream, server.clock), connection))
            }
        }
    }

    async fn answer(
        &self,
        server: &SecurityServer,
        request: &mut Incoming<'_>,
        connection: &Connection,
    ) -> Answer {
        match self {
            Self::Clients | Self::ClientsTls(_) => server.consume(request, connection).await,
            Self::Messages(_) => server.provide(request, connection).await,
            Self::Statuses => server.answer_status(&request.head),
            Self::Administration => server.administer(&request.head),
        }
    }
}
