//! The consent service: who may have which data of a person, by that person's word (after X-tee's
//! *Nõusolekuteenus*).
//!
//! Whoever wants data asks for a consent, the person decides, and whoever holds the data asks
//! whether there is one, at every read: so a withdrawal holds from the next read on.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_clock::UtcTime;
use uuid::Uuid;

use super::{Answer, Call, Office, Refusal, Reply, only};

/// What data may be asked for, and for how long.
const PURPOSES: [Purpose; 1] = [Purpose {
    name: "insurance-offer",
    data: "health/record",
    days: 30,
}];
/// Consents of one person at most, ended ones with them.
const MAX_OF_ONE_PERSON: usize = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What somebody may want data for (a purpose declaration).
pub(super) struct Purpose {
    name: &'static str,
    /// Kind of registry and service.
    pub(super) data: &'static str,
    /// Days that a consent is valid.
    days: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Requested,
    Approved,
    Declined,
    Withdrawn,
    Expired,
}

/// A consent as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Consent {
    reference: String,
    receiver: String,
    purpose: String,
    data: String,
    /// What was last said of it; that it has expired nobody says.
    status: Status,
    since_ms: i64,
    /// Of an approved one.
    until_ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    #[serde(rename = "idCode")]
    id_code: String,
    purpose: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    reference: String,
    status: Decided,
}

/// What a person can say.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Decided {
    Approved,
    Declined,
    Withdrawn,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    match call.service() {
        "consent" => {
            only(call, &Method::POST, "POST")?;
            request(office, call).await
        }
        "consents" if call.method == Method::PUT => decide(office, call).await,
        "consents" => {
            only(call, &Method::GET, "GET, PUT")?;
            list(office, call).await
        }
        "validation" => {
            only(call, &Method::GET, "GET")?;
            validate(office, call).await
        }
        _ => Err(Refusal::NotFound),
    }
}

/// The purpose of this name.
pub(super) fn purpose(name: &str) -> Option<&'static Purpose> {
    PURPOSES.iter().find(|purpose| purpose.name == name)
}

async fn request(office: &Office, call: &Call) -> Reply {
    if !call.rest().is_empty() {
        return Err(Refusal::NotFound);
    }
    let new: NewConsent = call.json()?;
    let index = office.of_user_code(&new.id_code);
    let index = index.ok_or(Refusal::UnknownPerson)?;
    let Some(purpose) = purpose(&new.purpose) else {
        let what = format!("there is no purpose `{}`", new.purpose);
        return Err(Refusal::Malformed(what));
    };
    let receiver = call.client.clone().ok_or(Refusal::NoClient)?;
    office.note(call, index, "Consents: request").await?;
    let id = office.people.national_id(index);
    let now = office.now();
    let wanted = Consent {
        reference: Uuid::new_v4().to_string(),
        receiver,
        purpose: new.purpose,
        data: purpose.data.to_owned(),
        status: Status::Requested,
        since_ms: now.as_millis(),
        until_ms: None,
    };
    // First, so that there is no consent that its reference does not lead to.
    let key = reference_key(&wanted.reference);
    office.store.put(&key, &id.as_str(), true)?;
    let (consent, is_new) = office.store.change(&of_person(id.as_str()), |kept| {
        let mut consents: Vec<Consent> = kept.unwrap_or_default();
        let same = |consent: &&Consent| {
            let status = consent.status_at(now);
            consent.receiver == wanted.receiver
                && consent.purpose == wanted.purpose
                && matches!(status, Status::Requested | Status::Approved)
        };
        if let Some(same) = consents.iter().find(same).cloned() {
            return Ok((consents, (same, false)));
        }
        if consents.len() >= MAX_OF_ONE_PERSON {
            return Err(Refusal::Conflict("nobody keeps so many consents"));
        }
        consents.push(wanted.clone());
        Ok((consents, (wanted, true)))
    })?;
    let told = json!({
        "consentReference": consent.reference, "status": consent.status_at(now),
    });
    Ok(if is_new {
        Answer::created(told)
    } else {
        Answer::ok(told)
    })
}

async fn list(office: &Office, call: &Call) -> Reply {
    let id = call.only_segment()?;
    let index = office.person(id)?;
    if !office.is_own(call, id) {
        return Err(Refusal::NotTheirs);
    }
    office.note(call, index, "Consents: list").await?;
    let now = office.now();
    let consents: Option<Vec<Consent>> = office.store.get(&of_person(id))?;
    let consents = consents.unwrap_or_default();
    let newest_first = consents.iter().rev();
    let told: Vec<Value> = newest_first.map(|consent| consent.told(now)).collect();
    Ok(Answer::ok(json!({ "national_id": id, "consents": told })))
}

async fn decide(office: &Office, call: &Call) -> Reply {
    let id = call.only_segment()?;
    let index = office.person(id)?;
    if !office.is_own(call, id) {
        return Err(Refusal::NotTheirs);
    }
    let decision: Decision = call.json()?;
    office.note(call, index, "Consents: decision").await?;
    let now = office.now();
    let decided = office.store.change(&of_person(id), |kept| {
        let mut consents: Vec<Consent> = kept.unwrap_or_default();
        let mut found = consents.iter_mut();
        let found = found.find(|consent| consent.reference == decision.reference);
        let consent = found.ok_or(Refusal::Unknown)?;
        consent.decide(decision.status, now)?;
        let decided = consent.clone();
        Ok((consents, decided))
    })?;
    Ok(Answer::ok(decided.told(now)))
}

async fn validate(office: &Office, call: &Call) -> Reply {
    let reference = call.only_segment()?;
    let id: Option<String> = office.store.get(&reference_key(reference))?;
    let id = id.ok_or(Refusal::Unknown)?;
    let index = office.person(&id)?;
    let consents: Option<Vec<Consent>> = office.store.get(&of_person(&id))?;
    let now = office.now();
    let mut consents = consents.unwrap_or_default().into_iter();
    let consent = consents.find(|consent| {
        consent.reference == reference && consent.status_at(now) == Status::Approved
    });
    let consent = consent.ok_or(Refusal::Unknown)?;
    office.note(call, index, "Consents: validation").await?;
    Ok(Answer::ok(json!({
        "reference": consent.reference,
        "idCode": office.user_code(&id),
        "receiver": consent.receiver,
        "purpose": consent.purpose,
        "status": Status::Approved,
        "until": consent.until(),
    })))
}

fn of_person(national_id: &str) -> String {
    format!("consents/{national_id}")
}

fn reference_key(reference: &str) -> String {
    format!("reference/{reference}")
}

// === impl Consent ===

impl Consent {
    fn status_at(&self, now: UtcTime) -> Status {
        let is_over = self.until_ms.is_some_and(|until| until <= now.as_millis());
        match self.status {
            Status::Approved if is_over => Status::Expired,
            status => status,
        }
    }

    fn decide(&mut self, decided: Decided, now: UtcTime) -> Result<(), Refusal> {
        let (from, to) = match decided {
            Decided::Approved => (Status::Requested, Status::Approved),
            Decided::Declined => (Status::Requested, Status::Declined),
            Decided::Withdrawn => (Status::Approved, Status::Withdrawn),
        };
        if self.status_at(now) != from {
            return Err(Refusal::Conflict(match decided {
                Decided::Withdrawn => "only a consent that was given can be withdrawn",
                _ => "only a consent that is asked for can be given or declined",
            }));
        }
        let purpose = purpose(&self.purpose).ok_or(Refusal::Unknown)?;
        self.status = to;
        self.since_ms = now.as_millis();
        self.until_ms = match to {
            Status::Approved => Some(now.as_millis() + purpose.days * DAY_MS),
            _ => None,
        };
        Ok(())
    }

    fn until(&self) -> Option<String> {
        let until = self.until_ms.map(UtcTime::from_millis);
        until.map(UtcTime::rfc3339_millis)
    }

    fn told(&self, now: UtcTime) -> Value {
        let status = self.status_at(now);
        let since = match (status, self.until_ms) {
            (Status::Expired, Some(until)) => until,
            _ => self.since_ms,
        };
        let mut told = json!({
            "reference": self.reference,
            "receiver": self.receiver,
            "purpose": self.purpose,
            "data": self.data,
            "status": status,
            "since": UtcTime::from_millis(since).rfc3339_millis(),
        });
        if let Some(until) = self.until() {
            told["until"] = until.into();
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> UtcTime {
        UtcTime::from_millis(days * DAY_MS)
    }

    #[test]
    fn a_consent_is_given_withdrawn_and_expires() {
        let requested = Consent {
            reference: "r".to_owned(),
            receiver: "EE/COM/1/policies".to_owned(),
            purpose: "insurance-offer".to_owned(),
            data: "health/record".to_owned(),
            status: Status::Requested,
            since_ms: 0,
            until_ms: None,
        };
        assert!(requested.told(at(1))["until"].is_null());
        let mut given = requested.clone();
        assert!(given.decide(Decided::Withdrawn, at(1)).is_err());
        given.decide(Decided::Approved, at(1)).unwrap();
        assert!(given.decide(Decided::Approved, at(2)).is_err());
        assert!(given.decide(Decided::Declined, at(2)).is_err());
        assert_eq!(given.status_at(at(30)), Status::Approved);
        let told = given.told(at(31));
        assert_eq!(told["status"], "expired");
        assert_eq!(told["since"], told["until"]);
        assert!(given.decide(Decided::Withdrawn, at(31)).is_err());
        given.decide(Decided::Withdrawn, at(30)).unwrap();
        assert_eq!(given.status_at(at(40)), Status::Withdrawn);
        let mut declined = requested;
        declined.decide(Decided::Declined, at(1)).unwrap();
        assert!(declined.decide(Decided::Approved, at(1)).is_err());
    }
}
