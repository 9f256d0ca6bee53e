//! The life of a portal: bind, serve until told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app;
use crate::config::{ConfigError, PortalConfig};
use crate::secrets::NoRandomness;
use crate::state::Portal;

/// Longest wait for requests under way when the portal is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// A portal that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where browsers find it.
    pub url: String,
}

/// What a portal has done when it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// People who logged in.
    pub logins: u64,
    /// Log-ins that were refused or broken off.
    pub failed_logins: u64,
    /// Forms refused because they came from elsewhere.
    pub refused_forms: u64,
    /// Applications signed and taken by a registry.
    pub signed: u64,
    /// Questions to those who looked at somebody's data.
    pub questions: u64,
}

/// Why a portal did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error("read the portal's configuration")]
    Config(#[from] ConfigError),
    /// No keys can be made.
    #[error("make the portal's keys")]
    Randomness(#[from] NoRandomness),
    /// The certificate of the people's authority cannot be read.
    #[error("read `people_ca_pem`")]
    PeopleCa(#[source] sim_evidence::certificate::CertificateError),
    /// What it asks cannot be written down.
    #[error("begin the ledger")]
    Ledger(#[source] sim_journal::JournalError),
    /// The address cannot be listened on.
    #[error("listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The listener failed.
    #[error("answer requests")]
    Serve(#[source] io::Error),
}

/// Runs a portal until `shutdown` resolves; tells `ready` once it answers.
///
/// Neither the provider nor the exchange need to be up before.
///
/// # Errors
///
/// [`enum@Error`] says what could not be done.
pub async fn run(
    config: PortalConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    config.check()?;
    let address = config.listen;
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let listen = listener.local_addr().map_err(failed)?;
    let portal = Arc::new(Portal::new(config, format!("http://{listen}"))?);
    tracing::info!(%listen, "the portal listens");
    ready(Ready {
        listen,
        url: portal.public_url.clone(),
    });
    serve(listener, &portal, shutdown).await?;
    portal.exchange.ledger.seal();
    let summary = *portal.summary.lock();
    Ok(summary)
}

async fn serve(
    listener: TcpListener,
    portal: &Arc<Portal>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stopping, stopped) = oneshot::channel();
    let app = app::app(Arc::clone(portal));
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        // Nobody listens any more when the server has ended by itself.
        stopping.send(()).ok();
    });
    let limit = async {
        if stopped.await.is_ok() {
            tokio::time::sleep(DRAIN_LIMIT).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = server => served.map_err(Error::Serve),
        () = limit => {
            tracing::warn!("connections were still open when the drain limit was over");
            Ok(())
        }
    }
}
