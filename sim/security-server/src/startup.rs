//! From a configuration to a running security server, and its orderly end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::keys::KeyError;
use sim_evidence::signature::{MemberSigner, SignatureVerifier};
use sim_global_configuration::registration::{self, SecurityServerRegistration};
use sim_global_configuration::{Anchor, ConfigurationClient, ConfigurationHandle};
use sim_message_log::time_stamping::TimeStampingAuthorities;
use sim_message_log::{
    LogConfig, LogError, LogSummary, MessageLog, Stamper, TimeStampClient, run_time_stamping,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use crate::config::{ClientConfig, SecurityServerConfig};
use crate::http_client::HttpClient;
use crate::identity::{Identity, IdentityError};
use crate::ocsp::{OwnStatuses, PeerStatuses};
use crate::serve::{Connection, ListenerOptions, plain, serve};
use crate::server::{OwnClient, SecurityServer};
use crate::services::ServiceCatalogue;
use crate::signing::BatchSigner;
use crate::telemetry::{Counts, Telemetry};
use crate::transport::ocsp_channel;
use crate::transport::peers::{PeerOptions, Peers};
use crate::transport::tls::{Acceptor, InternalCredential};

/// How long the central server may take to publish this server's registration.
const REGISTRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the first OCSP responses may take.
const FIRST_STATUS_TIMEOUT: Duration = Duration::from_secs(30);
/// X-Road's interval, for a configuration that names none.
const DEFAULT_STAMPING_INTERVAL: Duration = Duration::from_secs(60);
/// Wait between attempts to get the first OCSP responses.
const FIRST_STATUS_RETRY: Duration = Duration::from_millis(100);

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
    /// The global configuration never named this server.
    #[error("the global configuration does not hold this server after {REGISTRATION_TIMEOUT:?}")]
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
    /// A key does not sign.
    #[error("signing key: {0}")]
    Key(#[from] KeyError),
    /// No thread for the signer.
    #[error("cannot start the signer: {0}")]
    Signer(io::Error),
}

/// The sockets of one server.
struct Listeners {
    client: TcpListener,
    client_tls: Option<TcpListener>,
    message: TcpListener,
    ocsp: TcpListener,
    admin: TcpListener,
}

/// Runs a security server until `shutdown` resolves, then lets open messages finish, stamps and
/// seals the log.
pub async fn run(
    config: SecurityServerConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, StartError> {
    let clock = Clock::wall_shifted(config.clock_offset_ms);
    let listeners = Listeners::bind(&config).await?;
    let identity = Identity::establish(&config).await?;
    let configuration = join_country(&config, &identity, clock).await?;
    let statuses = first_statuses(&config, &identity, &configuration, clock).await?;
    let (log, recovery) = MessageLog::open(&config.log_folder, LogConfig::default(), clock)?;
    tracing::info!(?recovery, "message log opened");
    let internal = InternalCredential::generate(&config.id.to_string(), &[config.address.to_string()])
        .map_err(|error| tls_error(&error))?;
    let announcement = listeners.announcement(internal.certificate_pem().to_owned())?;
    let stamping = configuration.current().map_or(DEFAULT_STAMPING_INTERVAL, |current| {
        current.time_stamping_interval()
    });
    let http = HttpClient::default();
    let background = vec![
        tokio::spawn(Arc::clone(&statuses).keep_fresh(
            identity.certificates(),
            configuration.clone(),
            http,
            clock,
            Duration::from_secs_f64(config.ocsp_fetch_interval_s),
        )),
        tokio::spawn(run_time_stamping(log.clone(), stamper(configuration.clone()), stamping)),
    ];
    let server = Arc::new(assemble(config, &identity, configuration.clone(), statuses, log, clock)?);
    let (end, ended) = watch::channel(false);
    let mut serving = listen(&server, listeners, &identity, &internal, &ended)?;
    ready(announcement);
    shutdown.await;
    // Everybody who waits for `ended` may be gone already.
    let _ = end.send(true);
    while serving.join_next().await.is_some() {}
    for task in background {
        task.abort();
    }
    let log = server.log.clone().drain(&stamper(configuration)).await?;
    Ok(Summary { counts: server.telemetry.counts(), log })
}

/// Asks the time-stamping authorities that the configuration approves at that moment.
fn stamper(configuration: ConfigurationHandle) -> impl Stamper {
    TimeStampClient::new(move || {
        configuration.current().map_or_else(TimeStampingAuthorities::default, |current| {
            TimeStampingAuthorities {
                urls: current.time_stamping_authorities().to_vec(),
                certificates: current.trust_anchors().time_stamping_authorities.clone(),
            }
        })
    })
}

/// Registers this server and waits until the global configuration holds it.
async fn join_country(
    config: &SecurityServerConfig,
    identity: &Identity,
    clock: Clock,
) -> Result<ConfigurationHandle, StartError> {
    let anchor = Anchor::parse(config.anchor_xml.as_bytes())
        .map_err(|error| StartError::Anchor(error.to_string()))?;
    let certificate = &identity.authentication.certificate;
    let registration = SecurityServerRegistration::new(
        config.id.clone(),
        config.address.to_string(),
        certificate,
        config.clients.iter().map(|client| client.id.clone()).collect(),
    );
    registration::register_security_server(
        &config.management_url,
        &config.management_token,
        &registration,
    )
    .await
    .map_err(|error| StartError::Registration(error.to_string()))?;
    let refresh = Duration::from_secs_f64(config.configuration_refresh_s);
    let (configuration, _) = ConfigurationClient::new(anchor, clock, refresh).spawn();
    let sha256 = certificate.sha256();
    let published = configuration
        .wait_until(|current| current.server_of_auth_certificate(&sha256) == Some(&config.id));
    tokio::time::timeout(REGISTRATION_TIMEOUT, published)
        .await
        .map_err(|_| StartError::NotPublished)?
        .map_err(|_| StartError::NotPublished)?;
    Ok(configuration)
}

async fn first_statuses(
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
            let Some(current) = configuration.current() else { continue };
            match statuses.refresh(&certificates, &current, &http, clock).await {
                Ok(()) => break,
                Err(error) => latest = error.to_string(),
            }
            tokio::time::sleep(FIRST_STATUS_RETRY).await;
        }
    };
    let done = tokio::time::timeout(FIRST_STATUS_TIMEOUT, attempts).await;
    done.map_err(|_| StartError::Status(latest))?;
    Ok(statuses)
}

fn assemble(
    config: SecurityServerConfig,
    identity: &Identity,
    configuration: ConfigurationHandle,
    own_statuses: Arc<OwnStatuses>,
    log: MessageLog,
    clock: Clock,
) -> Result<SecurityServer, StartError> {
    let telemetry = Arc::new(Telemetry::default());
    let signers = identity
        .signing
        .iter()
        .map(|(member, credential)| {
            let signer = MemberSigner::new(credential.key.clone(), credential.certificate.clone());
            (member.clone(), signer)
        })
        .collect();
    let signer = BatchSigner::start(
        signers,
        Arc::clone(&own_statuses),
        clock,
        config.limits.max_signature_batch,
        Arc::clone(&telemetry),
    )
    .map_err(StartError::Signer)?;
    let peer_options = PeerOptions {
        read_timeout: Some(Duration::from_millis(config.limits.peer_timeout_ms)),
        max_answer_bytes: config.limits.max_message_bytes(),
    };
    Ok(SecurityServer {
        clients: own_clients(&config.clients)?,
        services: ServiceCatalogue::new(config.services),
        peers: Peers::new(&identity.tls_credentials(), peer_options, clock)
            .map_err(|error| tls_error(&error))?,
        in_flight: Semaphore::new(config.limits.max_in_flight),
        id: config.id,
        message_port: config.message_port,
        ocsp_port: config.ocsp_port,
        limits: config.limits,
        dialect: config.fault_dialect,
        clock,
        configuration,
        authentication_certificate: identity.authentication.certificate.clone(),
        signer,
        verifier: SignatureVerifier::new(),
        own_statuses,
        peer_statuses: PeerStatuses::default(),
        services_http: HttpClient::default(),
        log,
        telemetry,
    })
}

fn own_clients(
    clients: &[ClientConfig],
) -> Result<std::collections::BTreeMap<sim_domain::ClientId, OwnClient>, StartError> {
    clients
        .iter()
        .map(|client| {
            let certificates = client
                .certificates_pem
                .iter()
                .map(|pem| Ok(Certificate::from_pem(pem)?.der().clone()))
                .collect::<Result<_, CertificateError>>()
                .map_err(|error| StartError::ClientCertificate(client.id.to_string(), error))?;
            Ok((client.id.clone(), OwnClient { connection: client.connection, certificates }))
        })
        .collect()
}

/// Starts one accepting task per listener.
fn listen(
    server: &Arc<SecurityServer>,
    listeners: Listeners,
    identity: &Identity,
    internal: &InternalCredential,
    ended: &watch::Receiver<bool>,
) -> Result<JoinSet<()>, StartError> {
    let mut serving = JoinSet::new();
    let options = |name| ListenerOptions {
        name,
        max_connections: server.limits.max_connections,
        head_timeout: Duration::from_millis(server.limits.client_read_timeout_ms),
    };
    // Kept connections of peers stay idle between messages for as long as they like.
    let peer_options = ListenerOptions {
        head_timeout: Duration::from_millis(server.limits.peer_timeout_ms),
        ..options("message")
    };
    let consume = {
        let server = Arc::clone(server);
        move |request, connection| Arc::clone(&server).consume(request, connection)
    };
    let provide = {
        let server = Arc::clone(server);
        move |request, connection| Arc::clone(&server).provide(request, connection)
    };
    let administer = {
        let server = Arc::clone(server);
        move |request, connection| Arc::clone(&server).administer(request, connection)
    };
    let statuses = {
        let server = Arc::clone(server);
        move |request, _| {
            let answer = ocsp_channel::answer(&request, |hash| {
                let own = &server.authentication_certificate;
                hash.names(own).then(|| server.own_statuses.of(own)).flatten()
            });
            std::future::ready(answer)
        }
    };
    let configuration = server.configuration.clone();
    let peer_tls = Acceptor::for_security_servers(
        &identity.tls_credentials(),
        Arc::new(move |sha256| {
            configuration
                .current()
                .is_some_and(|current| current.server_of_auth_certificate(sha256).is_some())
        }),
    )
    .map_err(|error| tls_error(&error))?;
    if let Some(listener) = listeners.client_tls {
        let tls = internal.acceptor().map_err(|error| tls_error(&error))?;
        let secure = move |stream| encrypted(tls.clone(), stream);
        serving.spawn(serve(listener, options("client TLS"), ended.clone(), secure, consume.clone()));
    }
    let secure = move |stream| encrypted(peer_tls.clone(), stream);
    serving.spawn(serve(listeners.client, options("client"), ended.clone(), plain, consume));
    serving.spawn(serve(listeners.message, peer_options, ended.clone(), secure, provide));
    serving.spawn(serve(listeners.ocsp, options("OCSP"), ended.clone(), plain, statuses));
    serving.spawn(serve(listeners.admin, options("admin"), ended.clone(), plain, administer));
    Ok(serving)
}

fn tls_error(error: &dyn std::fmt::Display) -> StartError {
    StartError::Tls(error.to_string())
}

async fn encrypted(
    tls: Acceptor,
    stream: TcpStream,
) -> io::Result<(TlsStream<TcpStream>, Connection)> {
    let (stream, peer_certificate) = tls.accept(stream).await?;
    Ok((stream, Connection { tls: true, peer_certificate }))
}

// === impl Listeners ===

impl Listeners {
    async fn bind(config: &SecurityServerConfig) -> Result<Self, StartError> {
        let client_tls = match config.client_tls_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self {
            client: bind(config.client_listen).await?,
            client_tls,
            message: bind(SocketAddr::new(config.address, config.message_port)).await?,
            ocsp: bind(SocketAddr::new(config.address, config.ocsp_port)).await?,
            admin: bind(config.admin_listen).await?,
        })
    }

    fn announcement(&self, tls_certificate_pem: String) -> Result<Ready, StartError> {
        Ok(Ready {
            client_listen: local_address(&self.client)?,
            client_tls_listen: self.client_tls.as_ref().map(local_address).transpose()?,
            admin_listen: local_address(&self.admin)?,
            tls_certificate_pem,
        })
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    listener
        .local_addr()
        .map_err(|source| StartError::Listen { address: unknown, source })
}
