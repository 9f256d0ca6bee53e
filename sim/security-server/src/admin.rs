//! Health and metrics, for people and monitors.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;

use crate::server::SecurityServer;
use crate::telemetry::metrics_page;

impl SecurityServer {
    /// `GET /health` and `GET /metrics`.
    pub(crate) fn administer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let (status, text) = match request.uri().path() {
            "/health" => match self.ailments() {
                ailments if ailments.is_empty() => (StatusCode::OK, String::new()),
                ailments => (StatusCode::INTERNAL_SERVER_ERROR, ailments.join("\n")),
            },
            "/metrics" => (
                StatusCode::OK,
                metrics_page(&self.telemetry.counts(), &self.log.statistics()),
            ),
            _ => (
                StatusCode::NOT_FOUND,
                "there are /health and /metrics".to_owned(),
            ),
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }

    /// What keeps this server from passing messages.
    fn ailments(&self) -> Vec<String> {
        let mut ailments = Vec::new();
        match self.configuration.current() {
            Some(current) if !current.is_expired(self.clock.now()) => {}
            _ => ailments.push("the global configuration is expired".to_owned()),
        }
        if self
            .own_statuses
            .of(&self.authentication_certificate)
            .is_none()
        {
            ailments.push("no OCSP response for the authentication certificate".to_owned());
        }
        if let Err(error) = self.log.health() {
            ailments.push(format!("the message log takes nothing: {error}"));
        }
        ailments
    }
}
