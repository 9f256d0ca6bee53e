//! Health and metrics, for people and monitors.

use http::StatusCode;
use sim_http1::{Answer, RequestHead};

use crate::server::SecurityServer;
use crate::telemetry::metrics_page;

impl SecurityServer {
    /// `GET /health` and `GET /metrics`.
    pub(crate) fn administer(&self, request: &RequestHead) -> Answer {
        let (status, text) = match request.path() {
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
        let mut answer = Answer::new(status.as_u16());
        answer
            .header("content-type", b"text/plain; charset=utf-8")
            .expect("a constant that can stand in a header");
        answer.with_body(vec![text.into()])
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
