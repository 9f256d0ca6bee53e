//! Who has which key and certificate, made on first use.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use sim_population::{Population, Status};
use sim_trust_services::Profile;
use sim_trust_services::enrolment::{
    EnrolmentError, PersonName, person_request, request_certificate,
};
use sim_workload::Carrier;

use crate::config::CarriersConfig;
use crate::error::Error;
use crate::keys::{PersonKey, Purpose};

/// Credentials that are kept; beyond it they are made again on next use.
const MAX_KEPT: usize = 200_000;

/// The people, and what they have on their carriers.
pub(crate) struct People {
    pub(crate) population: Population,
    pub(crate) country: String,
    seed: u64,
    ca_url: String,
    enrolment_token: String,
    kept: Mutex<HashMap<(u64, Carrier, Purpose), Arc<Credential>>>,
}

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
            ca_url: config.ca_url.clone(),
            enrolment_token: config.enrolment_token.clone(),
            kept: Mutex::default(),
        })
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// The living person with this national ID.
    pub(crate) fn by_national_id(&self, text: &str) -> Option<u64> {
        self.population
            .index_of(text)
            .filter(|index| self.is_alive(*index))
    }

    /// The living person with this national ID and phone number.
    pub(crate) fn by_phone(&self, national_id: &str, phone_number: &str) -> Option<u64> {
        let index = self.by_national_id(national_id)?;
        (self.population.index_of_phone(phone_number) == Some(index)).then_some(index)
    }

    fn is_alive(&self, index: u64) -> bool {
        self.population.status(index) == Status::Alive
    }

    /// The key and certificate of somebody, asked for where there is none yet.
    pub(crate) async fn credential(
        &self,
        index: u64,
        carrier: Carrier,
        purpose: Purpose,
    ) -> Result<Arc<Credential>, EnrolmentError> {
        if let Some(kept) = self.kept.lock().get(&(index, carrier, purpose)) {
            return Ok(Arc::clone(kept));
        }
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
        let credential = Arc::new(Credential {
            key,
            certificate_der,
        });
        let mut kept = self.kept.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        // Whoever asked at the same time has a certificate too; the first one stays.
        let kept = kept.entry((index, carrier, purpose)).or_insert(credential);
        Ok(Arc::clone(kept))
    }
}
