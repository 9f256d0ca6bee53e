//! What comes back: decoded, verified, and made into the client's answer.

use sim_clock::UtcTime;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::hash_chain::HashChain;
use sim_global_configuration::GlobalConfiguration;
use sim_http1::Answer;
use sim_message_log::{MessageRecord, Side};
use sim_metrics::Stage;

use crate::fault::refuse;
use crate::message::{Evidence, Message};
use crate::server::SecurityServer;
use crate::stages::Exchange;
use crate::transport::multipart::{AnswerParts, ParsedAnswer};
use crate::transport::peers::PeerAnswer;

/// The statuses of a final answer. A service's interim ones never become messages.
const FINAL_STATUSES: std::ops::RangeInclusive<u16> = 200..=999;

/// A response whose signature holds and which answers the request.
pub(super) struct VerifiedResponse {
    message: Message<RestResponse>,
    evidence: Evidence,
}

impl SecurityServer {
    /// Decodes the answer and checks signature and consistency; nothing of it is believed before.
    pub(super) fn verify(
        &self,
        answer: &PeerAnswer,
        request: &Message<RestRequest>,
        configuration: &GlobalConfiguration,
        stages: &Exchange<'_>,
    ) -> Result<VerifiedResponse, Fault> {
        let (head, parts) = stages.timed(Stage::Parse, || read(answer))?;
        stages.timed(Stage::Verify, || {
            self.verify_parts(head, parts, request, configuration)
        })
    }

    fn verify_parts(
        &self,
        head: RestResponse,
        parts: AnswerParts,
        request: &Message<RestRequest>,
        configuration: &GlobalConfiguration,
    ) -> Result<VerifiedResponse, Fault> {
        let AnswerParts {
            body,
            hash_chain,
            signature,
            ..
        } = parts;
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
                let code = FaultCode::client_proxy(Reason::SignatureVerification);
                refuse(code.nested(error.fault_suffix()), &error)
            })?;
        response
            .head
            .check_answers(&request.head, &request.hash())
            .map_err(|error| refuse(error.fault_code(), &error))?;
        Ok(VerifiedResponse {
            message: response,
            evidence: Evidence::verified(verified.document, chain, verified.chain_form),
        })
    }
}

/// The response's head, and the parts of the message beside it.
fn read(answer: &PeerAnswer) -> Result<(RestResponse, AnswerParts), Fault> {
    let parts = decode(answer)?;
    let head = RestResponse::parse(parts.head.clone()).map_err(|error| malformed(&error))?;
    if !FINAL_STATUSES.contains(&head.status) {
        return Err(malformed(&format!("{} is no final status", head.status)));
    }
    Ok((head, parts))
}

fn decode(answer: &PeerAnswer) -> Result<AnswerParts, Fault> {
    match answer.parse() {
        Ok(ParsedAnswer::Message(parts)) => Ok(parts),
        Ok(ParsedAnswer::Fault(fault)) => Err(*fault),
        Err(error) => Err(refuse(error.fault_code(FaultCode::client_proxy), &error)),
    }
}

fn malformed(text: &dyn std::fmt::Display) -> Fault {
    let code = FaultCode::client_proxy(Reason::ServiceFailed);
    refuse(code.nested(Reason::InvalidMessage), text)
}

// === impl VerifiedResponse ===

impl VerifiedResponse {
    /// The answer as the client sees it: the service's status and headers, and X-Road's own.
    pub(super) fn reply(&self) -> Result<Answer, Fault> {
        let head = &self.message.head;
        let mut answer = Answer::new(head.status);
        for (name, value) in &head.headers {
            // A value may hold any text; a date is not added where there is one.
            let added = answer.header(name, value.trim_ascii().as_bytes());
            added.map_err(|error| malformed(&error))?;
        }
        Ok(answer.with_body(self.message.body.iter().cloned().collect()))
    }

    /// What this server logs of it.
    pub(super) fn into_record(self, now: UtcTime) -> MessageRecord {
        self.message.record(Side::Consumer, self.evidence, now)
    }
}
