//! Becoming part of a country: registration, global configuration, OCSP responses.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use sim_clock::Clock;
use sim_global_configuration::registration::{self, SecurityServerRegistration};
use sim_global_configuration::{Anchor, ConfigurationClient, ConfigurationHandle};
use sim_http_client::HttpClient;
use tokio::task::JoinHandle;

use super::StartError;
use crate::config::SecurityServerConfig;
use crate::identity::Identity;
use crate::ocsp::OwnStatuses;

/// How long the central server may take to publish this server's registration.
pub(super) const REGISTRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// Wait between looks at what the central server has published.
const PUBLICATION_RETRY: Duration = Duration::from_millis(50);
/// How long the first OCSP responses may take.
const FIRST_STATUS_TIMEOUT: Duration = Duration::from_secs(30);
/// Wait between attempts to get the first OCSP responses.
const FIRST_STATUS_RETRY: Duration = Duration::from_millis(100);

/// Registers this server and waits until the global configuration holds it, and those it awaits;
/// returns the configuration with the task that keeps it current.
pub(super) async fn join(
    config: &SecurityServerConfig,
    identity: &Identity,
    clock: Clock,
) -> Result<(ConfigurationHandle, JoinHandle<()>), StartError> {
    let anchor = Anchor::parse(config.anchor_xml.as_bytes())
        .map_err(|error| StartError::Anchor(error.to_string()))?;
    let certificate = &identity.authentication.certificate;
    let clients = config.clients.iter().map(|client| client.id.clone());
    let registration = SecurityServerRegistration::new(
        config.id.clone(),
        config.address.to_string(),
        certificate,
        clients.collect(),
    );
    registration::register_security_server(
        &config.management_url,
        &config.management_token,
        &registration,
    )
    .await
    .map_err(|error| StartError::Registration(error.to_string()))?;
    let refresh = Duration::from_secs_f64(config.configuration_refresh_s);
    let (configuration, client) = ConfigurationClient::new(anchor, clock, refresh).spawn();
    let sha256 = certificate.sha256();
    let published = configuration.wait_until(|current| {
        current.server_of_auth_certificate(&sha256) == Some(&config.id)
            && config
                .awaited_servers
                .iter()
                .all(|server| current.knows_server(server))
    });
    let published = async {
        tokio::select! {
            published = published => published.is_ok(),
            never = keep_asking(&configuration) => match never {},
        }
    };
    match tokio::time::timeout(REGISTRATION_TIMEOUT, published).await {
        Ok(true) => Ok((configuration, client)),
        Ok(false) | Err(_) => {
            client.abort();
            Err(StartError::NotPublished)
        }
    }
}

/// The ordinary refresh is too slow for a country that is just coming up.
async fn keep_asking(configuration: &ConfigurationHandle) -> Infallible {
    loop {
        tokio::time::sleep(PUBLICATION_RETRY).await;
        configuration.refresh();
    }
}

/// The OCSP responses of this server's own certificates; without them no message would be
/// believed.
pub(super) async fn first_statuses(
    config: &SecurityServerConfig,
    identity: &Identity,
    configuration: &ConfigurationHandle,
    clock: Clock,
) -> Result<Arc<OwnStatuses>, StartError> {
    let statuses = Arc::new(OwnStatuses::default());
    let http = HttpClient::default();
    let certificates = identity.certificates();
    let mut latest = format!("nothing in {FIRST_STATUS_TIMEOUT:?} for {}", config.id);
    let attempts = async {
        loop {
            if let Some(current) = configuration.current() {
                let refreshed = statuses.refresh(&certificates, &current, &http, clock);
                match refreshed.await {
                    Ok(()) => break,
                    Err(error) => latest = error.to_string(),
                }
            }
            tokio::time::sleep(FIRST_STATUS_RETRY).await;
        }
    };
    let done = tokio::time::timeout(FIRST_STATUS_TIMEOUT, attempts).await;
    done.map_err(|_| StartError::Status(latest))?;
    Ok(statuses)
}
