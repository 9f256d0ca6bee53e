//! Server proxy: takes a message from another security server, checks it, logs it, calls the
//! service, signs and logs the answer, and sends it back.
//!
//! The steps of [`SecurityServer::serve_message`] are the sections of
//! `docs/life-of-a-message.md`, in order.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use sim_domain::access::{NormalisedPath, normalise_path};
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::hash_chain::HashChain;
use sim_global_configuration::GlobalConfiguration;
use sim_message_log::{Direction, LoggedChain, MessageRecord, Side};

use crate::fault::refuse;
use crate::http_client::{HttpAnswer, HttpClientError};
use crate::message::{self, Message};
use crate::serve::Connection;
use crate::server::{SecurityServer, logging_suffix};
use crate::services::Service;
use crate::transport::multipart::{self, OutgoingMessage, RequestParts};

/// A decoded request and the evidence that came with it.
struct Received {
    message: Message<RestRequest>,
    signature: Bytes,
    chain: Option<HashChain>,
    authentication_statuses: Vec<Bytes>,
}

impl SecurityServer {
    /// Answers one HTTP request of another security server.
    ///
    /// Faults travel as SOAP in a 200 answer, also for REST (PR-MESSTRANSP).
    pub(crate) async fn provide(
        self: Arc<Self>,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Response<Full<Bytes>> {
        match self.serve_message(request, &connection).await {
            Ok(response) => {
                self.telemetry.provided();
                response
            }
            Err(fault) => {
                self.telemetry.provider_fault();
                tracing::info!(code = %fault.code, message = %fault.message, "provider fault");
                multipart::fault_response(&fault, self.dialect)
            }
        }
    }

    async fn serve_message(
        &self,
        request: Request<Incoming>,
        connection: &Connection,
    ) -> Result<Response<Full<Bytes>>, Fault> {
        let _permit = self.admit(FaultCode::server_proxy(Reason::Overloaded))?;
        if request.method() != Method::POST {
            return Err(refuse(
                FaultCode::server_proxy(Reason::InvalidHttpMethod),
                &"Must use POST request method instead of others",
            ));
        }
        let received = self.decode(request).await?;
        let configuration = self.configuration(FaultCode::server_proxy)?;
        self.trust_consumer(&received, connection, &configuration)?;
        let head = &received.message.head;
        let service = self.services.find(&head.service).ok_or_else(|| {
            let text = format!("Unknown service: {}", head.service);
            refuse(FaultCode::server_proxy(Reason::UnknownService), &text)
        })?;
        let path = allowed_path(service, head)?;
        if let Some(notice) = &service.disabled_notice {
            return Err(refuse(
                FaultCode::server_proxy(Reason::ServiceDisabled),
                &format!("Service {} is disabled: {notice}", head.service),
            ));
        }
        let chain = self.verify_request(&received, &configuration)?;
        // The request's record is durable before the service sees the request.
        self.log_append(self.received_record(&received, chain)).await?;
        let answer = self.call_service(service, &path, &received.message).await?;
        let response = respond(&received.message, answer);
        let signature = self
            .signer
            .sign(head.service.provider().member(), response.leaf.clone())
            .await
            .map_err(|error| refuse(FaultCode::server_proxy(Reason::CannotCreateSignature), &error))?;
        let record = self.response_record(&response, &signature);
        let outgoing = OutgoingMessage::response(&message::parts(&[], &response, &signature));
        self.log_append(record).await?;
        Ok(outgoing.into_response())
    }

    async fn decode(&self, request: Request<Incoming>) -> Result<Received, Fault> {
        let failed = |suffix: &str, text: &dyn std::fmt::Display| {
            refuse(FaultCode::server_proxy(Reason::ServiceFailed).nested(suffix), text)
        };
        let (parts, body) = request.into_parts();
        let within = Duration::from_millis(self.limits.peer_timeout_ms);
        let body = message::read_body(body, self.limits.max_message_bytes(), within)
            .await
            .map_err(|error| error.refused(FaultCode::server_proxy))?
            .unwrap_or_default();
        let RequestParts { ocsp_responses, head, body, hash_chain, signature } =
            multipart::parse_request(&parts.headers, &body)
                .map_err(|error| refuse(error.fault_code(FaultCode::server_proxy), &error))?;
        let head = RestRequest::parse(head).map_err(|error| failed("invalid_message", &error))?;
        Ok(Received {
            message: Message::new(head, body),
            signature,
            chain: hash_chain.map(|(result, chain)| HashChain { result, chain }),
            authentication_statuses: ocsp_responses,
        })
    }

    /// The provider must be ours, and the other server an approved one that acts for the client.
    fn trust_consumer(
        &self,
        received: &Received,
        connection: &Connection,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let head = &received.message.head;
        let provider = head.service.provider();
        if !self.clients.contains_key(provider) || !configuration.is_registered(provider, &self.id) {
            return Err(refuse(
                FaultCode::server_proxy(Reason::ServiceFailed).nested("unknown_member"),
                &format!("Client '{provider}' not found"),
            ));
        }
        let refused = |text: &dyn std::fmt::Display| {
            let code =
                FaultCode::server_proxy(Reason::ServiceFailed).nested("ssl_authentication_failed");
            Err(refuse(code, text))
        };
        let Some(certificate) = &connection.peer_certificate else {
            return refused(&"the client security server sent no certificate");
        };
        let acts_for_client = configuration
            .server_of_auth_certificate(&certificate.sha256())
            .is_some_and(|server| configuration.serves(server, &head.client));
        if !acts_for_client || !certificate.can_authenticate() {
            return refused(&format!(
                "Client '{}' is not registered at the security server that sent its request",
                head.client
            ));
        }
        let Some(status) = received.authentication_statuses.first() else {
            return refused(&"Cannot verify TLS certificate, corresponding OCSP response is missing");
        };
        let anchors = configuration.trust_anchors();
        match self.peer_statuses.check(certificate, status, anchors, self.clock.now()) {
            Ok(()) => Ok(()),
            Err(error) => refused(&error),
        }
    }

    fn verify_request(
        &self,
        received: &Received,
        configuration: &GlobalConfiguration,
    ) -> Result<Option<LoggedChain>, Fault> {
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
        Ok(message::logged_chain(received.chain.clone(), verified.chain_form))
    }

    fn received_record(&self, received: &Received, chain: Option<LoggedChain>) -> MessageRecord {
        let head = &received.message.head;
        MessageRecord {
            side: Side::Provider,
            direction: Direction::Request,
            message_id: head.id.clone(),
            request_id: head.request_id.clone(),
            own_party: head.service.provider().to_encoded(),
            peer_party: head.client.to_encoded(),
            head: head.serialised.clone(),
            body: received.message.body.clone(),
            signature: received.signature.clone(),
            chain,
            logged_at: self.clock.now(),
        }
    }

    async fn log_append(&self, record: MessageRecord) -> Result<(), Fault> {
        self.log.append(record).await.map_err(|error| {
            refuse(FaultCode::server_proxy(Reason::LoggingFailed).nested(logging_suffix(&error)), &error)
        })
    }

    async fn call_service(
        &self,
        service: &Service,
        path: &NormalisedPath,
        request: &Message<RestRequest>,
    ) -> Result<HttpAnswer, Fault> {
        let failed = |reason: Reason, text: &dyn std::fmt::Display| {
            refuse(FaultCode::server_proxy(reason), text)
        };
        let head = &request.head;
        let mut call = Request::builder()
            .method(head.verb.as_str())
            .uri(service.target(&path.to_encoded(), head.query.as_deref()));
        for (name, value) in &head.headers {
            call = call.header(name, value);
        }
        let call = call
            .body(Full::new(request.body.clone().unwrap_or_default()))
            .map_err(|error| failed(Reason::InternalError, &error))?;
        self.services_http
            .call(call, self.limits.max_body_bytes, service.timeout)
            .await
            .map_err(|error| match error {
                HttpClientError::Url(_) => failed(Reason::ServiceMissingUrl, &error),
                HttpClientError::Connect { .. } | HttpClientError::Broken { .. } => {
                    failed(Reason::NetworkError, &error)
                }
                HttpClientError::Request(_) => failed(Reason::InternalError, &error),
                HttpClientError::ConnectTimeout(_)
                | HttpClientError::ReadTimeout
                | HttpClientError::AnswerBody(_)
                | HttpClientError::Status { .. } => failed(Reason::IoError, &error),
            })
    }
}

/// The normalised path, if the client may call it: the string that is matched is the string that
/// is forwarded.
fn allowed_path(service: &Service, head: &RestRequest) -> Result<NormalisedPath, Fault> {
    let denied = |text: &dyn std::fmt::Display| {
        refuse(FaultCode::server_proxy(Reason::AccessDenied), text)
    };
    let path = normalise_path(&head.service_path).map_err(|error| denied(&error))?;
    if service.allows(&head.client, &head.verb, &path) {
        return Ok(path);
    }
    Err(denied(&format!("Request is not allowed: {}", head.service)))
}

/// The response message to `request`, from what the service answered.
fn respond(request: &Message<RestRequest>, answer: HttpAnswer) -> Message<RestResponse> {
    let headers: Vec<(&str, &str)> = answer
        .head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let status = answer.head.status;
    let head = RestResponse::from_parts(
        status.as_u16(),
        status.canonical_reason().unwrap_or(""),
        &headers,
        &request.head,
        &request.hash(),
    );
    Message::new(head, Some(answer.body).filter(|body| !body.is_empty()))
}
