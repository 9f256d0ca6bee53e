//! What the central server answers over HTTP: the configuration to everybody, management requests
//! to whoever has the token, its health to whoever asks.

mod management;
mod refusal;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use sim_global_configuration::registration::MANAGEMENT_PATH;
use sim_global_configuration::signed_directory::CONFIGURATION_VERSION;

use crate::server::CentralServer;

/// The version that a request without one means, as X-Road has it.
const VERSION_WITHOUT_PARAMETER: u32 = 2;

/// All routes.
pub(crate) fn router(server: Arc<CentralServer>, management_token: &str) -> Router {
    let management = management::router(Arc::clone(&server), management_token);
    Router::new()
        .route("/internalconf", get(internal_configuration))
        .route("/{version}/{stamp}/{file}", get(document))
        .route("/anchor.xml", get(anchor))
        .route("/health", get(health))
        .with_state(server)
        .nest(MANAGEMENT_PATH, management)
}

#[derive(Deserialize)]
struct VersionParameter {
    version: Option<u32>,
}

async fn internal_configuration(
    State(server): State<Arc<CentralServer>>,
    Query(parameter): Query<VersionParameter>,
) -> Response {
    let version = parameter.version.unwrap_or(VERSION_WITHOUT_PARAMETER);
    if version != CONFIGURATION_VERSION {
        let text = format!("there is no version {version}, only {CONFIGURATION_VERSION}\n");
        return (StatusCode::NOT_FOUND, text).into_response();
    }
    let publication = server.newest();
    let content_type = publication.content_type().to_owned();
    (
        [(header::CONTENT_TYPE, content_type)],
        publication.directory.clone(),
    )
        .into_response()
}

async fn document(
    State(server): State<Arc<CentralServer>>,
    Path((version, stamp, file)): Path<(String, String, String)>,
) -> Response {
    let known_version = version == format!("V{CONFIGURATION_VERSION}");
    match server.file(&stamp, &file).filter(|_| known_version) {
        Some(content) => ([(header::CONTENT_TYPE, "text/xml")], content).into_response(),
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    }
}

async fn anchor(State(server): State<Arc<CentralServer>>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/xml")],
        server.anchor().to_xml(),
    )
        .into_response()
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    instance: String,
    published_at: String,
    expires_at: String,
    publications: u64,
    members: usize,
    security_servers: usize,
}

async fn health(State(server): State<Arc<CentralServer>>) -> Response {
    let publication = server.newest();
    let counts = server.counts();
    let (code, status) = if server.now() < publication.expires_at {
        (StatusCode::OK, "ok")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the published configuration has expired",
        )
    };
    let health = Health {
        status,
        instance: server.instance().to_owned(),
        published_at: publication.published_at.rfc3339_millis(),
        expires_at: publication.expires_at.rfc3339_seconds(),
        publications: counts.publications,
        members: counts.members,
        security_servers: counts.security_servers,
    };
    (code, Json(health)).into_response()
}
