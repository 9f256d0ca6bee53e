//! Client proxy: takes a service client's request, signs it, logs it, sends it to the provider's
//! security server, and checks and logs what comes back.
//!
//! The steps of [`SecurityServer::mediate`] are the sections of `docs/life-of-a-message.md`, in
//! order.

mod provider;
mod response;

use std::time::Duration;

use bytes::Bytes;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::headers;
use sim_domain::rest::RestRequest;
use sim_evidence::signature::MessageSignature;
use sim_global_configuration::GlobalConfiguration;
use sim_http1::{Answer, Incoming, RequestHead};
use sim_message_log::{MessageRecord, Side};
use sim_metrics::{Role, Stage};
use uuid::Uuid;

use crate::config::ConnectionType;
use crate::fault::{refuse, rest_answer};
use crate::message::{self, Evidence, Message};
use crate::serve::Connection;
use crate::server::{SecurityServer, logging_suffix};
use crate::transport::multipart::{OutgoingMessage, RequestHeaders};

impl SecurityServer {
    /// Answers one HTTP request of a service client.
    pub(crate) async fn consume(
        &self,
        request: &mut Incoming<'_>,
        connection: &Connection,
    ) -> Answer {
        match self.mediate(request, connection).await {
            Ok(answer) => {
                self.telemetry.consumed();
                answer
            }
            Err(fault) => {
                self.telemetry.client_fault();
                tracing::info!(
                    code = %fault.code, message = %fault.message, detail = %fault.detail,
                    "client fault"
                );
                let accept = request.head.headers.all("accept");
                let accept: Vec<&str> = accept
                    .filter_map(|value| str::from_utf8(value).ok())
                    .collect();
                rest_answer(&fault, &accept, self.dialect)
            }
        }
    }

    async fn mediate(
        &self,
        http: &mut Incoming<'_>,
        connection: &Connection,
    ) -> Result<Answer, Fault> {
        let overloaded = FaultCode::client_proxy(Reason::Overloaded);
        let _place = self.consuming.admit(overloaded)?;
        let stages = &self
            .stages
            .exchange(Role::ClientProxy, self.consuming.in_work());
        let configuration = self.configuration(FaultCode::client_proxy)?;
        let head = stages.timed(Stage::Parse, || self.parse(&http.head))?;
        let candidates = stages.timed(Stage::Admit, || {
            self.identify_client(&head, connection, &configuration)?;
            provider::find(&head, &configuration)
        })?;
        let body = stages.waited(Stage::Receive, self.receive(http)).await?;
        let request = stages.timed(Stage::Sign, || Message::new(head, body));
        let signing = self.sign_request(&request);
        let signature = stages.waited(Stage::Sign, signing).await?;
        let record = stages.timed(Stage::Log, || {
            request.record(Side::Consumer, Evidence::own(&signature), self.clock.now())
        });
        let outgoing =
            stages.timed(Stage::Parse, || self.outgoing_request(&request, &signature))?;
        // The record and the journey may overlap: what counts is that no answer goes out before
        // both of this server's records are durable. A log that refuses at once stops the message.
        let logging = stages.waited(Stage::LogMeanwhile, self.log_request(record));
        let asking = self.ask(
            &candidates,
            &request.head,
            &configuration,
            &outgoing,
            stages,
        );
        let journey = async { tokio::try_join!(logging, asking) };
        let ((), answer) = stages.waited(Stage::Transport, journey).await?;
        let response = self.verify(&answer, &request, &configuration, stages)?;
        let reply = stages.timed(Stage::Parse, || response.reply())?;
        let record = stages.timed(Stage::Log, || response.into_record(self.clock.now()));
        stages.waited(Stage::Log, self.log_response(record)).await?;
        Ok(reply)
    }

    /// The message's head, within the limit.
    fn parse(&self, http: &RequestHead) -> Result<RestRequest, Fault> {
        if http.target.len() + http.headers.bytes() > self.limits.max_header_bytes {
            return Err(refuse(
                FaultCode::client_proxy(Reason::HeadersTooLarge),
                &format!(
                    "target and headers hold more than {} bytes",
                    self.limits.max_header_bytes
                ),
            ));
        }
        let headers = message::header_list(&http.headers)
            .map_err(|error| refuse(FaultCode::client_proxy(Reason::InternalError), &error))?;
        RestRequest::from_parts(
            &http.method,
            &http.target,
            &headers,
            &Uuid::new_v4().to_string(),
            || format!("{}-{}", self.id.owner().instance(), Uuid::new_v4()),
        )
        .map_err(|error| refuse(error.fault_code(), &error))
    }

    /// The client must be one of this server's own, registered, and connected as configured.
    fn identify_client(
        &self,
        request: &RestRequest,
        connection: &Connection,
        configuration: &GlobalConfiguration,
    ) -> Result<(), Fault> {
        let client = &request.client;
        let known = self
            .clients
            .get(client)
            .filter(|_| configuration.is_registered(client, &self.id));
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

    /// The message's body, within the limits.
    async fn receive(&self, http: &mut Incoming<'_>) -> Result<Option<Bytes>, Fault> {
        let within = Duration::from_millis(self.limits.client_read_timeout_ms);
        let body = http.body(self.limits.max_body_bytes, within).await;
        let body = body.map_err(|error| message::body_refused(&error, FaultCode::client_proxy))?;
        Ok(Some(body).filter(|body| !body.is_empty()))
    }

    async fn sign_request(
        &self,
        request: &Message<RestRequest>,
    ) -> Result<MessageSignature, Fault> {
        let member = request.head.client.member();
        let signature = self.signer.sign(member, request.leaf).await;
        // X-Road reports any failure while the request is written as an I/O error.
        signature.map_err(|error| refuse(FaultCode::client_proxy(Reason::IoError), &error))
    }

    /// The message with this server's own certificate status and the signature.
    fn outgoing_request(
        &self,
        request: &Message<RestRequest>,
        signature: &MessageSignature,
    ) -> Result<OutgoingMessage, Fault> {
        let status = self.own_statuses.of(&self.authentication_certificate);
        let status = status.ok_or_else(|| {
            refuse(
                FaultCode::client_proxy(Reason::SslAuthenticationFailed),
                &"there is no OCSP response for this server's authentication certificate",
            )
        })?;
        let mut sent = request.head.headers.iter();
        let content_type = sent.find(|(name, _)| headers::is(name, "content-type"));
        let headers = RequestHeaders {
            request_id: &request.head.request_id,
            original_content_type: content_type.map_or("", |(_, value)| value),
        };
        let statuses = [status];
        Ok(OutgoingMessage::request(
            &headers,
            &request.parts(&statuses, signature),
        ))
    }

    async fn log_request(&self, record: MessageRecord) -> Result<(), Fault> {
        let logged = self.log.append(record).await;
        // As for signing.
        logged.map_err(|error| refuse(FaultCode::client_proxy(Reason::IoError), &error))
    }

    async fn log_response(&self, record: MessageRecord) -> Result<(), Fault> {
        self.log.append(record).await.map_err(|error| {
            let code = FaultCode::client_proxy(Reason::LoggingFailed);
            refuse(code.nested(logging_suffix(&error)), &error)
        })
    }
}
