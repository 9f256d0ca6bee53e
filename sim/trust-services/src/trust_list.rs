//! The supervisory body: publishes whom people's signatures may rest on (ETSI TS 119 612).
//!
//! It makes a key and a certificate whenever it starts and signs one list with it. Whoever checks a
//! signature must know that certificate from elsewhere, as the member states of the EU know each
//! other's; everything else follows from the list.

mod app;
mod config;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::keys::{KeyError, SigningKey};
use sim_signed_documents::{TrustList, TrustedService, TrustedServiceKind};

use crate::listener::{self, ListenerError};

pub use config::{ListedFor, ListedService, TrustListConfig};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A list is valid for half a year at most (ETSI TS 119 612, section 5.3.15).
const VALIDITY: Duration = DAY.saturating_mul(180);
/// Since when the services are trusted: longer ago than any signature of theirs.
const TRUSTED_SINCE: Duration = DAY.saturating_mul(2);
/// The certificate of who signs is valid as long as the list, and a little around it.
const MARGIN: Duration = DAY;

/// What is known once the list is published.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// Where the list is.
    pub url: String,
    /// The list itself.
    pub list_xml: String,
    /// The certificate of who signed it.
    pub signer_pem: String,
}

/// What was asked for while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// How often the list was fetched.
    pub fetched: u64,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service's certificate is none.
    #[error("read the certificate of {name}")]
    Service {
        /// The service, as listed.
        name: String,
        /// Why not.
        source: CertificateError,
    },
    /// No key can be made.
    #[error("make the key that signs the list")]
    Key(#[from] KeyError),
    /// Its own certificate cannot be made.
    #[error("make the certificate that signs the list")]
    Make(#[from] rcgen::Error),
    /// Its own certificate cannot be read.
    #[error("read the certificate that signs the list")]
    Certificate(#[source] CertificateError),
    /// Its listener is not usable.
    #[error("serve the trusted list")]
    Listener(#[from] ListenerError),
}

/// Publishes the list until `shutdown` resolves.
///
/// # Errors
///
/// See [`Error`].
pub async fn run(
    config: TrustListConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let clock = Clock::wall_shifted(config.clock_offset_ms);
    let (list_xml, signer) = signed(&config, clock.now())?;
    let (listener, listen) = listener::bind(config.listen).await?;
    let state = Arc::new(app::Publisher::new(list_xml.clone(), signer.der().to_vec()));
    tracing::info!(%listen, services = config.services.len(), "the trusted list is published");
    ready(Ready {
        listen,
        url: format!("http://{listen}{}", app::LIST_PATH),
        list_xml,
        signer_pem: signer.to_pem(),
    });
    listener::serve(listener, app::app(Arc::clone(&state)), shutdown).await?;
    Ok(state.summary())
}

/// The list as it is published, and the certificate of who signed it.
fn signed(config: &TrustListConfig, now: UtcTime) -> Result<(String, Certificate), Error> {
    let services: Vec<TrustedService> = config
        .services
        .iter()
        .map(trusted)
        .collect::<Result<_, _>>()?;
    let list = TrustList::new(
        &config.operator,
        &config.territory,
        &services,
        now,
        now.plus(VALIDITY),
        now.minus(TRUSTED_SINCE),
    );
    let key = SigningKey::generate()?;
    let signer = signer_of(config, &key, now)?;
    let signature = key.sign_sha256_raw(&[&list.to_sign()]);
    Ok((list.signed(&signature, &signer), signer))
}

fn trusted(service: &ListedService) -> Result<TrustedService, Error> {
    let certificate =
        Certificate::from_pem(&service.certificate_pem).map_err(|source| Error::Service {
            name: service.name.clone(),
            source,
        })?;
    Ok(TrustedService {
        name: service.name.clone(),
        kind: match service.listed_for {
            ListedFor::Certificates => TrustedServiceKind::Authority,
            ListedFor::CertificateStatus => TrustedServiceKind::OcspResponder,
            ListedFor::TimeStamps => TrustedServiceKind::TimeStamping,
        },
        certificate,
    })
}

fn signer_of(
    config: &TrustListConfig,
    key: &SigningKey,
    now: UtcTime,
) -> Result<Certificate, Error> {
    let mut params = rcgen::CertificateParams::default();
    let mut name = rcgen::DistinguishedName::new();
    name.push(rcgen::DnType::OrganizationName, &*config.operator);
    name.push(rcgen::DnType::CommonName, "Trusted list");
    params.distinguished_name = name;
    params.not_before = now.minus(MARGIN).to_offset_date_time();
    params.not_after = now.plus(VALIDITY).plus(MARGIN).to_offset_date_time();
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    let made = params.self_signed(key)?;
    Certificate::parse(made.der().to_vec()).map_err(Error::Certificate)
}
