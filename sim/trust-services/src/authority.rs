//! The certification authority.
//!
//! It makes a key and a self-signed certificate when it first starts in a folder, and keeps both
//! there with the register of what it issued and revoked. Certificates are asked for with a PKCS#10
//! request and the enrolment token; what became of one, anybody may ask.

mod app;
mod config;
mod issuer;
mod register;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use sim_clock::Clock;

use crate::listener::{self, ListenerError};

pub use config::CaConfig;
pub use issuer::{IssueError, IssuerError};
pub use register::{RegisterError, Status};

/// What is known once the authority listens.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where the authority is, for its clients.
    pub url: String,
    /// The authority's own certificate.
    pub certificate_pem: String,
}

/// What the authority did while it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// Certificates in the register, those of earlier runs included.
    pub issued: u64,
    /// Those of them that are revoked.
    pub revoked: u64,
}

/// Why the authority ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its key or certificate is not usable.
    #[error("set up the certification authority")]
    Issuer(#[from] IssuerError),
    /// Its register is not usable.
    #[error("open the register of certificates")]
    Register(#[from] RegisterError),
    /// Its listener is not usable.
    #[error("serve the certification authority")]
    Listener(#[from] ListenerError),
}

/// Runs the authority until `shutdown` resolves.
///
/// # Errors
///
/// See [`Error`].
pub async fn run(
    config: CaConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let clock = Clock::wall_shifted(config.clock_offset_ms);
    let issuer = issuer::CertificateIssuer::open(&config, clock)?;
    let register = register::Register::open(&config.folder)?;
    let (listener, listen) = listener::bind(config.listen).await?;
    let certificate_pem = issuer.certificate().to_pem();
    let state = Arc::new(app::Authority {
        issuer,
        register: Mutex::new(register),
        ocsp_url: Mutex::new(config.ocsp_url),
        enrolment_token: config.enrolment_token,
        clock,
    });
    tracing::info!(%listen, "the certification authority listens");
    ready(Ready {
        listen,
        url: format!("http://{listen}"),
        certificate_pem,
    });
    listener::serve(listener, app::app(Arc::clone(&state)), shutdown).await?;
    let summary = state.register.lock().summary();
    Ok(summary)
}
