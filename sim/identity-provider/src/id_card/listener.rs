//! Accepts TLS connections for axum. Handshakes run beside each other, so that one who is slow keeps
//! nobody waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Handshakes at a time; further connections wait to be accepted.
const MAX_HANDSHAKES: usize = 256;
/// How long a handshake may take. A person may be asked for a PIN meanwhile.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(60);

type Accepted = (TlsStream<TcpStream>, SocketAddr);

/// A listener whose connections have done their handshake.
pub(crate) struct CardListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<Accepted>,
    accepting: JoinHandle<()>,
}

/// What a connection's other side showed.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    /// DER; absent where there was no card. That the other side holds its key is proved.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl CardListener {
    pub(crate) fn new(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, accepted) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, acceptor, sender));
        Ok(Self {
            address,
            accepted,
            accepting,
        })
    }
}

async fn accept(mut listener: TcpListener, acceptor: TlsAcceptor, sender: mpsc::Sender<Accepted>) {
    let room = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    // Ends with this function, and the handshakes with it.
    let mut handshakes = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let (stream, peer) = Listener::accept(&mut listener).await;
        while handshakes.try_join_next().is_some() {}
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        handshakes.spawn(async move {
            match timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                // Nobody takes it where the provider stops.
                Ok(Ok(stream)) => drop(sender.send((stream, peer)).await),
                Ok(Err(error)) => tracing::debug!(%peer, %error, "a handshake failed"),
                Err(_) => tracing::debug!(%peer, "a handshake took too long"),
            }
            drop(place);
        });
    }
}

impl Drop for CardListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for CardListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Accepted {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // The accepting task never ends before this does.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, CardListener>> for Card {
    fn connect_info(stream: IncomingStream<'_, CardListener>) -> Self {
        let (_, session) = stream.io().get_ref();
        let chain = session.peer_certificates().and_then(<[_]>::first);
        Self {
            certificate: chain.map(|first| first.to_vec()),
        }
    }
}
