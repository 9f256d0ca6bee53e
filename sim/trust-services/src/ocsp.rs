//! The OCSP responder (RFC 6960).
//!
//! It makes a new key whenever it starts, has it certified by the authority it answers for, and
//! asks that authority about every serial number that it is asked about, so that a revocation
//! shows at once.

mod app;
mod config;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use sim_clock::Clock;
use sim_evidence::ocsp::ResponseSigner;

use crate::enrolment::{self, EnrolmentError};
use crate::listener::{self, ListenerError};
use crate::profile::Profile;

pub use config::OcspConfig;

/// What is known once the responder listens.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where requests are sent; certificates issued from now on name it.
    pub url: String,
    /// The responder's certificate.
    pub certificate_pem: String,
}

/// What the responder did while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// Statuses given: good.
    pub good: u64,
    /// Statuses given: revoked.
    pub revoked: u64,
    /// Statuses given: unknown.
    pub unknown: u64,
    /// Requests that got an error status instead.
    pub errors: u64,
}

/// Why the responder ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has no certificate.
    #[error("enrol the OCSP responder")]
    Enrolment(#[from] EnrolmentError),
    /// Its listener is not usable.
    #[error("serve the OCSP responder")]
    Listener(#[from] ListenerError),
}

/// Runs the responder until `shutdown` resolves. The authority must be up.
///
/// # Errors
///
/// See [`Error`].
pub async fn run(
    config: OcspConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let OcspConfig {
        ca_url,
        enrolment_token,
        ..
    } = &config;
    let (listener, listen) = listener::bind(config.listen).await?;
    let authority = enrolment::authority_certificate(ca_url).await?;
    let (key, certificate) = enrolment::enrol_service(
        ca_url,
        enrolment_token,
        Profile::OcspResponder,
        &config.name,
    )
    .await?;
    let url = format!("http://{listen}/");
    enrolment::announce_responder(ca_url, enrolment_token, &url).await?;
    let certificate_pem = certificate.to_pem();
    let clock = Clock::wall_shifted(config.clock_offset_ms);
    let state = Arc::new(app::Responder::new(
        config,
        authority,
        ResponseSigner::new(key, certificate),
        clock,
    ));
    tracing::info!(%listen, "the OCSP responder listens");
    ready(Ready {
        listen,
        url,
        certificate_pem,
    });
    listener::serve(listener, app::app(Arc::clone(&state)), shutdown).await?;
    Ok(state.summary())
}
