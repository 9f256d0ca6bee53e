//! Accepting connections: one loop for every listener of the server, with a bound on connections
//! and an orderly end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sim_evidence::certificate::Certificate;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Wait before accepting again when the system has no file handles left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);
/// How long a TLS handshake may take (X-Road: a listener's initial idle time, 30 s).
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open connections may take to finish once the server ends.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of a head that hyper reads; beyond, it answers 431 by itself, without a fault code.
const MAX_HEAD_BUFFER_BYTES: usize = 128 * 1024;
/// Header lines of one message; beyond, the same.
const MAX_HEADER_LINES: usize = 200;

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

/// Accepts until `end` turns true, then lets open connections finish their message.
///
/// `secure` turns an accepted socket into the stream that HTTP is spoken over.
pub(crate) async fn serve<Secure, Secured, Stream, Handler, Answer>(
    listener: TcpListener,
    options: ListenerOptions,
    mut end: watch::Receiver<bool>,
    secure: Secure,
    handler: Handler,
) where
    Secure: Fn(TcpStream) -> Secured + Clone + Send + Sync + 'static,
    Secured: Future<Output = io::Result<(Stream, Connection)>> + Send,
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    Handler: Fn(Request<Incoming>, Arc<Connection>) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
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
        let (secure, handler, options) = (secure.clone(), handler.clone(), options.clone());
        let ended = ended.clone();
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = serve_one(stream, &options, ended, secure, handler).await {
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

async fn serve_one<Secure, Secured, Stream, Handler, Answer>(
    stream: TcpStream,
    options: &ListenerOptions,
    mut ended: watch::Receiver<bool>,
    secure: Secure,
    handler: Handler,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    Secure: Fn(TcpStream) -> Secured,
    Secured: Future<Output = io::Result<(Stream, Connection)>>,
    Stream: AsyncRead + AsyncWrite + Unpin,
    Handler: Fn(Request<Incoming>, Arc<Connection>) -> Answer,
    Answer: Future<Output = Response<Full<Bytes>>>,
{
    stream.set_nodelay(true)?;
    let (stream, connection) = tokio::time::timeout(HANDSHAKE_TIMEOUT, secure(stream)).await??;
    let connection = Arc::new(connection);
    let service = service_fn(|request| {
        let answer = handler(request, Arc::clone(&connection));
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    let mut http = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(options.head_timeout)
            .max_buf_size(MAX_HEAD_BUFFER_BYTES)
            .max_headers(MAX_HEADER_LINES)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        done = http.as_mut() => return Ok(done?),
        _ = ended.wait_for(|ended| *ended) => http.as_mut().graceful_shutdown(),
    }
    Ok(http.await?)
}

/// For listeners without TLS.
pub(crate) async fn plain(stream: TcpStream) -> io::Result<(TcpStream, Connection)> {
    Ok((stream, Connection::default()))
}
