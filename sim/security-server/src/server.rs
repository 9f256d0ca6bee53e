//! The parts of a running security server, and what both proxies do with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use sim_clock::Clock;
use sim_domain::fault::{Dialect, Fault, FaultCode, Reason};
use sim_domain::identifiers::{ClientId, SecurityServerId};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::signature::{MessageSignature, SignatureVerifier};
use sim_global_configuration::{ConfigurationHandle, GlobalConfiguration};
use sim_message_log::{Direction, LogError, LoggedChain, MessageLog, MessageRecord, Side};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::{ConnectionType, Limits};
use crate::fault::refuse;
use crate::http_client::HttpClient;
use crate::message::Message;
use crate::ocsp::{OwnStatuses, PeerStatuses};
use crate::services::ServiceCatalogue;
use crate::signing::BatchSigner;
use crate::telemetry::Telemetry;
use crate::transport::peers::Peers;

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
    pub(crate) authentication_certificate: sim_evidence::certificate::Certificate,
    pub(crate) signer: BatchSigner,
    pub(crate) verifier: SignatureVerifier,
    pub(crate) own_statuses: Arc<OwnStatuses>,
    pub(crate) peer_statuses: PeerStatuses,
    pub(crate) peers: Peers,
    pub(crate) services_http: HttpClient,
    pub(crate) log: MessageLog,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) in_flight: Semaphore,
}

impl SecurityServer {
    /// One place among the messages in work, or a refusal with `overloaded`.
    pub(crate) fn admit(&self, overloaded: FaultCode) -> Result<SemaphorePermit<'_>, Fault> {
        self.in_flight.try_acquire().map_err(|_| {
            let text = format!("more than {} messages are in work", self.limits.max_in_flight);
            refuse(overloaded, &text)
        })
    }

    /// The global configuration, unless it has expired.
    pub(crate) fn configuration(
        &self,
        side: impl FnOnce(Reason) -> FaultCode,
    ) -> Result<Arc<GlobalConfiguration>, Fault> {
        match self.configuration.current() {
            Some(current) if !current.is_expired(self.clock.now()) => Ok(current),
            _ => Err(refuse(side(Reason::GlobalConfOutdated), &"Global configuration is expired")),
        }
    }

    /// What this server logs of a request it has signed.
    pub(crate) fn request_record(
        &self,
        request: &Message<RestRequest>,
        signature: &MessageSignature,
    ) -> MessageRecord {
        let head = &request.head;
        MessageRecord {
            side: Side::Consumer,
            direction: Direction::Request,
            message_id: head.id.clone(),
            request_id: head.request_id.clone(),
            own_party: head.client.to_encoded(),
            peer_party: head.service.provider().to_encoded(),
            head: head.serialised.clone(),
            body: request.body.clone(),
            signature: signature.document.clone(),
            chain: own_chain(signature),
            logged_at: self.clock.now(),
        }
    }

    /// What this server logs of a response it has signed.
    pub(crate) fn response_record(
        &self,
        response: &Message<RestResponse>,
        signature: &MessageSignature,
    ) -> MessageRecord {
        let head = &response.head;
        MessageRecord {
            side: Side::Provider,
            direction: Direction::Response,
            message_id: head.id.clone(),
            request_id: head.request_id.clone(),
            own_party: head.service.provider().to_encoded(),
            peer_party: head.client.to_encoded(),
            head: head.serialised.clone(),
            body: response.body.clone(),
            signature: signature.document.clone(),
            chain: own_chain(signature),
            logged_at: self.clock.now(),
        }
    }
}

/// Own chains are always of the compact form.
fn own_chain(signature: &MessageSignature) -> Option<LoggedChain> {
    signature.chain.as_ref().map(|_| LoggedChain::Compact(signature.path.clone()))
}

/// The part of a fault code that says why a message could not be logged.
pub(crate) fn logging_suffix(error: &LogError) -> Reason {
    match error {
        LogError::TimestampingFailed { .. } | LogError::TooManyUnstamped { .. } => {
            Reason::TimestampingFailed
        }
        _ => Reason::DatabaseError,
    }
}
