//! The provider while it serves: what all handlers share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};

use crate::carriers::{Carriers, Order, Refusal};
use crate::config::{IdentityProviderConfig, OidcClient};
use crate::cookies::Jar;
use crate::flows::{Flows, Stage};
use crate::grants::Grants;
use crate::key::TokenKey;
use crate::person::{Authenticated, BirthDates};
use crate::run::{Error, Summary};
use crate::texts::Language;
use crate::trust::PeopleTrust;

/// The provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) country: String,
    /// What the country is called on pages.
    pub(crate) country_name: String,
    pub(crate) languages: Vec<Language>,
    pub(crate) clients: BTreeMap<String, OidcClient>,
    /// Seconds for which tokens are good.
    pub(crate) token_s: u32,
    pub(crate) has_id_card: bool,
    pub(crate) jar: Jar,
    pub(crate) key: TokenKey,
    pub(crate) flows: Flows,
    pub(crate) grants: Grants,
    pub(crate) birth_dates: BirthDates,
    pub(crate) summary: Mutex<Summary>,
    carriers: Carriers,
    trust: PeopleTrust,
    clock: Clock,
}

// === impl Provider ===

impl Provider {
    /// `url` is where it listens.
    pub(crate) fn new(config: IdentityProviderConfig, url: &str) -> Result<Self, Error> {
        let issuer = config.issuer.clone().unwrap_or_else(|| url.to_owned());
        let lifetimes = config.lifetimes;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let clients = config.relying_parties.iter();
        Ok(Self {
            jar: Jar {
                is_secure: issuer.starts_with("https://"),
            },
            issuer,
            country_name: config
                .country_name
                .clone()
                .unwrap_or_else(|| config.country.clone()),
            clients: clients
                .map(|client| (client.client_id.clone(), client.clone()))
                .collect(),
            token_s: lifetimes.token_s,
            has_id_card: config.id_card_listen.is_some(),
            key: TokenKey::generate()?,
            flows: Flows::new(seconds(lifetimes.flow_s), config.max_open_flows),
            grants: Grants::new(seconds(lifetimes.code_s), seconds(lifetimes.token_s)),
            birth_dates: BirthDates::of(config.people.as_ref())?,
            summary: Mutex::default(),
            carriers: Carriers::new(&config),
            trust: PeopleTrust::new(&config.people_ca_pem, &config.country)?,
            clock: Clock::wall_shifted(config.clock_offset_ms),
            country: config.country,
            languages: config.languages,
        })
    }

    pub(crate) fn now(&self) -> UtcTime {
        self.clock.now()
    }

    /// The first language of the wishes that there is, else the provider's first.
    pub(crate) fn language<'a>(&self, wishes: impl IntoIterator<Item = &'a str>) -> Language {
        let wished = wishes
            .into_iter()
            .filter_map(Language::of_code)
            .find(|language| self.languages.contains(language));
        wished
            .or_else(|| self.languages.first().copied())
            .unwrap_or(Language::English)
    }

    pub(crate) fn count(&self, count: impl FnOnce(&mut Summary)) {
        count(&mut self.summary.lock());
    }

    /// Has a person asked on their phone, in the background; the flow hears what comes of it.
    pub(crate) fn ask(self: &Arc<Self>, flow: &str, attempt: u8, question: Question) {
        let (provider, name) = (Arc::clone(self), flow.to_owned());
        let task = tokio::spawn(async move {
            let stage = match provider.answer(&question).await {
                Ok(authenticated) => Stage::Authenticated(authenticated),
                Err(refusal) => {
                    tracing::debug!(result = %refusal.0, "nobody was logged in");
                    provider.count(|summary| summary.refused += 1);
                    Stage::Refused(refusal)
                }
            };
            provider.flows.finish_attempt(&name, attempt, stage);
        });
        self.flows.keep_polling(flow, attempt, task.abort_handle());
    }

    async fn answer(&self, question: &Question) -> Result<Authenticated, Refusal> {
        let Question {
            order,
            hash,
            language,
        } = question;
        let session = self.carriers.start(order, hash, *language).await?;
        let signed = self.carriers.wait(order.method(), &session).await?;
        let now = self.now();
        let person = self
            .trust
            .signer(
                signed.certificate,
                hash,
                &signed.signature,
                order.national_id(),
                now,
            )
            .map_err(|distrust| {
                tracing::warn!(error = ?distrust, "a carrier's answer is not accepted");
                distrust.refusal()
            })?;
        Ok(Authenticated {
            person,
            method: order.method(),
            phone_number: order.phone_number().map(str::to_owned),
            at: now,
        })
    }
}

/// What is asked of whom: to sign `hash`.
pub(crate) struct Question {
    pub(crate) order: Order,
    pub(crate) hash: [u8; 32],
    pub(crate) language: Language,
}
