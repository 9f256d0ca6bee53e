//! The routes, and what all of them share.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::behaviour::Behaviour;
use crate::config::{CarriersConfig, RelyingParty};
use crate::error::Error;
use crate::people::People;
use crate::sessions::Sessions;
use crate::{id_card, mobile_id, phones, smart_id};

/// No request is longer, in bytes.
const MAX_REQUEST_LEN: usize = 16 * 1024;

/// The carriers while they serve.
pub(crate) struct Carriers {
    pub(crate) people: Arc<People>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) smart_id: smart_id::Repeated,
    relying_parties: Vec<RelyingParty>,
}

// === impl Carriers ===

impl Carriers {
    pub(crate) fn new(config: &CarriersConfig) -> Result<Self, Error> {
        let people = Arc::new(People::new(config)?);
        let behaviour = Behaviour::of(config.phones)?;
        let human = config.human_phones.clone();
        Ok(Self {
            sessions: Arc::new(Sessions::new(Arc::clone(&people), behaviour, human)),
            smart_id: smart_id::Repeated::default(),
            people,
            relying_parties: config.relying_parties.clone(),
        })
    }

    /// Whether somebody who may ask has this identifier and this name.
    pub(crate) fn knows(&self, uuid: &str, name: &str) -> bool {
        self.relying_parties
            .iter()
            .any(|party| party.uuid == uuid && party.name == name)
    }
}

/// The routes of all carriers.
pub(crate) fn app(state: Arc<Carriers>) -> Router {
    Router::new()
        .route("/mid-api/version", get(mobile_id::version))
        .route("/mid-api/certificate", post(mobile_id::certificate))
        .route("/mid-api/authentication", post(mobile_id::authentication))
        .route("/mid-api/signature", post(mobile_id::signature))
        .route(
            "/mid-api/authentication/session/{id}",
            get(mobile_id::authentication_session),
        )
        .route(
            "/mid-api/signature/session/{id}",
            get(mobile_id::signature_session),
        )
        .route(
            "/smart-id-rp/v2/authentication/{by}/{whom}",
            post(smart_id::authentication),
        )
        .route(
            "/smart-id-rp/v2/signature/{by}/{whom}",
            post(smart_id::signature),
        )
        .route(
            "/smart-id-rp/v2/certificatechoice/{by}/{whom}",
            post(smart_id::certificate_choice),
        )
        .route("/smart-id-rp/v2/session/{id}", get(smart_id::session))
        .route("/id-card/{national_id}", get(id_card::credentials))
        .route(
            "/id-card/{national_id}/certificate",
            get(id_card::signing_certificate),
        )
        .route("/id-card/{national_id}/sign", post(id_card::sign))
        .route("/phones", get(phones::list))
        .route("/phones/{id}", post(phones::decide))
        .route("/style.css", get(phones::style))
        .route("/health", get(|| async { "ok\n" }))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_LEN))
        .with_state(state)
}
