//! Who has which key and certificate, made on first use.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sim_population::{Population, Status};
use sim_trust_services::Profile;
use sim_trust_services::enrolment::{
    EnrolmentError, PersonName, person_request, request_certificate,
};
use sim_workload::Carrier;
use tokio::sync::OnceCell;

use crate::behaviour::is_among;
use crate::config::{CarriersConfig, Troubles};
use crate::error::Error;
use crate::keys::{PersonKey, Purpose};

/// Credentials that are kept; beyond it all are forgotten, and made again on next use.
const MAX_KEPT: usize = 200_000;

/// The people, and what they have on their carriers.
pub(crate) struct People {
    pub(crate) population: Population,
    pub(crate) country: String,
    seed: u64,
    troubles: Troubles,
    ca_url: String,
    enrolment_token: String,
    kept: Mutex<HashMap<Slot, Arc<Place>>>,
    issued: AtomicU64,
}

/// One of somebody's keys.
type Slot = (u64, Carrier, Purpose);
/// Where its certificate is, or will be once the authority has answered.
type Place = OnceCell<Arc<Credential>>;

/// A key with its certificate.
pub(crate) struct Credential {
    pub(crate) key: PersonKey,
    pub(crate) certificate_der: Vec<u8>,
}

// === impl People ===

impl People {
    pub(crate) fn new(config: &CarriersConfig) -> Result<Self, Error> {
        Ok(Self {
            population: Population::of(&config.people)?,
            country: config.country.clone(),
            seed: config.people.seed,
            troubles: config.troubles,
            ca_url: config.ca_url.clone(),
            enrolment_token: config.enrolment_token.clone(),
            kept: Mutex::default(),
            issued: AtomicU64::new(0),
        })
    }

    /// The living person with this national ID.
    pub(crate) fn by_national_id(&self, text: &str) -> Option<u64> {
        self.population
            .index_of(text)
            .filter(|index| self.population.status(*index) == Status::Alive)
    }

    /// The living person with this national ID and phone number, who has Mobile-ID.
    pub(crate) fn by_phone(&self, national_id: &str, phone_number: &str) -> Option<u64> {
        let index = self.by_national_id(national_id)?;
        let is_own = self.population.index_of_phone(phone_number) == Some(index);
        (is_own && !self.is_without_mobile_id(index)).then_some(index)
    }

    fn is_without_mobile_id(&self, index: u64) -> bool {
        let per_mille = self.troubles.without_mobile_id_per_mille;
        is_among(self.seed, index, "without Mobile-ID", per_mille)
    }

    /// Whether the SIM card has other keys than the service thinks.
    pub(crate) fn has_other_sim(&self, index: u64) -> bool {
        let per_mille = self.troubles.sim_mismatch_per_mille;
        is_among(self.seed, index, "other SIM", per_mille)
    }

    pub(crate) fn is_without_smart_id(&self, index: u64) -> bool {
        let per_mille = self.troubles.without_smart_id_per_mille;
        is_among(self.seed, index, "without Smart-ID", per_mille)
    }

    /// Whether the Smart-ID is below the level of qualified certificates.
    pub(crate) fn has_basic_smart_id(&self, index: u64) -> bool {
        let per_mille = self.troubles.basic_smart_id_per_mille;
        is_among(self.seed, index, "basic Smart-ID", per_mille)
    }

    pub(crate) fn must_open_app(&self, index: u64) -> bool {
        let per_mille = self.troubles.app_must_be_opened_per_mille;
        is_among(self.seed, index, "must open the app", per_mille)
    }

    pub(crate) fn has_locked_smart_id(&self, index: u64) -> bool {
        let per_mille = self.troubles.locked_smart_id_per_mille;
        is_among(self.seed, index, "locked Smart-ID", per_mille)
    }

    pub(crate) fn has_old_app(&self, index: u64) -> bool {
        let per_mille = self.troubles.old_app_per_mille;
        is_among(self.seed, index, "old app", per_mille)
    }

    /// Certificates that the authority issued since the start.
    pub(crate) fn issued(&self) -> u64 {
        self.issued.load(Ordering::Relaxed)
    }

    /// The key and certificate of somebody. Where there is none yet, one is asked for, once,
    /// however many ask for it at the same time.
    pub(crate) async fn credential(
        &self,
        index: u64,
        carrier: Carrier,
        purpose: Purpose,
    ) -> Result<Arc<Credential>, EnrolmentError> {
        let place = self.place((index, carrier, purpose));
        let made = || self.enrol(index, carrier, purpose);
        place.get_or_try_init(made).await.map(Arc::clone)
    }

    fn place(&self, slot: Slot) -> Arc<Place> {
        let mut kept = self.kept.lock();
        if kept.len() >= MAX_KEPT && !kept.contains_key(&slot) {
            kept.clear();
        }
        Arc::clone(kept.entry(slot).or_default())
    }

    async fn enrol(
        &self,
        index: u64,
        carrier: Carrier,
        purpose: Purpose,
    ) -> Result<Arc<Credential>, EnrolmentError> {
        let key = PersonKey::derive(self.seed, index, carrier, purpose);
        let person = self.population.person(index);
        let name = PersonName {
            country: &self.country,
            national_id: person.national_id.as_str(),
            given_name: person.given_name,
            surname: person.surname,
        };
        let request = person_request(&key, &name)?;
        let profile = match purpose {
            Purpose::Authentication => Profile::PersonAuthentication,
            Purpose::Signing => Profile::PersonSigning,
        };
        let certificate_der =
            request_certificate(&self.ca_url, &self.enrolment_token, profile, request).await?;
        self.issued.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Credential {
            key,
            certificate_der,
        }))
    }
}
