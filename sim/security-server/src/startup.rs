//! From a configuration to a running security server, and its orderly end.

mod assembly;
mod country;
mod listeners;
mod logging;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_evidence::certificate::CertificateError;
use sim_global_configuration::ConfigurationHandle;
use sim_http_client::HttpClient;
use sim_message_log::time_stamping::TimeStampingAuthorities;
use sim_message_log::{LogConfig, LogError, LogSummary, MessageLog, Stamper, TimeStampClient};
use sim_metrics::ServerStages;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::{SecurityServerConfig, StageAccounting};
use crate::identity::{Identity, IdentityError, keys_folder, read, write};
use crate::scheduling;
use crate::server::SecurityServer;
use crate::stages::alternate;
use crate::stages::requests::{CountedStamper, RequestTally};
use crate::telemetry::Counts;
use crate::transport::tls::{InternalCredential, InternalCredentialError};

use assembly::Parts;
use country::REGISTRATION_TIMEOUT;
use listeners::Listeners;

/// What is told once the server takes messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Where service clients connect over HTTP.
    pub client_listen: SocketAddr,
    /// Where service clients connect over HTTPS.
    pub client_tls_listen: Option<SocketAddr>,
    /// Where health and metrics are answered.
    pub admin_listen: SocketAddr,
    /// PEM of the certificate that service clients see over HTTPS.
    pub tls_certificate_pem: String,
}

/// What is told at the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// What the proxies did.
    pub counts: Counts,
    /// What the message log holds.
    pub log: LogSummary,
    /// Where the time went; absent where it was told not to measure.
    #[serde(default)]
    pub stages: Option<ServerStages>,
}

/// Why a security server could not start, or not end in order.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The anchor is not one.
    #[error("configuration anchor: {0}")]
    Anchor(String),
    /// Keys and certificates.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A certificate in the configuration.
    #[error("certificate of client {0}: {1}")]
    ClientCertificate(String, CertificateError),
    /// The central server refused the registration.
    #[error("the central server did not register this server: {0}")]
    Registration(String),
    /// The global configuration never named this server and those it awaits.
    #[error(
        "the global configuration does not hold this server and those it awaits after \
         {REGISTRATION_TIMEOUT:?}"
    )]
    NotPublished,
    /// The OCSP responder gave nothing usable.
    #[error("no valid OCSP responses for this server's certificates: {0}")]
    Status(String),
    /// A port is taken, or an address is not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// The message log could not be opened, or not drained.
    #[error("message log: {0}")]
    Log(#[from] LogError),
    /// The end was asked for before the server took messages.
    #[error("ended before it was ready")]
    Interrupted,
}

/// A server that takes messages, and what keeps it going.
struct Running {
    server: Arc<SecurityServer>,
    configuration: ConfigurationHandle,
    /// One task for each listener; they end by themselves once `end` is told.
    serving: JoinSet<()>,
    end: watch::Sender<bool>,
    _background: Background,
}

/// Tasks that never end by themselves; they end with this.
#[derive(Default)]
struct Background(Vec<JoinHandle<()>>);

/// Runs a security server until `shutdown` resolves, then lets open messages finish, stamps and
/// seals the log.
///
/// # Errors
///
/// See [`StartError`].
pub async fn run(
    config: SecurityServerConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, StartError> {
    run_with_log(config, LogConfig::default(), ready, shutdown).await
}

/// As [`run`], with a message log of other settings, such as one on a disk that fails.
///
/// # Errors
///
/// See [`StartError`].
pub async fn run_with_log(
    config: SecurityServerConfig,
    log: LogConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, StartError> {
    let mut shutdown = std::pin::pin!(shutdown);
    let core = config.core;
    scheduling::do_not_interrupt();
    let started = tokio::select! {
        started = Running::start(config, log) => started?,
        // Whoever asked for this server may be gone before it is ready.
        () = &mut shutdown => return Err(StartError::Interrupted),
    };
    let (running, announcement) = started;
    if let Some(core) = core {
        // Now: its other threads are there, and go where they like.
        scheduling::stay_on(core);
    }
    ready(announcement);
    shutdown.await;
    running.drain().await
}

// === impl Running ===

impl Running {
    async fn start(
        config: SecurityServerConfig,
        log_config: LogConfig,
    ) -> Result<(Self, Ready), StartError> {
        let clock = Clock::wall_shifted(config.clock_offset_ms);
        let listeners = Listeners::bind(&config)?;
        let identity = Identity::establish(&config).await?;
        let mut background = Background::default();
        let (configuration, client) = country::join(&config, &identity, clock).await?;
        background.0.push(client);
        let statuses = country::first_statuses(&config, &identity, &configuration, clock).await?;
        let log_config = logging::configured(log_config, &config.exchange);
        let (log, recovery) = MessageLog::open(&config.log_folder, log_config, clock)?;
        tracing::info!(?recovery, "message log opened");
        let time_stamps = Arc::new(RequestTally::default());
        background.0.push(tokio::spawn(logging::keep_stamping(
            log.clone(),
            configuration.clone(),
            counted(&configuration, &time_stamps, clock),
            config.exchange.time_stamps,
        )));
        background
            .0
            .push(tokio::spawn(Arc::clone(&statuses).keep_fresh(
                identity.certificates(),
                configuration.clone(),
                HttpClient::default(),
                clock,
                Duration::from_secs_f64(config.ocsp_fetch_interval_s),
            )));
        let internal = internal_credential(&config)?;
        let accounting = config.stage_accounting;
        let announcement = listeners.announcement(internal.certificate_pem().to_owned())?;
        let server = Arc::new(assembly::assemble(
            config,
            Parts {
                identity: &identity,
                configuration: configuration.clone(),
                own_statuses: statuses,
                log,
                clock,
                time_stamps,
            },
        )?);
        if accounting == StageAccounting::Alternating {
            let stages = Arc::clone(&server.stages);
            background.0.push(tokio::spawn(alternate(stages)));
        }
        let (end, ended) = watch::channel(false);
        let serving = listeners.serve(&server, &identity, &internal, &ended)?;
        let running = Self {
            server,
            configuration,
            serving,
            end,
            _background: background,
        };
        Ok((running, announcement))
    }

    async fn drain(mut self) -> Result<Summary, StartError> {
        self.end.send_replace(true);
        while self.serving.join_next().await.is_some() {}
        // Messages whose clients went away may still be in work.
        self.server.settled().await;
        // Before the log ends, and its thread with it.
        let stages = self.server.measured_stages();
        let server = &self.server;
        let stamper = counted(&self.configuration, &server.time_stamps, server.clock);
        let log = server.log.clone().drain(&stamper).await?;
        let stages = stages.map(|stages| ServerStages {
            time_stamps: server.time_stamps.requests(),
            ..stages
        });
        Ok(Summary {
            counts: server.telemetry.counts(),
            log,
            stages,
        })
    }
}

// === impl Background ===

impl Drop for Background {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

// === functions ===

/// As [`stamper`], with its requests counted.
fn counted(
    configuration: &ConfigurationHandle,
    tally: &Arc<RequestTally>,
    clock: Clock,
) -> impl Stamper + use<> {
    CountedStamper {
        stamper: stamper(configuration.clone()),
        tally: Arc::clone(tally),
        clock,
    }
}

/// Asks the time-stamping authorities that the configuration approves at that moment.
fn stamper(configuration: ConfigurationHandle) -> impl Stamper + Send + 'static {
    TimeStampClient::new(move || {
        configuration
            .current()
            .map_or_else(TimeStampingAuthorities::default, |current| {
                TimeStampingAuthorities {
                    urls: current.time_stamping_authorities().to_vec(),
                    certificates: current.trust_anchors().time_stamping_authorities.clone(),
                }
            })
    })
}

/// The certificate that information systems were told to trust: the same after every restart, as
/// long as the server is reached at the same addresses.
fn internal_credential(config: &SecurityServerConfig) -> Result<InternalCredential, StartError> {
    let mut hosts = vec![config.address.to_string()];
    if let Some(listen) = config.client_tls_listen
        && listen.ip() != config.address
    {
        hosts.push(listen.ip().to_string());
    }
    let tls = |error: InternalCredentialError| StartError::Tls(error.to_string());
    let name = format!("internal-{}", hosts.join("-")).replace(':', "_");
    let in_folder = |ending: &str| keys_folder(config).join(format!("{name}.{ending}"));
    let (key, certificate) = (in_folder("key.der"), in_folder("crt.der"));
    if certificate.exists() {
        return InternalCredential::load(read(&certificate)?, read(&key)?).map_err(tls);
    }
    let made = InternalCredential::generate(&config.id.to_string(), &hosts).map_err(tls)?;
    write(&key, made.key_pkcs8())?;
    write(&certificate, made.certificate_der())?;
    Ok(made)
}
