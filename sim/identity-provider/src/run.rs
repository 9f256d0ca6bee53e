//! The life of a provider: bind, serve until told to stop.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_evidence::certificate::CertificateError;
use sim_population::PopulationError;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app;
use crate::config::{ConfigError, IdentityProviderConfig};
use crate::id_card::{self, Card, CardListener, CardTls, CardTlsError};
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
    /// The same for single sign-on.
    pub sign_on_issuer: String,
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
    /// Single sign-on sessions begun.
    pub sessions: u64,
    /// Times that somebody went on with a session at another service.
    pub continued: u64,
    /// Times that a service refreshed its tokens.
    pub refreshed: u64,
    /// Logouts.
    pub logouts: u64,
    /// Services told that a session ended.
    pub logouts_told: u64,
    /// Services that could not be told.
    pub logouts_untold: u64,
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
    /// ID-cards cannot be asked for.
    #[error("ask for ID-cards")]
    IdCard(#[from] CardTlsError),
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
    let (listener, listen) = bind(config.listen).await?;
    let url = format!("http://{listen}");
    let issuer = config.issuer.clone().unwrap_or_else(|| url.clone());
    let card = match config.id_card_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let card_listen = card.as_ref().map(|(_, listen)| *listen);
    let card_base = card_listen.map(|listen| id_card::base_url(&issuer, listen));
    let provider = Arc::new(Provider::new(config, issuer, card_base.transpose()?)?);
    let tls = card_listen.map(|listen| {
        CardTls::new(
            &provider.issuer,
            listen,
            provider.authority(),
            provider.now(),
        )
    });
    let tls = tls.transpose()?;
    let id_card_certificate_pem = tls.as_ref().map(|tls| tls.certificate_pem.clone());
    let cards = match (card, tls) {
        (Some((listener, address)), Some(tls)) => {
            let failed = |source| Error::Listen { address, source };
            Some(CardListener::new(listener, tls.acceptor).map_err(failed)?)
        }
        _ => None,
    };
    tracing::info!(%listen, ?card_listen, issuer = %provider.issuer, "the identity provider listens");
    ready(Ready {
        listen,
        url,
        issuer: provider.issuer.clone(),
        sign_on_issuer: provider.sign_on_issuer.clone(),
        id_card_listen: card_listen,
        id_card_certificate_pem,
    });
    serve(listener, cards, &provider, shutdown).await?;
    let (told, untold) = provider.back_channel.finish(DRAIN_LIMIT).await;
    let mut summary = *provider.summary.lock();
    (summary.logouts_told, summary.logouts_untold) = (told, untold);
    Ok(summary)
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let listen = listener.local_addr()?;
        Ok((listener, listen))
    };
    bound
        .await
        .map_err(|source| Error::Listen { address, source })
}

async fn serve(
    listener: TcpListener,
    cards: Option<CardListener>,
    provider: &Arc<Provider>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let (stop, stopped) = watch::channel(false);
    let wait = |mut stopped: watch::Receiver<bool>| async move {
        // Where nobody can say it any more, it is time, too.
        stopped.wait_for(|stop| *stop).await.ok();
    };
    let app = app::app(Arc::clone(provider));
    let pages = axum::serve(listener, app).with_graceful_shutdown(wait(stopped.clone()));
    let cards = async {
        let Some(cards) = cards else {
            return Ok(());
        };
        let app = id_card::app(Arc::clone(provider)).into_make_service_with_connect_info::<Card>();
        axum::serve(cards, app)
            .with_graceful_shutdown(wait(stopped))
            .await
    };
    let both = async { tokio::try_join!(pages.into_future(), cards) };
    let limit = async {
        shutdown.await;
        stop.send_replace(true);
        tokio::time::sleep(DRAIN_LIMIT).await;
    };
    tokio::select! {
        served = both => served.map(|_| ()).map_err(Error::Serve),
        () = limit => {
            tracing::warn!("connections were still open when the drain limit was over");
            Ok(())
        }
    }
}
