//! The central server's management requests, as JSON, and the functions that send them.
//!
//! X-Road carries management requests in SOAP messages through security servers. Roadtest sends
//! JSON over plain HTTP with a bearer token instead: a deliberate simplification, because how a
//! server is registered is not what Roadtest measures. What a request changes is X-Road's.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, header};
use serde::{Deserialize, Serialize};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_http_client::{Bounds, HttpClientError};
use thiserror::Error;

/// Path below which all management requests are.
pub const MANAGEMENT_PATH: &str = "/management";
/// No answer to a management request is longer, or takes longer.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(30),
};

/// That a security server exists, where it is, and for whom it acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityServerRegistration {
    /// Who it is; its owner must be a registered member.
    pub id: SecurityServerId,
    /// Where other security servers reach it: a host name or address without a port.
    pub address: String,
    /// Base64 of the DER certificate it shows in TLS.
    pub authentication_certificate: String,
    /// For whom it acts; all must be registered.
    pub clients: Vec<ClientId>,
}

/// That a security server goes into maintenance or comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRequest {
    /// Which server.
    pub security_server: SecurityServerId,
    /// Whether it is in maintenance from now on.
    pub enabled: bool,
    /// What its operator tells others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What the central server answers to a request it refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A word for programs, such as `unknown_member`.
    pub error: String,
    /// A sentence for people.
    pub message: String,
}

/// Why a management request did not take effect.
#[derive(Debug, Error)]
pub enum ManagementError {
    /// The central server was not reached.
    #[error("send a management request")]
    Http(#[from] HttpClientError),
    /// The central server refuses.
    #[error("the central server refuses the request ({status} {}): {}", refusal.error, refusal.message)]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The central server's words.
        refusal: Refusal,
    },
    /// The answer is not one of a central server.
    #[error("the central server answers {0} without a reason")]
    Answer(u16),
}

// === impl SecurityServerRegistration ===

impl SecurityServerRegistration {
    /// Registers `certificate` for server `id` at `address`.
    #[must_use]
    pub fn new(
        id: SecurityServerId,
        address: impl Into<String>,
        certificate: &Certificate,
        clients: Vec<ClientId>,
    ) -> Self {
        Self {
            id,
            address: address.into(),
            authentication_certificate: STANDARD.encode(certificate.der()),
            clients,
        }
    }
}

/// Registers a security server, its authentication certificate and its clients.
///
/// `management_url` is that of the central server, such as `http://127.0.0.1:4001`.
///
/// # Errors
///
/// [`ManagementError`].
pub async fn register_security_server(
    management_url: &str,
    token: &str,
    registration: &SecurityServerRegistration,
) -> Result<(), ManagementError> {
    let request = Management::new(management_url, token);
    request.post("/security-servers", registration).await
}

/// Withdraws a member, its subsystems, and the security servers it owns.
///
/// # Errors
///
/// [`ManagementError`].
pub async fn remove_member(
    management_url: &str,
    token: &str,
    member: &MemberId,
) -> Result<(), ManagementError> {
    let path = format!("/members/{}", member.to_encoded());
    Management::new(management_url, token).delete(&path).await
}

/// Withdraws every authentication certificate of a security server.
///
/// # Errors
///
/// [`ManagementError`].
pub async fn remove_authentication_certificate(
    management_url: &str,
    token: &str,
    server: &SecurityServerId,
) -> Result<(), ManagementError> {
    let server = server.to_encoded();
    let path = format!("/security-servers/{server}/authentication-certificate");
    Management::new(management_url, token).delete(&path).await
}

/// Puts a security server into maintenance, or takes it out.
///
/// # Errors
///
/// [`ManagementError`].
pub async fn set_maintenance(
    management_url: &str,
    token: &str,
    request: &MaintenanceRequest,
) -> Result<(), ManagementError> {
    let management = Management::new(management_url, token);
    management.post("/maintenance", request).await
}

/// A central server's management interface.
struct Management<'a> {
    url: &'a str,
    token: &'a str,
}

impl<'a> Management<'a> {
    const fn new(url: &'a str, token: &'a str) -> Self {
        Self { url, token }
    }

    async fn post(&self, path: &str, content: &impl Serialize) -> Result<(), ManagementError> {
        let body = serde_json::to_vec(content).expect("the requests have only plain fields");
        self.send(Method::POST, path, body.into()).await
    }

    async fn delete(&self, path: &str) -> Result<(), ManagementError> {
        self.send(Method::DELETE, path, Bytes::new()).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(), ManagementError> {
        let url = format!("{}{MANAGEMENT_PATH}{path}", self.url.trim_end_matches('/'));
        let request = Request::builder()
            .method(method)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .uri(url)
            .body(body)
            .map_err(HttpClientError::from)?;
        let answer = sim_http_client::once(request, BOUNDS).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        let status = answer.status.as_u16();
        Err(match serde_json::from_slice(&answer.body) {
            Ok(refusal) => ManagementError::Refused { status, refusal },
            Err(_) => ManagementError::Answer(status),
        })
    }
}
