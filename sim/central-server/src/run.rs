//! The life of a central server: bind, open, publish, serve until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::CentralServerConfig;
use crate::http::router;
use crate::server::{CentralServer, OpenError};

/// Longest wait for requests in progress when the server is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What others need to know of a central server that has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The address it listens on.
    pub listen: SocketAddr,
    /// The anchor to give to security servers.
    pub anchor_xml: String,
}

/// What a central server has done when it stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many configurations it published since it started.
    pub publications: u64,
    /// Members registered at the end.
    pub members: usize,
    /// Security servers registered at the end.
    pub security_servers: usize,
}

/// Why a central server did not start, or stopped.
#[derive(Debug, Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Configuration, data folder or registrations cannot be used.
    #[error("start the central server")]
    Open(#[from] OpenError),
    /// Opening was broken off.
    #[error("start the central server: its thread ended")]
    OpenThread(#[source] tokio::task::JoinError),
    /// The listener failed.
    #[error("answer requests")]
    Serve(#[source] std::io::Error),
}

/// Runs a central server until `shutdown` resolves; tells `ready` once it answers.
///
/// # Errors
///
/// [`enum@Error`] says what could not be done.
pub async fn run(
    config: CentralServerConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let failed = |source| Error::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let listen = listener.local_addr().map_err(failed)?;
    let token = config.management_token.clone();
    let open = move || CentralServer::open(&config, &format!("http://{listen}"));
    let server = tokio::task::spawn_blocking(open).await;
    let server = Arc::new(server.map_err(Error::OpenThread)??);
    ready(Ready {
        listen,
        anchor_xml: server.anchor().to_xml(),
    });
    serve(listener, Arc::clone(&server), token, shutdown).await?;
    let counts = server.counts();
    Ok(Summary {
        publications: counts.publications,
        members: counts.members,
        security_servers: counts.security_servers,
    })
}

async fn serve(
    listener: TcpListener,
    server: Arc<CentralServer>,
    token: String,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stopping, stopped) = watch::channel(false);
    let stopping_signal = async move {
        shutdown.await;
        stopping.send_replace(true);
    };
    let answers = axum::serve(listener, router(Arc::clone(&server), &token))
        .with_graceful_shutdown(stopping_signal);
    tokio::select! {
        outcome = async { answers.await } => outcome.map_err(Error::Serve),
        () = drain_time_over(stopped) => {
            tracing::warn!("requests in progress were broken off");
            Ok(())
        }
        () = keep_fresh(&server) => Ok(()),
    }
}

async fn drain_time_over(mut stopped: watch::Receiver<bool>) {
    // The sender goes away only together with the server.
    if stopped.wait_for(|stopped| *stopped).await.is_ok() {
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// Publishes anew at every refresh, so that the configuration does not expire.
async fn keep_fresh(server: &Arc<CentralServer>) {
    loop {
        tokio::time::sleep(server.refresh()).await;
        let server = Arc::clone(server);
        let republished = tokio::task::spawn_blocking(move || server.republish()).await;
        match republished {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the configuration was not published anew"),
            Err(error) => tracing::error!(%error, "the configuration was not published anew"),
        }
    }
}
