//! What a security server is told at its start. It never sees a scenario.

mod exchange;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_domain::{AccessRight, ClientId, Dialect, SecurityServerId, ServiceId};

pub use sim_evidence::keys::KeyType;

pub use exchange::{
    BodyLogging, ConnectionReuse, ExchangeSettings, SignatureScope, TimeStamping, TlsVersion,
};

/// The configuration of one security server, read from JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityServerConfig {
    /// Owner and server code.
    pub id: SecurityServerId,
    /// The address that other security servers reach this one at.
    pub address: IpAddr,
    /// Message port, the same for every server of the country (X-Road: 5500).
    pub message_port: u16,
    /// OCSP side channel port, the same for every server of the country (X-Road: 5577).
    pub ocsp_port: u16,
    /// Where service clients connect over HTTP.
    pub client_listen: SocketAddr,
    /// Where service clients connect over HTTPS; absent when no client does.
    #[serde(default)]
    pub client_tls_listen: Option<SocketAddr>,
    /// Where health and metrics are answered.
    pub admin_listen: SocketAddr,
    /// Keys and certificates live here.
    pub data_folder: PathBuf,
    /// The message log lives here.
    pub log_folder: PathBuf,
    /// The configuration anchor, as XML.
    pub anchor_xml: String,
    /// Seconds between downloads of the global configuration (X-Road: 60).
    pub configuration_refresh_s: f64,
    /// Seconds between fetches of this server's own OCSP responses (X-Road: 1200).
    pub ocsp_fetch_interval_s: f64,
    /// The certification authority that signs this server's certificates.
    pub ca_url: String,
    /// Lets this server ask for certificates.
    pub enrolment_token: String,
    /// The central server's management interface.
    pub management_url: String,
    /// Lets this server register itself.
    pub management_token: String,
    /// Other servers that the global configuration must name before this one takes messages. A
    /// country that starts all at once is whole by then; otherwise this server would learn of
    /// those that registered after it a whole refresh later.
    #[serde(default)]
    pub awaited_servers: Vec<SecurityServerId>,
    /// The subsystems this server acts for.
    pub clients: Vec<ClientConfig>,
    /// The services those subsystems provide.
    #[serde(default)]
    pub services: Vec<ServiceConfig>,
    /// Bounds on what one caller may take.
    #[serde(default)]
    pub limits: Limits,
    /// How messages are signed, sent and kept.
    #[serde(default)]
    pub exchange: ExchangeSettings,
    /// Which spelling of fault codes this server speaks.
    #[serde(default)]
    pub fault_dialect: Dialect,
    /// Milliseconds by which this server's clock is ahead of the machine's.
    #[serde(default)]
    pub clock_offset_ms: i64,
    /// Whether it measures where the time of an exchange goes.
    #[serde(default)]
    pub stage_accounting: StageAccounting,
    /// Number of the core that this server's own thread, which has all sockets, stays on; absent:
    /// it goes where the system puts it. Two servers that talk to each other and have a core each
    /// are faster.
    #[serde(default)]
    pub core: Option<usize>,
}

/// Whether a security server measures where the time of an exchange goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageAccounting {
    /// One exchange in a few is measured.
    #[default]
    On,
    /// None is, and the last words are silent about it.
    Off,
    /// On and off in turn, several times a second, so that its own cost can be told.
    Alternating,
}

/// One subsystem this server acts for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The subsystem.
    pub id: ClientId,
    /// How its information system has to connect.
    #[serde(default)]
    pub connection: ConnectionType,
    /// Certificates of its information system, PEM; used with [`ConnectionType::MutualTls`].
    #[serde(default)]
    pub certificates_pem: Vec<String>,
}

/// How an information system has to connect (X-Road's `isauthentication`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionType {
    /// Plain HTTP will do (`NOSSL`).
    #[default]
    Http,
    /// HTTPS, without a look at the client's certificate (`SSLNOAUTH`).
    Https,
    /// HTTPS with a registered client certificate (`SSLAUTH`).
    MutualTls,
}

/// One service behind this server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// The service.
    pub id: ServiceId,
    /// Where it is answered; the message's path and query are appended.
    pub url: String,
    /// How long an answer may take, in milliseconds (X-Road: 60,000).
    #[serde(default = "default_service_timeout_ms")]
    pub timeout_ms: u64,
    /// Set when the service is disabled: what callers are told.
    #[serde(default)]
    pub disabled_notice: Option<String>,
    /// Who may call what.
    #[serde(default)]
    pub access: Vec<AccessRight>,
}

/// Bounds on what one caller may take; each answers with a code of its own.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Messages in work at once on each side; more are answered 503.
    pub max_in_flight: usize,
    /// Connections open at once on each listener; more are closed at once (X-Road: 5000).
    pub max_connections: usize,
    /// Bytes of a body; larger ones are answered 413 (X-Road: 10 MiB loggable).
    pub max_body_bytes: usize,
    /// Bytes of all headers together; more are answered 431.
    pub max_header_bytes: usize,
    /// Messages signed together at most.
    pub max_signature_batch: usize,
    /// How long a client may take to send its request, in milliseconds.
    pub client_read_timeout_ms: u64,
    /// How long the other security server may take to answer, in milliseconds.
    pub peer_timeout_ms: u64,
}

/// Room for the parts of a transported message beside its body: head, chain, signature, OCSP.
const MAX_ENVELOPE_BYTES: usize = 512 * 1024;

impl Limits {
    /// Largest message taken from another security server.
    pub(crate) fn max_message_bytes(&self) -> usize {
        self.max_body_bytes + MAX_ENVELOPE_BYTES
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_in_flight: 4_096,
            max_connections: 5_000,
            max_body_bytes: 10 * 1024 * 1024,
            max_header_bytes: 32 * 1024,
            max_signature_batch: 256,
            client_read_timeout_ms: 30_000,
            peer_timeout_ms: 120_000,
        }
    }
}

fn default_service_timeout_ms() -> u64 {
    60_000
}
