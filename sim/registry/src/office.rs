//! What a registry does for citizens, whatever its kind: who calls, who may be asked about, what is
//! written down of it.
//!
//! A read of somebody's data is *personal*: it needs the end user that the caller acts for
//! (`X-Road-UserId`) and leaves one entry in the data tracker, durable before the answer goes out.

mod asker;
mod business;
mod call;
mod consents;
mod documents;
mod education;
mod health;
mod inquiries;
mod insurer;
mod officials;
mod population;
mod private;
mod slots;
mod social_insurance;
mod store;
mod tax;
mod tracker;

use http::Method;
use serde_json::{Value, json};
use sim_clock::{Clock, UtcTime};
use sim_population::{Population, iso_date};

use crate::config::{CitizensSide, Kind};
use crate::error::Error;

pub(crate) use call::{Call, Refusal};

use asker::Asker;
use officials::Officials;
use store::Store;
use tracker::{Entry, Tracker};

/// What citizens' services of a registry share.
pub(crate) struct Office {
    kind: Kind,
    country: String,
    seed: u64,
    people: Population,
    tracker: Tracker,
    store: Store,
    asker: Option<Asker>,
    officials: Officials,
    by_consent: Vec<String>,
    legal_exceptions: Vec<String>,
    clock: Clock,
}

/// An answer: its status and what it says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

type Reply = Result<Answer, Refusal>;

// === impl Answer ===

impl Answer {
    const fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    const fn created(body: Value) -> Self {
        Self { status: 201, body }
    }
}

// === impl Office ===

impl Office {
    pub(crate) fn open(
        kind: Kind,
        side: &CitizensSide,
        seed: u64,
        people: Population,
        folder: &std::path::Path,
    ) -> Result<Self, Error> {
        Ok(Self {
            officials: Officials::draw(&people, seed, side.curious_officials),
            kind,
            country: side.country.clone(),
            seed,
            people,
            tracker: Tracker::begin(&side.tracker)?,
            store: Store::open(folder)?,
            asker: side.exchange.as_ref().map(Asker::new).transpose()?,
            by_consent: side.by_consent.clone(),
            legal_exceptions: side.legal_exceptions.clone(),
            clock: Clock::wall(),
        })
    }

    /// Answers a call of any service of this registry.
    pub(crate) async fn answer(&self, call: &Call) -> Reply {
        if call.service() == "findUsage" {
            return self.tracker.find_usage(self, call);
        }
        // Said before anybody is looked up, so that nobody learns namelessly who there is. Of
        // companies everybody may know.
        if call.service() != "company" {
            call.on_behalf()?;
        }
        // Those who look into others' registers say why.
        let looks = matches!(self.kind, Kind::SocialInsurance | Kind::Insurer);
        if looks && call.service() == "inquiries" {
            return inquiries::answer(self, call).await;
        }
        match self.kind {
            Kind::PopulationRegister => population::answer(self, call).await,
            Kind::SocialInsurance => social_insurance::answer(self, call).await,
            Kind::Tax => tax::answer(self, call).await,
            Kind::Health => health::answer(self, call).await,
            Kind::Business => business::answer(self, call).await,
            Kind::Education => education::answer(self, call).await,
            Kind::Bank => private::bank(self, call).await,
            Kind::SchoolJournal => private::journal(self, call).await,
            Kind::Consents => consents::answer(self, call).await,
            Kind::Insurer => insurer::answer(self, call).await,
        }
    }

    /// Ends what is written, in order.
    pub(crate) fn close(&self) {
        self.tracker.close();
        if let Some(asker) = &self.asker {
            asker.close();
        }
    }

    /// The person that a personal read is about; written down before anything is said.
    pub(super) async fn read_about(&self, call: &Call, title: &str) -> Result<u64, Refusal> {
        let index = self.person(call.only_segment()?)?;
        self.note(call, index, title).await?;
        Ok(index)
    }

    /// Writes a read down.
    pub(super) async fn note(&self, call: &Call, index: u64, title: &str) -> Result<(), Refusal> {
        let action = call.issue.clone().unwrap_or_else(|| title.to_owned());
        self.write_down(call, index, action).await
    }

    /// Writes a read down, with what was `special` about it.
    pub(super) async fn note_with(
        &self,
        call: &Call,
        index: u64,
        title: &str,
        special: &str,
    ) -> Result<(), Refusal> {
        let action = call.issue.as_deref().unwrap_or(title);
        let action = format!("{action} ({special})");
        self.write_down(call, index, action).await
    }

    async fn write_down(&self, call: &Call, index: u64, action: String) -> Result<(), Refusal> {
        let (user, client) = call.on_behalf()?;
        let entry = Entry {
            at: self.now(),
            national_id: self.people.national_id(index).to_string(),
            user: user.to_owned(),
            client: client.to_owned(),
            message_id: call.message_id.clone().unwrap_or_default(),
            service: call.service().to_owned(),
            action,
        };
        self.tracker.write(index, entry).await
    }

    /// Whoever has this national ID.
    pub(super) fn person(&self, national_id: &str) -> Result<u64, Refusal> {
        self.people
            .index_of(national_id)
            .ok_or(Refusal::UnknownPerson)
    }

    /// Whether the end user is the person with this national ID.
    pub(super) fn is_own(&self, call: &Call, national_id: &str) -> bool {
        call.user.as_deref() == Some(self.user_code(national_id).as_str())
    }

    /// A national ID as it stands in `X-Road-UserId`: with the country before it.
    pub(super) fn user_code(&self, national_id: &str) -> String {
        format!("{}{national_id}", self.country)
    }

    /// Who a code with the country before it means, as the tracker's protocol names people.
    pub(super) fn of_user_code(&self, text: &str) -> Option<u64> {
        self.people
            .index_of(text.strip_prefix(self.country.as_str())?)
    }

    /// A number that follows from the person and what it is for, the same for ever.
    pub(super) fn lot(&self, index: u64, what: &str) -> u64 {
        lot_of(self.seed, index, what)
    }

    pub(super) fn now(&self) -> UtcTime {
        self.clock.now()
    }

    /// The day on which somebody turned, or will turn, this age.
    pub(super) fn birthday(&self, index: u64, age: i32) -> String {
        let born = self.people.person(index).birth_date;
        let year = born.year() + age;
        let day = born.replace_year(year).unwrap_or_else(|_| {
            // 29 February is celebrated the day before in other years.
            born.replace_day(28)
                .and_then(|day| day.replace_year(year))
                .unwrap_or(born)
        });
        iso_date::to_text(day)
    }

    pub(super) fn named(&self, index: u64) -> Value {
        let person = self.people.person(index);
        json!({
            "national_id": person.national_id.as_str(),
            "given_name": person.given_name,
            "surname": person.surname,
            "birth_date": iso_date::to_text(person.birth_date),
        })
    }
}

/// A number that follows from the seed, somebody or something, and what it is for.
pub(crate) fn lot_of(seed: u64, index: u64, what: &str) -> u64 {
    use std::hash::{BuildHasher as _, BuildHasherDefault};
    // The standard library's hasher with fixed keys: the same on every machine of one version
    // of it; nothing but this process compares what comes out.
    let hasher = BuildHasherDefault::<std::hash::DefaultHasher>::default();
    hasher.hash_one((seed, index, what))
}

/// Only this method is known here.
pub(super) fn only(call: &Call, method: &Method, allow: &'static str) -> Result<(), Refusal> {
    if call.method == *method {
        Ok(())
    } else {
        Err(Refusal::Method(allow))
    }
}
