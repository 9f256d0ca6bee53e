//! The provider while it serves: what all handlers share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};

use crate::carriers::{Carriers, Order, Refusal};
use crate::config::{IdentityProviderConfig, OidcClient};
use crate::cookies::Jar;
use crate::flows::{AuthorizationRequest, Flows, Protocol, Stage};
use crate::grants::Grants;
use crate::key::TokenKey;
use crate::person::{Authenticated, BirthDates, Method};
use crate::run::{Error, Summary};
use crate::sessions::{Seen, Sessions};
use crate::sign_on::{self, BackChannel};
use crate::texts::Language;
use crate::trust::PeopleTrust;

/// The provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    /// The same of single sign-on.
    pub(crate) sign_on_issuer: String,
    pub(crate) country: String,
    /// What the country is called on pages.
    pub(crate) country_name: String,
    pub(crate) languages: Vec<Language>,
    pub(crate) clients: BTreeMap<String, OidcClient>,
    /// Seconds for which tokens are good.
    pub(crate) token_s: u32,
    /// Seconds for which a session lives without being used, and its ID tokens.
    pub(crate) session_s: u32,
    /// Where ID-cards are asked for, where they are.
    pub(crate) id_card_base: Option<String>,
    pub(crate) jar: Jar,
    pub(crate) key: TokenKey,
    pub(crate) flows: Flows,
    pub(crate) grants: Grants,
    pub(crate) sessions: Sessions,
    pub(crate) back_channel: BackChannel,
    pub(crate) birth_dates: BirthDates,
    pub(crate) summary: Mutex<Summary>,
    carriers: Carriers,
    trust: PeopleTrust,
    clock: Clock,
}

// === impl Provider ===

impl Provider {
    /// Browsers find ID-cards at `id_card_base`.
    pub(crate) fn new(
        config: IdentityProviderConfig,
        issuer: String,
        id_card_base: Option<String>,
    ) -> Result<Self, Error> {
        let lifetimes = config.lifetimes;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let clients = config.relying_parties.iter();
        Ok(Self {
            jar: Jar {
                is_secure: issuer.starts_with("https://"),
            },
            sign_on_issuer: format!("{issuer}{}", sign_on::PATH),
            issuer,
            country_name: config
                .country_name
                .clone()
                .unwrap_or_else(|| config.country.clone()),
            clients: clients
                .map(|client| (client.client_id.clone(), client.clone()))
                .collect(),
            token_s: lifetimes.token_s,
            session_s: lifetimes.session_s,
            id_card_base,
            key: TokenKey::generate()?,
            flows: Flows::new(seconds(lifetimes.flow_s), config.max_open_flows),
            grants: Grants::new(seconds(lifetimes.code_s), seconds(lifetimes.token_s)),
            sessions: Sessions::new(seconds(lifetimes.session_s)),
            back_channel: BackChannel::default(),
            birth_dates: BirthDates::of(config.people.as_ref())?,
            summary: Mutex::default(),
            carriers: Carriers::new(&config),
            trust: PeopleTrust::new(&config)?,
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

    /// The session of a browser.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Seen> {
        let cookie = self.jar.session(headers)?;
        self.sessions.of_cookie(cookie, self.now())
    }

    /// What says in an answer who it is from: with single sign-on, as a service may know both of
    /// the provider's protocols (RFC 9207).
    pub(crate) fn named_issuer(&self, protocol: Protocol) -> Option<(&'static str, &str)> {
        match protocol {
            Protocol::LogIn => None,
            Protocol::SignOn => Some(("iss", &self.sign_on_issuer)),
        }
    }

    /// Where a flow's person shows an ID-card, where that is offered.
    pub(crate) fn id_card_url(&self, flow: &str, request: &AuthorizationRequest) -> Option<String> {
        let base = self.id_card_base.as_ref();
        let base = base.filter(|_| request.methods.contains(&Method::IdCard))?;
        Some(format!("{base}/id-card/{flow}"))
    }

    /// The subject of the people's authority, DER.
    pub(crate) fn authority(&self) -> &[u8] {
        self.trust.authority()
    }

    /// Whose card it is that a browser showed, and proved to hold the key of.
    pub(crate) async fn card_holder(
        &self,
        certificate: Option<Vec<u8>>,
    ) -> Result<Authenticated, Refusal> {
        let refused = |refusal: Refusal| {
            self.count(|summary| summary.refused += 1);
            refusal
        };
        let certificate = certificate.ok_or_else(|| refused(Refusal::NO_CARD))?;
        let now = self.now();
        let person = self.trust.card_holder(certificate, now).await;
        let person = person.map_err(|distrust| {
            tracing::warn!(error = ?distrust, "an ID-card is not accepted");
            refused(distrust.refusal())
        })?;
        Ok(Authenticated {
            person,
            method: Method::IdCard,
            phone_number: None,
            at: now,
        })
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
        let asked = order.national_id();
        let person = self.trust.signer(signed, hash, asked, now).await;
        let person = person.map_err(|distrust| {
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
