//! Management requests: checked, made a [`Change`], applied on a thread that may block.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::{delete, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sim_domain::{MemberId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_global_configuration::registration::{MaintenanceRequest, SecurityServerRegistration};

use super::refusal::Refused;
use crate::registrations::{Change, MaintenanceState, RegisteredServer};
use crate::server::CentralServer;

/// Largest request that is read, in bytes: ten thousand clients fit.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Longest maintenance message, in bytes.
const MAX_MESSAGE_BYTES: usize = 1024;

type Server = State<Arc<CentralServer>>;

/// The routes below the management path; every one of them asks for the token first.
pub(super) fn router(server: Arc<CentralServer>, token: &str) -> Router {
    let expected: Arc<str> = format!("Bearer {token}").into();
    let authorise = move |request: Request, next: Next| {
        let expected = Arc::clone(&expected);
        async move {
            if is_authorised(request.headers(), &expected) {
                return next.run(request).await;
            }
            let message = "the management token is missing or wrong";
            Refused::new(StatusCode::UNAUTHORIZED, "unauthorised", message).into_response()
        }
    };
    let certificate =
        "/security-servers/{instance}/{class}/{member}/{server}/authentication-certificate";
    Router::new()
        .route("/security-servers", post(register_server))
        .route(certificate, delete(remove_authentication_certificate))
        .route(
            "/members/{instance}/{class}/{member}",
            delete(remove_member),
        )
        .route("/maintenance", post(set_maintenance))
        .fallback(unknown_request)
        .layer(from_fn(authorise))
        .with_state(server)
}

async fn register_server(State(server): Server, body: Body) -> Result<Json<Done>, Refused> {
    let registration: SecurityServerRegistration = read_json(body).await?;
    if !server.is_of_this_country(&registration.id) {
        let message = format!(
            "{} is not of instance {}",
            registration.id,
            server.instance()
        );
        return Err(unprocessable("wrong_instance", message));
    }
    let certificate = read_certificate(&registration.authentication_certificate)?;
    if let Some(reason) = server.refuse_certificate(&certificate) {
        return Err(bad_certificate(&reason));
    }
    let entry = RegisteredServer {
        address: registration.address,
        authentication_certificate_sha256: Some(hex::encode(certificate.sha256())),
        clients: registration.clients.into_iter().collect(),
        maintenance: None,
    };
    apply(server, Change::RegisterServer(registration.id, entry)).await
}

async fn remove_member(
    State(server): Server,
    Path((instance, class, code)): Path<(String, String, String)>,
) -> Result<Json<Done>, Refused> {
    let member = MemberId::new(&instance, &class, &code)?;
    apply(server, Change::RemoveMember(member)).await
}

async fn remove_authentication_certificate(
    State(server): Server,
    Path((instance, class, code, server_code)): Path<(String, String, String, String)>,
) -> Result<Json<Done>, Refused> {
    let owner = MemberId::new(&instance, &class, &code)?;
    let id = SecurityServerId::new(owner, &server_code)?;
    apply(server, Change::RemoveAuthenticationCertificate(id)).await
}

async fn set_maintenance(State(server): Server, body: Body) -> Result<Json<Done>, Refused> {
    let request: MaintenanceRequest = read_json(body).await?;
    let message = request.message;
    if message
        .as_ref()
        .is_some_and(|message| message.len() > MAX_MESSAGE_BYTES)
    {
        let message = format!("the message has more than {MAX_MESSAGE_BYTES} bytes");
        return Err(unprocessable("bad_message", message));
    }
    let state = request.enabled.then_some(MaintenanceState { message });
    apply(
        server,
        Change::SetMaintenance(request.security_server, state),
    )
    .await
}

async fn unknown_request() -> Refused {
    let message = "there is no such management request";
    Refused::new(StatusCode::NOT_FOUND, "unknown_request", message)
}

/// That a change took effect, and since when clients can see it.
#[derive(Serialize)]
struct Done {
    published_at: String,
}

async fn apply(server: Arc<CentralServer>, change: Change) -> Result<Json<Done>, Refused> {
    let publication = tokio::task::spawn_blocking(move || server.apply(change)).await;
    let publication = publication.map_err(|error| {
        tracing::error!(%error, "a management request failed");
        let message = "the request could not be worked on";
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    })??;
    Ok(Json(Done {
        published_at: publication.published_at.rfc3339_millis(),
    }))
}

fn is_authorised(headers: &HeaderMap, expected: &str) -> bool {
    let shown = headers.get(header::AUTHORIZATION);
    shown.is_some_and(|shown| {
        // In constant time, so that the answer's delay tells nothing about the token.
        let (shown, expected) = (shown.as_bytes(), expected.as_bytes());
        aws_lc_rs::constant_time::verify_slices_are_equal(shown, expected).is_ok()
    })
}

async fn read_json<T: DeserializeOwned>(body: Body) -> Result<T, Refused> {
    let body = to_bytes(body, MAX_REQUEST_BYTES).await.map_err(|_| {
        let message = format!("the request breaks off or has more than {MAX_REQUEST_BYTES} bytes");
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| Refused::new(StatusCode::BAD_REQUEST, "bad_request", error.to_string()))
}

fn read_certificate(base64: &str) -> Result<Certificate, Refused> {
    let der = STANDARD
        .decode(base64)
        .map_err(|_| bad_certificate("it is not base64"))?;
    Certificate::parse(der).map_err(|error| bad_certificate(&error.to_string()))
}

fn bad_certificate(reason: &str) -> Refused {
    unprocessable(
        "bad_certificate",
        format!("the authentication certificate: {reason}"),
    )
}

fn unprocessable(code: &'static str, message: String) -> Refused {
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}
