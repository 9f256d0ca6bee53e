//! Which security server may answer a request, and how far it is trusted.

use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::identifiers::SecurityServerId;
use sim_domain::rest::RestRequest;
use sim_evidence::certificate::Certificate;
use sim_global_configuration::GlobalConfiguration;
use sim_metrics::Stage;

use crate::fault::refuse;
use crate::server::SecurityServer;
use crate::stages::Exchange;
use crate::transport::multipart::OutgoingMessage;
use crate::transport::ocsp_channel;
use crate::transport::peers::PeerAnswer;

/// A server that may answer the request, and where.
pub(super) struct Candidate {
    server: SecurityServerId,
    address: String,
}

/// The servers that may answer, the pinned one alone where the client names it.
pub(super) fn find(
    request: &RestRequest,
    configuration: &GlobalConfiguration,
) -> Result<Vec<Candidate>, Fault> {
    let provider = request.service.provider();
    let refused =
        |reason: Reason, text: String| Err(refuse(FaultCode::client_proxy(reason), &text));
    let serving = configuration.server_addresses(provider).iter();
    let mut candidates: Vec<Candidate> = serving
        .map(|(server, address)| Candidate {
            server: server.clone(),
            address: address.clone(),
        })
        .collect();
    if candidates.is_empty() {
        return refused(
            Reason::UnknownMember,
            format!("Could not find addresses for service provider \"{provider}\""),
        );
    }
    if let Some(pinned) = &request.security_server {
        candidates.retain(|candidate| candidate.server == *pinned);
        if candidates.is_empty() {
            return refused(
                Reason::InvalidSecurityServer,
                format!("Security server \"{pinned}\" does not serve \"{provider}\""),
            );
        }
    }
    candidates.retain(|candidate| configuration.maintenance(&candidate.server).is_none());
    if candidates.is_empty() {
        return refused(
            Reason::MaintenanceMode,
            format!("every security server of \"{provider}\" is in maintenance"),
        );
    }
    Ok(candidates)
}

impl SecurityServer {
    /// Sends the message to the first candidate that can be reached and trusted.
    ///
    /// Only a server that could not be connected to is passed over: a request that may have
    /// arrived is never sent twice.
    pub(super) async fn ask(
        &self,
        candidates: &[Candidate],
        request: &RestRequest,
        configuration: &GlobalConfiguration,
        outgoing: &OutgoingMessage,
        stages: &Exchange<'_>,
    ) -> Result<PeerAnswer, Fault> {
        let mut code = FaultCode::client_proxy(Reason::NetworkError);
        let mut causes = Vec::new();
        for candidate in candidates {
            match self.peers.open(&candidate.address, self.message_port).await {
                Ok(connection) => {
                    let certificate = connection.peer_certificate();
                    let trusting =
                        self.trust_provider(certificate, candidate, request, configuration);
                    stages.waited(Stage::Ocsp, trusting).await?;
                    return connection.exchange(outgoing).await.map_err(|error| {
                        refuse(error.fault_code(FaultCode::client_proxy), &error)
                    });
                }
                Err(error) => {
                    code = error.fault_code(FaultCode::client_proxy);
                    causes.push(error.to_string());
                }
            }
        }
        let causes = causes.join("; ");
        Err(refuse(
            code,
            &format!("Could not connect to any target host: {causes}"),
        ))
    }

    /// The server at the other end must be an approved one that serves the provider.
    async fn trust_provider(
        &self,
        certificate: &Certificate,
        candidate: &Candidate,
        request: &RestRequest,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let code = || FaultCode::client_proxy(Reason::SslAuthenticationFailed);
        let registered = configuration
            .server_of_auth_certificate(&certificate.sha256())
            .is_some_and(|server| configuration.serves(server, request.service.provider()));
        if !registered || !certificate.can_authenticate() {
            return Err(refuse(
                code(),
                &"the provider's security server does not authenticate as a server of the provider",
            ));
        }
        let anchors = configuration.trust_anchors();
        let now = self.clock.now();
        if self.peer_statuses.remembers(certificate, anchors, now) {
            return Ok(());
        }
        let _asking = self.peer_statuses.requests.begin(self.clock);
        let response = ocsp_channel::fetch(&candidate.address, self.ocsp_port, certificate)
            .await
            .map_err(|error| refuse(code(), &error))?;
        self.peer_statuses
            .check(certificate, &response, anchors, now)
            .map_err(|error| {
                refuse(
                    code().nested("invalid_cert_path.cert_validation"),
                    &format!("server {}: {error}", candidate.server),
                )
            })
    }
}
