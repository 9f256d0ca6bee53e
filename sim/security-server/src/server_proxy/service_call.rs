//! The call of the service itself.

use sim_domain::access::NormalisedPath;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_http_client::{Bounds, HttpAnswer, HttpClientError};
use sim_http1::OutgoingRequest;

use crate::fault::refuse;
use crate::message::Message;
use crate::server::SecurityServer;
use crate::services::Service;

impl SecurityServer {
    /// Calls the service; [`respond`] makes its answer into a message.
    pub(super) async fn call_service(
        &self,
        service: &Service,
        path: &NormalisedPath,
        request: &Message<RestRequest>,
    ) -> Result<HttpAnswer, Fault> {
        let failed = |reason: Reason, text: &dyn std::fmt::Display| {
            refuse(FaultCode::server_proxy(reason), text)
        };
        let head = &request.head;
        let Some(place) = &service.place else {
            return Err(failed(
                Reason::ServiceMissingUrl,
                &service.unusable(&head.service),
            ));
        };
        let target = place.target(&path.to_encoded(), head.query.as_deref());
        let given = head.headers.iter();
        let given = given.map(|(name, value)| (name.as_str(), value.trim_ascii().as_bytes()));
        let headers = std::iter::once(("host", place.address.as_bytes())).chain(given);
        let body = request.body.iter().cloned().collect();
        let call = OutgoingRequest::new(&head.verb, &target, headers, body)
            .map_err(|error| failed(Reason::InternalError, &error))?;
        let bounds = Bounds {
            max_answer_bytes: self.limits.max_body_bytes,
            within: service.timeout,
        };
        let called = self.services_http.send(&place.address, &call, bounds).await;
        called.map_err(|error| failed(reason_of(&error), &error))
    }
}

fn reason_of(error: &HttpClientError) -> Reason {
    match error {
        HttpClientError::Url(_) => Reason::ServiceMissingUrl,
        HttpClientError::UnknownHost { .. } => Reason::UnknownHost,
        HttpClientError::Connect { .. } => Reason::NetworkError,
        HttpClientError::Broken { .. } if error.is_reset() => Reason::NetworkError,
        HttpClientError::Request(_) | HttpClientError::Header(_) => Reason::InternalError,
        HttpClientError::ConnectTimeout(_)
        | HttpClientError::Broken { .. }
        | HttpClientError::ReadTimeout
        | HttpClientError::TooLarge(_)
        | HttpClientError::Malformed(_) => Reason::IoError,
    }
}

/// The response message to `request`, from what the service answered.
pub(super) fn respond(request: &Message<RestRequest>, answer: HttpAnswer) -> Message<RestResponse> {
    let headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        // The message is UTF-8 text; what is not cannot stand in it.
        .filter_map(|(name, value)| Some((name, str::from_utf8(value).ok()?)))
        .collect();
    let reason = match answer.reason.as_str() {
        "" => answer.status.canonical_reason().unwrap_or_default(),
        reason => reason,
    };
    let head = RestResponse::from_parts(
        answer.status.as_u16(),
        reason,
        &headers,
        &request.head,
        &request.hash(),
    );
    Message::new(head, Some(answer.body).filter(|body| !body.is_empty()))
}
