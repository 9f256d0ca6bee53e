//! The server, put together from its parts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sim_clock::Clock;
use sim_domain::identifiers::ClientId;
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::signature::{MemberSigner, SignatureVerifier};
use sim_global_configuration::ConfigurationHandle;
use sim_http_client::HttpClient;
use sim_message_log::MessageLog;

use super::StartError;
use crate::admission::Admission;
use crate::config::{ClientConfig, ConnectionReuse, SecurityServerConfig, SignatureScope};
use crate::identity::Identity;
use crate::ocsp::{OwnStatuses, PeerStatuses};
use crate::server::{OwnClient, SecurityServer};
use crate::services::ServiceCatalogue;
use crate::signing::BatchSigner;
use crate::stages::Stages;
use crate::stages::requests::RequestTally;
use crate::telemetry::Telemetry;
use crate::transport::peers::{PeerOptions, Peers};
use crate::transport::tls::{TlsOffer, TlsSetupError};

/// What was set up before the server.
pub(super) struct Parts<'a> {
    pub(super) identity: &'a Identity,
    pub(super) configuration: ConfigurationHandle,
    pub(super) own_statuses: Arc<OwnStatuses>,
    pub(super) log: MessageLog,
    pub(super) clock: Clock,
    pub(super) time_stamps: Arc<RequestTally>,
}

pub(super) fn assemble(
    config: SecurityServerConfig,
    parts: Parts<'_>,
) -> Result<SecurityServer, StartError> {
    let Parts {
        identity,
        configuration,
        own_statuses,
        log,
        clock,
        time_stamps,
    } = parts;
    let telemetry = Arc::new(Telemetry::default());
    let stages = Arc::new(Stages::new(config.stage_accounting, clock));
    let signer = BatchSigner::new(
        member_signers(identity),
        Arc::clone(&own_statuses),
        clock,
        match config.exchange.signatures {
            SignatureScope::Batched => config.limits.max_signature_batch,
            SignatureScope::PerMessage => 1,
        },
        Arc::clone(&telemetry),
        Arc::clone(&stages),
    );
    let peer_options = PeerOptions {
        read_timeout: Some(Duration::from_millis(config.limits.peer_timeout_ms)),
        max_answer_bytes: config.limits.max_message_bytes(),
        max_connections: config.exchange.max_connections,
        max_idle_per_peer: match config.exchange.connections {
            ConnectionReuse::Kept => config.exchange.idle_connections,
            ConnectionReuse::PerMessage => 0,
        },
    };
    let tls = |error: TlsSetupError| StartError::Tls(error.to_string());
    let offer = TlsOffer::configured(&config.exchange).map_err(tls)?;
    let own = identity.tls_credentials();
    let peers = Peers::new(&own, &offer, peer_options, clock, Arc::clone(&stages)).map_err(tls)?;
    Ok(SecurityServer {
        clients: own_clients(&config.clients)?,
        services: ServiceCatalogue::new(config.services),
        peers,
        tls_offer: offer,
        consuming: Admission::new(config.limits.max_in_flight),
        providing: Admission::new(config.limits.max_in_flight),
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
        stages,
        time_stamps,
    })
}

fn member_signers(identity: &Identity) -> BTreeMap<sim_domain::MemberId, MemberSigner> {
    let credentials = identity.signing.iter();
    let signers = credentials.map(|(member, credential)| {
        let signer = MemberSigner::new(credential.key.clone(), credential.certificate.clone());
        (member.clone(), signer)
    });
    signers.collect()
}

fn own_clients(clients: &[ClientConfig]) -> Result<BTreeMap<ClientId, OwnClient>, StartError> {
    let clients = clients.iter().map(|client| {
        let certificates = client.certificates_pem.iter();
        let certificates = certificates
            .map(|pem| Ok(Certificate::from_pem(pem)?.der().clone()))
            .collect::<Result<_, CertificateError>>()
            .map_err(|error| StartError::ClientCertificate(client.id.to_string(), error))?;
        let own = OwnClient {
            connection: client.connection,
            certificates,
        };
        Ok((client.id.clone(), own))
    });
    clients.collect()
}
