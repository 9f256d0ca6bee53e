//! The routes, and what all of them share.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;

use crate::behaviour::Behaviour;
use crate::config::{CarriersConfig, RelyingParty};
use crate::error::Error;
use crate::people::People;
use crate::sessions::Sessions;
use crate::smart_id::Repeated;
use crate::{id_card, mobile_id, phones, smart_id};

/// No request is longer, in bytes.
const MAX_REQUEST_LEN: usize = 16 * 1024;

/// The carriers while they serve.
pub(crate) struct Carriers {
    pub(crate) people: Arc<People>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) repeated: Repeated,
    relying_parties: Vec<RelyingParty>,
    is_smart_id_under_maintenance: bool,
}

impl Carriers {
    pub(crate) fn new(config: &CarriersConfig) -> Result<Self, Error> {
        config.check()?;
        let people = Arc::new(People::new(config)?);
        let behaviour = Behaviour::of(config.people.seed, config.phones, &config.troubles)?;
        let of_person = |text: &String| {
            let found = people.by_national_id(text);
            found.ok_or_else(|| Error::Human(text.clone()))
        };
        let human: BTreeSet<u64> = config
            .human_phones
            .iter()
            .map(of_person)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            sessions: Arc::new(Sessions::new(Arc::clone(&people), behaviour, human)),
            repeated: Repeated::default(),
            people,
            relying_parties: config.relying_parties.clone(),
            is_smart_id_under_maintenance: config.troubles.smart_id_under_maintenance,
        })
    }

    /// The name, as it is registered, of whoever has this identifier and this name; capitals do not
    /// matter in the name (SK-EID/MID, section 2.1), and do in the identifier.
    pub(crate) fn relying_party(&self, uuid: &str, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        self.relying_parties
            .iter()
            .find(|party| party.uuid == uuid && party.name.to_lowercase() == name)
            .map(|party| party.name.as_str())
    }
}

/// The routes of all carriers.
pub(crate) fn app(state: Arc<Carriers>) -> Router {
    let smart_id = smart_id::routes(state.is_smart_id_under_maintenance);
    Router::new()
        .nest("/mid-api", mobile_id::routes())
        .merge(smart_id)
        .nest("/id-card", id_card::routes())
        .merge(phones::routes())
        .route("/health", get(|| async { "ok\n" }))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_LEN))
        .with_state(state)
}
