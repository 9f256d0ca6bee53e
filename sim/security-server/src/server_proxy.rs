//! Server proxy: takes a message from another security server, checks it, logs it, calls the
//! service, signs and logs the answer, and sends it back.
//!
//! The steps of [`SecurityServer::serve_message`] are the sections of
//! `docs/life-of-a-message.md`, in order.

mod checks;
mod service_call;

use std::time::Duration;

use bytes::Bytes;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::hash_chain::HashChain;
use sim_evidence::signature::MessageSignature;
use sim_http1::{Answer, BodyError, Incoming, RequestHead};
use sim_message_log::{MessageRecord, Side};
use sim_metrics::{Role, Stage};

use crate::fault::refuse;
use crate::message::{self, Evidence, Message};
use crate::serve::Connection;
use crate::server::{SecurityServer, logging_suffix};
use crate::transport::multipart::{self, OutgoingMessage, RequestParts};

/// A decoded request, not digested yet.
struct Decoded {
    head: RestRequest,
    body: Option<Bytes>,
    signature: Bytes,
    chain: Option<HashChain>,
    authentication_statuses: Vec<Bytes>,
}

/// A decoded request and the evidence that came with it.
struct Received {
    message: Message<RestRequest>,
    signature: Bytes,
    chain: Option<HashChain>,
    authentication_statuses: Vec<Bytes>,
}

impl Decoded {
    fn digested(self) -> Received {
        Received {
            message: Message::new(self.head, self.body),
            signature: self.signature,
            chain: self.chain,
            authentication_statuses: self.authentication_statuses,
        }
    }
}

impl SecurityServer {
    /// Answers one HTTP request of another security server.
    ///
    /// Faults travel as SOAP in a 200 answer, also for REST (PR-MESSTRANSP).
    pub(crate) async fn provide(
        &self,
        request: &mut Incoming<'_>,
        connection: &Connection,
    ) -> Answer {
        match self.serve_message(request, connection).await {
            Ok(answer) => {
                self.telemetry.provided();
                answer
            }
            Err(fault) => {
                self.telemetry.provider_fault();
                tracing::info!(
                    code = %fault.code, message = %fault.message, detail = %fault.detail,
                    "provider fault"
                );
                multipart::fault_answer(&fault, self.dialect)
            }
        }
    }

    async fn serve_message(
        &self,
        http: &mut Incoming<'_>,
        connection: &Connection,
    ) -> Result<Answer, Fault> {
        let overloaded = FaultCode::server_proxy(Reason::Overloaded);
        let _place = self.providing.admit(overloaded)?;
        let stages = &self
            .stages
            .exchange(Role::ServerProxy, self.providing.in_work());
        if http.head.method != "POST" {
            return Err(refuse(
                FaultCode::server_proxy(Reason::InvalidHttpMethod),
                &"Must use POST request method",
            ));
        }
        let configuration = self.configuration(FaultCode::server_proxy)?;
        let body = stages
            .waited(Stage::Receive, self.receive_message(http))
            .await?;
        let parts = stages.timed(Stage::Parse, || self.decode(&http.head, &body))?;
        let received = stages.timed(Stage::Verify, || parts.digested());
        stages.timed(Stage::Ocsp, || {
            self.trust_consumer(&received, connection, &configuration)
        })?;
        let request = &received.message;
        let (service, path) = stages.timed(Stage::Admit, || {
            let service = self.known_service(&request.head)?;
            let path = checks::allowed_path(service, &request.head)?;
            checks::enabled(service, &request.head)?;
            Ok::<_, Fault>((service, path))
        })?;
        let evidence = stages.timed(Stage::Verify, || {
            self.verify_request(&received, &configuration)
        })?;
        // The request's record is durable before the service sees the request.
        let record = stages.timed(Stage::Log, || {
            request.record(Side::Provider, evidence, self.clock.now())
        });
        stages.waited(Stage::Log, self.log_provided(record)).await?;
        let calling = self.call_service(service, &path, request);
        let answer = stages.waited(Stage::Service, calling).await?;
        let response = stages.timed(Stage::Sign, || service_call::respond(request, answer));
        let signing = self.sign_response(&response);
        let signature = stages.waited(Stage::Sign, signing).await?;
        let record = stages.timed(Stage::Log, || {
            response.record(Side::Provider, Evidence::own(&signature), self.clock.now())
        });
        let outgoing = stages.timed(Stage::Parse, || {
            OutgoingMessage::response(&response.parts(&[], &signature))
        });
        stages.waited(Stage::Log, self.log_provided(record)).await?;
        Ok(outgoing.into_answer())
    }

    async fn receive_message(&self, http: &mut Incoming<'_>) -> Result<Bytes, Fault> {
        let within = Duration::from_millis(self.limits.peer_timeout_ms);
        let body = http.body(self.limits.max_message_bytes(), within).await;
        body.map_err(|error| message::body_refused(&error, FaultCode::server_proxy))
    }

    fn decode(&self, http: &RequestHead, body: &Bytes) -> Result<Decoded, Fault> {
        let RequestParts {
            ocsp_responses,
            head,
            body,
            hash_chain,
            signature,
        } = multipart::parse_request(&http.headers, body)
            .map_err(|error| refuse(error.fault_code(FaultCode::server_proxy), &error))?;
        let max_body_bytes = self.limits.max_body_bytes;
        if body
            .as_ref()
            .is_some_and(|body| body.len() > max_body_bytes)
        {
            let too_large = BodyError::TooLarge(max_body_bytes);
            return Err(message::body_refused(&too_large, FaultCode::server_proxy));
        }
        let head = RestRequest::parse(head).map_err(|error| {
            let code = FaultCode::server_proxy(Reason::ServiceFailed);
            refuse(code.nested(Reason::InvalidMessage), &error)
        })?;
        Ok(Decoded {
            head,
            body,
            signature,
            chain: hash_chain.map(|(result, chain)| HashChain { result, chain }),
            authentication_statuses: ocsp_responses,
        })
    }

    async fn sign_response(
        &self,
        response: &Message<RestResponse>,
    ) -> Result<MessageSignature, Fault> {
        let member = response.head.service.provider().member();
        let signature = self.signer.sign(member, response.leaf).await;
        let code = || FaultCode::server_proxy(Reason::CannotCreateSignature);
        signature.map_err(|error| refuse(code(), &error))
    }

    async fn log_provided(&self, record: MessageRecord) -> Result<(), Fault> {
        self.log.append(record).await.map_err(|error| {
            let code = FaultCode::server_proxy(Reason::LoggingFailed);
            refuse(code.nested(logging_suffix(&error)), &error)
        })
    }
}
