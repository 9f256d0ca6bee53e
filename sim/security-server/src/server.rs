//! The parts of a running security server, and what both proxies do with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use sim_clock::Clock;
use sim_domain::fault::{Dialect, Fault, FaultCode, Reason};
use sim_domain::identifiers::{ClientId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_evidence::signature::SignatureVerifier;
use sim_global_configuration::{ConfigurationHandle, GlobalConfiguration};
use sim_http_client::HttpClient;
use sim_message_log::{LogError, MessageLog};

use crate::admission::Admission;
use crate::config::{ConnectionType, Limits};
use crate::fault::refuse;
use crate::ocsp::{OwnStatuses, PeerStatuses};
use crate::services::ServiceCatalogue;
use crate::signing::BatchSigner;
use crate::stages::Stages;
use crate::stages::requests::RequestTally;
use crate::telemetry::Telemetry;
use crate::transport::peers::Peers;
use crate::transport::tls::TlsOffer;

/// A subsystem this server acts for.
pub(crate) struct OwnClient {
    pub(crate) connection: ConnectionType,
    /// DER certificates of its information system.
    pub(crate) certificates: BTreeSet<Bytes>,
}

/// A running security server.
pub(crate) struct SecurityServer {
    pub(crate) id: SecurityServerId,
    pub(crate) message_port: u16,
    pub(crate) ocsp_port: u16,
    pub(crate) clients: BTreeMap<ClientId, OwnClient>,
    pub(crate) services: ServiceCatalogue,
    pub(crate) limits: Limits,
    pub(crate) dialect: Dialect,
    pub(crate) clock: Clock,
    pub(crate) configuration: ConfigurationHandle,
    pub(crate) authentication_certificate: Certificate,
    pub(crate) signer: BatchSigner,
    pub(crate) verifier: SignatureVerifier,
    pub(crate) own_statuses: Arc<OwnStatuses>,
    pub(crate) peer_statuses: PeerStatuses,
    pub(crate) peers: Peers,
    /// Versions and suites towards other security servers.
    pub(crate) tls_offer: TlsOffer,
    pub(crate) services_http: HttpClient,
    pub(crate) log: MessageLog,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) stages: Arc<Stages>,
    /// Requests to time-stamping authorities.
    pub(crate) time_stamps: Arc<RequestTally>,
    /// Messages of service clients in work.
    pub(crate) consuming: Admission,
    /// Messages of other security servers in work.
    pub(crate) providing: Admission,
}

impl SecurityServer {
    /// The global configuration, unless it has expired.
    pub(crate) fn configuration(
        &self,
        side: impl FnOnce(Reason) -> FaultCode,
    ) -> Result<Arc<GlobalConfiguration>, Fault> {
        match self.configuration.current() {
            Some(current) if !current.is_expired(self.clock.now()) => Ok(current),
            _ => Err(refuse(
                side(Reason::GlobalConfOutdated),
                &"Global configuration is expired",
            )),
        }
    }

    /// Waits until no message is in work on either side.
    pub(crate) async fn settled(&self) {
        let (consuming, providing) =
            tokio::join!(self.consuming.settled(), self.providing.settled());
        if !(consuming && providing) {
            tracing::warn!("messages were still in work at the end");
        }
    }
}

/// The part of a fault code that says why a message could not be logged.
pub(crate) fn logging_suffix(error: &LogError) -> Reason {
    match error {
        LogError::TimestampingFailed { .. }
        | LogError::TooManyUnstamped { .. }
        | LogError::Stamping(_) => Reason::TimestampingFailed,
        _ => Reason::DatabaseError,
    }
}
