//! Who may ask, what may be asked, and whether it was signed.

use sim_domain::access::{NormalisedPath, normalise_path};
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::RestRequest;
use sim_global_configuration::GlobalConfiguration;

use super::Received;
use crate::fault::refuse;
use crate::message::Evidence;
use crate::serve::Connection;
use crate::server::SecurityServer;
use crate::services::Service;

impl SecurityServer {
    /// The provider must be ours, and the other server an approved one that acts for the client.
    ///
    /// X-Road does this while it decodes, hence the codes.
    pub(super) fn trust_consumer(
        &self,
        received: &Received,
        connection: &Connection,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let head = &received.message.head;
        let provider = head.service.provider();
        let refused = |reason: Reason, text: &dyn std::fmt::Display| {
            let code = FaultCode::server_proxy(Reason::ServiceFailed);
            Err(refuse(code.nested(reason), text))
        };
        let is_own = self.clients.contains_key(provider);
        if !is_own || !configuration.is_registered(provider, &self.id) {
            let text = format!("Client '{provider}' not found");
            return refused(Reason::UnknownMember, &text);
        }
        let untrusted =
            |text: &dyn std::fmt::Display| refused(Reason::SslAuthenticationFailed, text);
        let Some(certificate) = &connection.peer_certificate else {
            return untrusted(&"the client security server sent no certificate");
        };
        let acts_for_client = configuration
            .server_of_auth_certificate(&certificate.sha256())
            .is_some_and(|server| configuration.serves(server, &head.client));
        if !acts_for_client || !certificate.can_authenticate() {
            return untrusted(&format!(
                "Client '{}' is not registered at the security server that sent its request",
                head.client
            ));
        }
        let Some(status) = received.authentication_statuses.first() else {
            return untrusted(
                &"Cannot verify TLS certificate, corresponding OCSP response is missing",
            );
        };
        let anchors = configuration.trust_anchors();
        let now = self.clock.now();
        match self.peer_statuses.check(certificate, status, anchors, now) {
            Ok(()) => Ok(()),
            Err(error) => untrusted(&error),
        }
    }

    /// The service that the request names.
    pub(super) fn known_service(&self, head: &RestRequest) -> Result<&Service, Fault> {
        self.services.find(&head.service).ok_or_else(|| {
            let text = format!("Unknown service: {}", head.service);
            refuse(FaultCode::server_proxy(Reason::UnknownService), &text)
        })
    }

    /// The client's signature; returns what is logged of it.
    pub(super) fn verify_request(
        &self,
        received: &Received,
        configuration: &GlobalConfiguration,
    ) -> Result<Evidence, Fault> {
        let verified = self
            .verifier
            .verify(
                &received.signature,
                received.chain.as_ref(),
                &received.message.leaf,
                received.message.head.client.member(),
                configuration.trust_anchors(),
                self.clock.now(),
            )
            .map_err(|error| {
                let code = FaultCode::server_proxy(Reason::SignatureVerification);
                refuse(code.nested(error.fault_suffix()), &error)
            })?;
        Ok(Evidence::verified(
            verified.document,
            received.chain.clone(),
            verified.chain_form,
        ))
    }
}

/// The normalised path, if the client may call it: the string that is matched is the string that
/// is forwarded.
pub(super) fn allowed_path(service: &Service, head: &RestRequest) -> Result<NormalisedPath, Fault> {
    let path = normalise_path(&head.service_path)
        .map_err(|error| refuse(FaultCode::server_proxy(error.reason()), &error))?;
    if service.allows(&head.client, &head.verb, &path) {
        return Ok(path);
    }
    let text = format!("Request is not allowed: {}", head.service);
    Err(refuse(FaultCode::server_proxy(Reason::AccessDenied), &text))
}

/// Refuses a service that its provider has disabled.
pub(super) fn enabled(service: &Service, head: &RestRequest) -> Result<(), Fault> {
    match &service.disabled_notice {
        None => Ok(()),
        Some(notice) => {
            let text = format!("Service {} is disabled: {notice}", head.service);
            let code = FaultCode::server_proxy(Reason::ServiceDisabled);
            Err(refuse(code, &text))
        }
    }
}
