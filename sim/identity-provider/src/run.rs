//! The life of a provider: bind, serve until told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_evidence::certificate::CertificateError;
use sim_population::PopulationError;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app;
use crate::config::{ConfigError, IdentityProviderConfig};
use crate::key::TokenKeyError;
use crate::provider::Provider;

/// Longest wait for requests under way when the provider is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// A provider that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where browsers find it.
    pub url: String,
    /// What it calls itself in tokens; relying parties find its metadata under it.
    pub issuer: String,
    /// Where ID-cards are asked for, over TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_card_listen: Option<SocketAddr>,
    /// The certificate of that listener, signed by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_card_certificate_pem: Option<String>,
}

/// What a provider has done when it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Log-ins begun.
    pub begun: u64,
    /// People logged in with Mobile-ID.
    pub logged_in_mobile_id: u64,
    /// People logged in with Smart-ID.
    pub logged_in_smart_id: u64,
    /// People logged in with an ID-card.
    pub logged_in_id_card: u64,
    /// Prompts that logged nobody in, whatever the reason.
    pub refused: u64,
    /// Log-ins that the person cancelled on a page.
    pub cancelled: u64,
    /// ID tokens given.
    pub tokens: u64,
    /// Requests at the token endpoint that got none.
    pub refused_codes: u64,
    /// Requests of relying parties that were refused.
    pub refused_requests: u64,
    /// Forms refused because they came from elsewhere.
    pub refused_forms: u64,
}

/// Why a provider did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error("read the identity provider's configuration")]
    Config(#[from] ConfigError),
    /// The people's authority has no certificate that could be read.
    #[error("read the certificate of the people's authority")]
    Authority(#[from] CertificateError),
    /// There are no such people.
    #[error("compute who the people are")]
    People(#[from] PopulationError),
    /// No tokens could be signed.
    #[error("make the key of the tokens")]
    Key(#[from] TokenKeyError),
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

/// Runs a provider until `shutdown` resolves; tells `ready` once it answers.
///
/// The carriers need not be up before.
///
/// # Errors
///
/// [`enum@Error`] says what could not be done.
pub async fn run(
    config: IdentityProviderConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    config.check()?;
    let address = config.listen;
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let listen = listener.local_addr().map_err(failed)?;
    let url = format!("http://{listen}");
    let provider = Arc::new(Provider::new(config, &url)?);
    tracing::info!(%listen, issuer = %provider.issuer, "the identity provider listens");
    ready(Ready {
        listen,
        url,
        issuer: provider.issuer.clone(),
        id_card_listen: None,
        id_card_certificate_pem: None,
    });
    serve(listener, &provider, shutdown).await?;
    let summary = *provider.summary.lock();
    Ok(summary)
}

async fn serve(
    listener: TcpListener,
    provider: &Arc<Provider>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stopping, stopped) = oneshot::channel();
    let app = app::app(Arc::clone(provider));
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
