//! Client proxy: takes a service client's request, signs it, logs it, sends it to the provider's
//! security server, and checks and logs what comes back.
//!
//! The steps of [`SecurityServer::mediate`] are the sections of `docs/life-of-a-message.md`, in
//! order.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::headers;
use sim_domain::identifiers::SecurityServerId;
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::hash_chain::HashChain;
use sim_global_configuration::GlobalConfiguration;
use sim_evidence::certificate::Certificate;
use sim_evidence::signature::MessageSignature;
use sim_message_log::{Direction, Side};
use uuid::Uuid;

use crate::config::ConnectionType;
use crate::fault::refuse;
use crate::message::{self, Message};
use crate::serve::Connection;
use crate::server::{SecurityServer, logging_suffix};
use crate::transport::multipart::{
    AnswerParts, OutgoingMessage, ParsedAnswer, RequestHeaders,
};
use crate::transport::ocsp_channel;
use crate::transport::peers::PeerAnswer;

/// A server that may answer the request, and where.
struct Candidate {
    server: SecurityServerId,
    address: String,
}

impl SecurityServer {
    /// Answers one HTTP request of a service client.
    pub(crate) async fn consume(
        self: Arc<Self>,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Response<Full<Bytes>> {
        let accept: Vec<String> = message::header_values(request.headers(), "accept");
        match self.mediate(request, &connection).await {
            Ok(response) => {
                self.telemetry.consumed();
                response
            }
            Err(fault) => {
                self.telemetry.client_fault();
                tracing::info!(code = %fault.code, message = %fault.message, "client fault");
                crate::fault::rest_response(&fault, &accept, self.dialect)
            }
        }
    }

    async fn mediate(
        &self,
        request: Request<Incoming>,
        connection: &Connection,
    ) -> Result<Response<Full<Bytes>>, Fault> {
        let _permit = self.admit(FaultCode::client_proxy(Reason::Overloaded))?;
        let (request, body) = self.receive(request).await?;
        let configuration = self.configuration(FaultCode::client_proxy)?;
        self.identify_client(&request, connection, &configuration)?;
        let candidates = find_provider(&request, &configuration)?;
        let request = Message::new(request, body);
        let signature = self
            .signer
            .sign(request.head.client.member(), request.leaf.clone())
            .await
            // X-Road reports any failure while the request is written as an I/O error.
            .map_err(|error| refuse(FaultCode::client_proxy(Reason::IoError), &error))?;
        let record = self.request_record(&request, &signature);
        let outgoing = self.outgoing_request(&request, &signature)?;
        // The record and the journey may overlap: what counts is that no answer goes out before
        // both of this server's records are durable.
        let (logged, answer) =
            tokio::join!(
            self.log.append(record),
            self.ask(&candidates, &request.head, &configuration, &outgoing)
        );
        logged.map_err(|error| refuse(FaultCode::client_proxy(Reason::IoError), &error))?;
        let response = self.verify(&answer?, &request, &configuration)?;
        let reply = rest_reply(&response);
        self.log
            .append(response.into_record(self.clock.now(), &request.head))
            .await
            .map_err(|error| {
                refuse(FaultCode::client_proxy(Reason::LoggingFailed).nested(logging_suffix(&error)), &error)
            })?;
        reply
    }

    /// Reads head and body, within the limits.
    async fn receive(&self, request: Request<Incoming>) -> Result<(RestRequest, Option<Bytes>), Fault> {
        let (parts, body) = request.into_parts();
        if message::header_bytes(&parts.headers) > self.limits.max_header_bytes {
            return Err(refuse(
                FaultCode::client_proxy(Reason::HeadersTooLarge),
                &format!("the headers hold more than {} bytes", self.limits.max_header_bytes),
            ));
        }
        let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
        let headers = message::header_list(&parts.headers)
            .map_err(|error| refuse(FaultCode::client_proxy(Reason::InternalError), &error))?;
        let request = RestRequest::from_parts(
            parts.method.as_str(),
            target,
            &headers,
            &Uuid::new_v4().to_string(),
            || format!("{}-{}", self.id.owner().instance(), Uuid::new_v4()),
        )
        .map_err(|error| refuse(error.fault_code(), &error))?;
        let within = Duration::from_millis(self.limits.client_read_timeout_ms);
        let body = message::read_body(body, self.limits.max_body_bytes, within)
            .await
            .map_err(|error| error.refused(FaultCode::client_proxy))?;
        Ok((request, body))
    }

    /// The client must be one of this server's own, registered, and connected as configured.
    fn identify_client(
        &self,
        request: &RestRequest,
        connection: &Connection,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let client = &request.client;
        let known = self.clients.get(client).filter(|_| configuration.is_registered(client, &self.id));
        let Some(known) = known else {
            return Err(refuse(
                FaultCode::client_proxy(Reason::UnknownMember),
                &format!("Client '{client}' not found"),
            ));
        };
        let unmet = |what: &str| {
            Err(refuse(
                FaultCode::client_proxy(Reason::SslAuthenticationFailed),
                &format!("Client '{client}' {what}"),
            ))
        };
        match known.connection {
            ConnectionType::Http => Ok(()),
            _ if !connection.tls => unmet("has to connect over HTTPS"),
            ConnectionType::Https => Ok(()),
            ConnectionType::MutualTls => match &connection.peer_certificate {
                Some(certificate) if known.certificates.contains(certificate.der()) => Ok(()),
                Some(_) => unmet("connected with a certificate that is not registered for it"),
                None => unmet("has to connect with a client certificate"),
            },
        }
    }

    /// The message with this server's own certificate status and the signature.
    fn outgoing_request(
        &self,
        request: &Message<RestRequest>,
        signature: &MessageSignature,
    ) -> Result<OutgoingMessage, Fault> {
        let status = self.own_statuses.of(&self.authentication_certificate).ok_or_else(|| {
            refuse(
                FaultCode::client_proxy(Reason::SslAuthenticationFailed),
                &"there is no OCSP response for this server's authentication certificate",
            )
        })?;
        let content_type = request
            .head
            .headers
            .iter()
            .find(|(name, _)| headers::is(name, "content-type"))
            .map_or("", |(_, value)| value.as_str());
        let headers = RequestHeaders {
            request_id: &request.head.request_id,
            original_content_type: content_type,
        };
        let statuses = [status];
        Ok(OutgoingMessage::request(&headers, &message::parts(&statuses, request, signature)))
    }

    /// Sends the message to the first candidate that can be reached and trusted.
    ///
    /// Only a server that could not be connected to is passed over: a request that may have
    /// arrived is never sent twice.
    async fn ask(
        &self,
        candidates: &[Candidate],
        request: &RestRequest,
        configuration: &GlobalConfiguration,
        outgoing: &OutgoingMessage,
    ) -> Result<PeerAnswer, Fault> {
        let mut unreachable = None;
        for candidate in candidates {
            match self.peers.open(&candidate.address, self.message_port).await {
                Ok(connection) => {
                    let certificate = connection.peer_certificate();
                    self.trust_provider(certificate, candidate, request, configuration).await?;
                    return connection.exchange(outgoing).await.map_err(|error| {
                        refuse(error.fault_code(FaultCode::client_proxy), &error)
                    });
                }
                Err(error) => unreachable = Some(error),
            }
        }
        let (code, text) = match unreachable {
            Some(error) => (error.fault_code(FaultCode::client_proxy), error.to_string()),
            None => (FaultCode::client_proxy(Reason::NetworkError), String::new()),
        };
        Err(refuse(code, &format!("Could not connect to any target host: {text}")))
    }

    /// The server at the other end must be an approved one that serves the provider.
    async fn trust_provider(
        &self,
        certificate: &Certificate,
        candidate: &Candidate,
        request: &RestRequest,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let refused = |text: &dyn std::fmt::Display| {
            refuse(FaultCode::client_proxy(Reason::SslAuthenticationFailed), text)
        };
        let registered = configuration
            .server_of_auth_certificate(&certificate.sha256())
            .is_some_and(|server| configuration.serves(server, request.service.provider()));
        if !registered || !certificate.can_authenticate() {
            return Err(refused(
                &"the provider's security server does not authenticate as a server of the provider",
            ));
        }
        let now = self.clock.now();
        if self.peer_statuses.remembered(certificate, now) {
            return Ok(());
        }
        let response =
            ocsp_channel::fetch(&candidate.address, self.ocsp_port, certificate)
                .await
                .map_err(|error| refused(&error))?;
        self.peer_statuses
            .check(certificate, &response, configuration.trust_anchors(), now)
            .map_err(|error| {
                refuse(
                    FaultCode::client_proxy(Reason::SslAuthenticationFailed)
                        .nested("invalid_cert_path.cert_validation"),
                    &format!("server {}: {error}", candidate.server),
                )
            })
    }

    /// Decodes the answer and checks signature and consistency; nothing of it is believed before.
    fn verify(
        &self,
        answer: &PeerAnswer,
        request: &Message<RestRequest>,
        configuration: &GlobalConfiguration,
    ) -> Result<VerifiedResponse, Fault> {
        let parts = match answer.parse().map_err(|error| {
            refuse(error.fault_code(FaultCode::client_proxy), &error)
        })? {
            ParsedAnswer::Message(parts) => parts,
            ParsedAnswer::Fault(fault) => return Err(*fault),
        };
        let AnswerParts { head, body, hash_chain, signature } = parts;
        let head = RestResponse::parse(head).map_err(|error| {
            refuse(FaultCode::client_proxy(Reason::ServiceFailed).nested("invalid_message"), &error)
        })?;
        let response = Message::new(head, body);
        let chain = hash_chain.map(|(result, chain)| HashChain { result, chain });
        let verified = self
            .verifier
            .verify(
                &signature,
                chain.as_ref(),
                &response.leaf,
                request.head.service.provider().member(),
                configuration.trust_anchors(),
                self.clock.now(),
            )
            .map_err(|error| {
                refuse(
                    FaultCode::client_proxy(Reason::SignatureVerification).nested(error.fault_suffix()),
                    &error,
                )
            })?;
        response
            .head
            .check_answers(&request.head, &request.hash())
            .map_err(|error| refuse(error.fault_code(), &error))?;
        Ok(VerifiedResponse {
            message: response,
            signature,
            chain: message::logged_chain(chain, verified.chain_form),
        })
    }
}

/// A response whose signature holds and which answers the request.
struct VerifiedResponse {
    message: Message<RestResponse>,
    signature: Bytes,
    chain: Option<sim_message_log::LoggedChain>,
}

impl VerifiedResponse {
    fn into_record(
        self,
        now: sim_clock::UtcTime,
        request: &RestRequest,
    ) -> sim_message_log::MessageRecord {
        sim_message_log::MessageRecord {
            side: Side::Consumer,
            direction: Direction::Response,
            message_id: self.message.head.id,
            request_id: self.message.head.request_id,
            own_party: request.client.to_encoded(),
            peer_party: request.service.provider().to_encoded(),
            head: self.message.head.serialised,
            body: self.message.body,
            signature: self.signature,
            chain: self.chain,
            logged_at: now,
        }
    }
}

/// The servers that may answer, the pinned one alone where the client names it.
fn find_provider(
    request: &RestRequest,
    configuration: &GlobalConfiguration,
) -> Result<Vec<Candidate>, Fault> {
    let provider = request.service.provider();
    let mut candidates: Vec<Candidate> = configuration
        .server_addresses(provider)
        .iter()
        .map(|(server, address)| Candidate { server: server.clone(), address: address.clone() })
        .collect();
    if candidates.is_empty() {
        return Err(refuse(
            FaultCode::client_proxy(Reason::UnknownMember),
            &format!("Could not find addresses for service provider \"{provider}\""),
        ));
    }
    if let Some(pinned) = &request.security_server {
        candidates.retain(|candidate| candidate.server == *pinned);
        if candidates.is_empty() {
            return Err(refuse(
                FaultCode::client_proxy(Reason::InvalidSecurityServer),
                &format!("Security server \"{pinned}\" does not serve \"{provider}\""),
            ));
        }
    }
    let serving = |candidate: &Candidate| configuration.maintenance(&candidate.server).is_none();
    if !candidates.iter().any(serving) {
        return Err(refuse(
            FaultCode::client_proxy(Reason::MaintenanceMode),
            &format!("every security server of \"{provider}\" is in maintenance"),
        ));
    }
    candidates.retain(serving);
    Ok(candidates)
}

/// The answer as the client sees it: the service's status and headers, and X-Road's own.
fn rest_reply(response: &VerifiedResponse) -> Result<Response<Full<Bytes>>, Fault> {
    let head = &response.message.head;
    let mut reply = Response::builder().status(head.status);
    for (name, value) in &head.headers {
        // The HTTP layer writes its own date; two would contradict each other.
        if !headers::is(name, "date") {
            reply = reply.header(name, value);
        }
    }
    reply
        .body(Full::new(response.message.body.clone().unwrap_or_default()))
        .map_err(|error| refuse(FaultCode::client_proxy(Reason::InternalError), &error))
}
