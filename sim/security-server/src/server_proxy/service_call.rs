//! The call of the service itself.

use http::{HeaderValue, Request};
use http_body_util::Full;
use hyper::ext::ReasonPhrase;
use sim_domain::access::NormalisedPath;
use sim_domain::fault::{Fault, FaultCode, Reason};
use sim_domain::rest::{RestRequest, RestResponse};
use sim_http_client::{Bounds, HttpAnswer, HttpClientError};

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
        if service.url.is_empty() {
            let text = format!("Service address not specified for '{}'", head.service);
            return Err(failed(Reason::ServiceMissingUrl, &text));
        }
        let mut call = Request::builder()
            .method(head.verb.as_str())
            .uri(service.target(&path.to_encoded(), head.query.as_deref()));
        for (name, value) in &head.headers {
            // From bytes: a value may hold any text.
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|error| failed(Reason::InternalError, &error))?;
            call = call.header(name, value);
        }
        let call = call
            .body(Full::new(request.body.clone().unwrap_or_default()))
            .map_err(|error| failed(Reason::InternalError, &error))?;
        let bounds = Bounds {
            max_answer_bytes: self.limits.max_body_bytes,
            within: service.timeout,
        };
        let called = self.services_http.call(call, bounds).await;
        called.map_err(|error| failed(reason_of(&error), &error))
    }
}

fn reason_of(error: &HttpClientError) -> Reason {
    match error {
        HttpClientError::Url(_) => Reason::ServiceMissingUrl,
        HttpClientError::UnknownHost { .. } => Reason::UnknownHost,
        HttpClientError::Connect { .. } => Reason::NetworkError,
        HttpClientError::Broken { .. } if error.is_reset() => Reason::NetworkError,
        HttpClientError::Request(_) => Reason::InternalError,
        HttpClientError::ConnectTimeout(_)
        | HttpClientError::Broken { .. }
        | HttpClientError::ReadTimeout
        | HttpClientError::TooLarge(_)
        | HttpClientError::BrokeOff(_) => Reason::IoError,
    }
}

/// The response message to `request`, from what the service answered.
pub(super) fn respond(request: &Message<RestRequest>, answer: HttpAnswer) -> Message<RestResponse> {
    let HttpAnswer { head, body } = answer;
    let headers: Vec<(&str, &str)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| {
            // The message is UTF-8 text; what is not cannot stand in it.
            let value = std::str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str(), value))
        })
        .collect();
    let given = head.extensions.get::<ReasonPhrase>();
    let reason = given.and_then(|reason| std::str::from_utf8(reason.as_bytes()).ok());
    let head = RestResponse::from_parts(
        head.status.as_u16(),
        reason.or(head.status.canonical_reason()).unwrap_or(""),
        &headers,
        &request.head,
        &request.hash(),
    );
    Message::new(head, Some(body).filter(|body| !body.is_empty()))
}
