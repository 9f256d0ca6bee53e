//! The time-stamping authority (RFC 3161).
//!
//! It makes a new key whenever it starts and has it certified by the certification authority. It
//! stamps whatever it is sent: what is stamped, and why, is the client's business.

mod app;
mod config;
mod serials;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use der::asn1::ObjectIdentifier;
use sim_clock::Clock;
use sim_evidence::time_stamp::TokenSigner;

use crate::enrolment::{self, EnrolmentError};
use crate::listener::{self, ListenerError};
use crate::profile::Profile;

pub use config::TsaConfig;

/// What is known once the authority listens.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where requests are sent.
    pub url: String,
    /// The authority's certificate.
    pub certificate_pem: String,
}

/// What the authority did while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// Tokens given.
    pub granted: u64,
    /// Requests rejected.
    pub rejected: u64,
}

/// Why the authority ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy is not an object identifier.
    #[error(
        "read time-stamping policy `{0}`: it must be an object identifier such as 0.4.0.2023.1.1"
    )]
    Policy(String),
    /// It has no certificate.
    #[error("enrol the time-stamping authority")]
    Enrolment(#[from] EnrolmentError),
    /// Its listener is not usable.
    #[error("serve the time-stamping authority")]
    Listener(#[from] ListenerError),
}

/// Runs the authority until `shutdown` resolves. The certification authority must be up.
///
/// # Errors
///
/// See [`Error`].
pub async fn run(
    config: TsaConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let policy = config.policy.as_deref().map(parse_policy).transpose()?;
    let (listener, listen) = listener::bind(config.listen).await?;
    let (key, certificate) = enrolment::enrol_service(
        &config.ca_url,
        &config.enrolment_token,
        Profile::TimeStamping,
        &config.name,
    )
    .await?;
    let certificate_pem = certificate.to_pem();
    let mut signer = TokenSigner::new(key, certificate);
    if let Some(policy) = policy {
        signer = signer.under_policy(policy);
    }
    let clock = Clock::wall_shifted(config.clock_offset_ms);
    let state = Arc::new(app::TimeStamper::new(signer, clock));
    tracing::info!(%listen, "the time-stamping authority listens");
    ready(Ready {
        listen,
        url: format!("http://{listen}/"),
        certificate_pem,
    });
    listener::serve(listener, app::app(Arc::clone(&state)), shutdown).await?;
    Ok(state.summary())
}

fn parse_policy(text: &str) -> Result<ObjectIdentifier, Error> {
    ObjectIdentifier::new(text).map_err(|_| Error::Policy(text.to_owned()))
}
