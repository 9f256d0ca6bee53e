//! Applications on their way: filled in, being signed, handed over.
//!
//! Kept in memory and bounded. What a registry received is the registry's from then on; the signed
//! document stays here for its owner to download until there are too many newer ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;
use sim_clock::UtcTime;
use sim_signed_documents::DataFile;
use tokio::sync::watch;

use crate::sessions::Person;

/// Applications of one person that are kept; a further one replaces the oldest.
const MAX_EACH: usize = 20;
/// Applications of all people that are kept; a further one replaces the oldest.
const MAX_KEPT: usize = 10_000;

/// What can be applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    ChildBenefit,
    OldAgePension,
    TaxDeclaration,
}

/// One application.
pub(crate) struct Application {
    pub(crate) number: u64,
    /// Whose it is.
    user_id: String,
    pub(crate) kind: Kind,
    pub(crate) made_at: UtcTime,
    /// What is signed.
    pub(crate) files: Vec<DataFile>,
    /// What the registry is told besides the document.
    pub(crate) fields: Value,
    progress: watch::Sender<Progress>,
}

/// How far an application is.
#[derive(Clone, Debug)]
pub(crate) enum Progress {
    /// Filled in.
    Draft,
    /// The person is asked, once there is a code: which document signs, or to sign.
    Signing { code: Option<Code> },
    /// Not signed, or not taken; it can be tried again.
    Refused(Refusal),
    /// The registry has it.
    Done(Handed),
}

/// A verification code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) digits: String,
    /// The person is asked which document signs, and will be asked to sign afterwards.
    pub(crate) is_for_choice: bool,
}

/// Why an application was not signed or not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// For robots: the carrier's own result, such as `USER_CANCELLED`, or who else refused.
    pub(crate) code: String,
    /// What the other side said, where it said something.
    pub(crate) detail: String,
}

/// A signed application that a registry has taken.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    /// The registry's number of it.
    pub(crate) id: String,
    /// The registry's word on it: `received`, `granted`, `refused`.
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) document: Bytes,
}

/// All applications that are kept.
#[derive(Default)]
pub(crate) struct Applications(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last_number: u64,
    by_number: BTreeMap<u64, Arc<Application>>,
    by_person: BTreeMap<String, Vec<u64>>,
}

// === impl Kind ===

impl Kind {
    /// As in paths and at the registry.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::ChildBenefit => "child-benefit",
            Self::OldAgePension => "old-age-pension",
            Self::TaxDeclaration => "tax-declaration",
        }
    }
}

// === impl Application ===

impl Application {
    pub(crate) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Begins to sign; false where that is under way already, or done.
    pub(crate) fn begin_signing(&self) -> bool {
        self.progress.send_if_modified(|progress| {
            let can = matches!(progress, Progress::Draft | Progress::Refused(_));
            if can {
                *progress = Progress::Signing { code: None };
            }
            can
        })
    }

    pub(crate) fn set(&self, progress: Progress) {
        self.progress.send_replace(progress);
    }

    /// Waits until there is a code to be shown, or signing has ended.
    pub(crate) async fn has_news(&self) {
        let mut seen = self.progress.subscribe();
        let is_news = |progress: &Progress| !matches!(progress, Progress::Signing { code: None });
        // The sender is in `self`, and so cannot go away meanwhile.
        seen.wait_for(is_news).await.ok();
    }
}

// === impl Applications ===

impl Applications {
    /// Keeps a new draft.
    pub(crate) fn keep(
        &self,
        person: &Person,
        kind: Kind,
        files: Vec<DataFile>,
        fields: Value,
        now: UtcTime,
    ) -> Arc<Application> {
        let mut kept = self.0.lock();
        kept.last_number += 1;
        let application = Arc::new(Application {
            number: kept.last_number,
            user_id: person.user_id.clone(),
            kind,
            made_at: now,
            files,
            fields,
            progress: watch::Sender::new(Progress::Draft),
        });
        let (number, user_id) = (application.number, person.user_id.clone());
        kept.by_number.insert(number, Arc::clone(&application));
        let own = kept.by_person.entry(user_id).or_default();
        own.push(number);
        if own.len() > MAX_EACH {
            let oldest = own.remove(0);
            kept.by_number.remove(&oldest);
        }
        if kept.by_number.len() > MAX_KEPT {
            kept.drop_oldest();
        }
        application
    }

    /// The application of this number, where it is this person's.
    pub(crate) fn find(&self, person: &Person, number: u64) -> Option<Arc<Application>> {
        let kept = self.0.lock();
        let application = kept.by_number.get(&number)?;
        (application.user_id == person.user_id).then(|| Arc::clone(application))
    }

    /// A person's applications, newest first.
    pub(crate) fn of(&self, person: &Person) -> Vec<Arc<Application>> {
        let kept = self.0.lock();
        let numbers = kept
            .by_person
            .get(&person.user_id)
            .into_iter()
            .flatten()
            .rev();
        numbers
            .filter_map(|number| kept.by_number.get(number).cloned())
            .collect()
    }
}

// === impl Kept ===

impl Kept {
    fn drop_oldest(&mut self) {
        let Some((number, application)) = self.by_number.pop_first() else {
            return;
        };
        if let Some(own) = self.by_person.get_mut(&application.user_id) {
            own.retain(|kept| *kept != number);
            if own.is_empty() {
                self.by_person.remove(&application.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(user_id: &str) -> Person {
        Person {
            user_id: user_id.to_owned(),
            national_id: String::new(),
            given_name: String::new(),
            family_name: String::new(),
            phone_number: None,
            method: None,
        }
    }

    fn keep(applications: &Applications, person: &Person) -> u64 {
        let now = UtcTime::from_millis(0);
        applications
            .keep(person, Kind::ChildBenefit, Vec::new(), Value::Null, now)
            .number
    }

    #[test]
    fn an_application_is_found_by_its_owner_alone() {
        let (one, other) = (person("XX1"), person("XX2"));
        let applications = Applications::default();
        let number = keep(&applications, &one);
        assert!(applications.find(&one, number).is_some());
        assert!(applications.find(&other, number).is_none());
        assert!(applications.find(&one, number + 1).is_none());
        assert!(applications.of(&other).is_empty());
    }

    #[test]
    fn old_ones_make_room_for_new_ones() {
        let applications = Applications::default();
        let one = person("XX1");
        let first = keep(&applications, &one);
        for _ in 0..MAX_EACH {
            keep(&applications, &one);
        }
        assert!(applications.find(&one, first).is_none());
        assert_eq!(applications.of(&one).len(), MAX_EACH);
        for number in 0..MAX_KEPT {
            keep(&applications, &person(&format!("YY{number}")));
        }
        assert!(applications.of(&one).is_empty());
        assert_eq!(applications.0.lock().by_number.len(), MAX_KEPT);
        assert_eq!(applications.0.lock().by_person.len(), MAX_KEPT);
    }

    #[tokio::test]
    async fn signing_is_begun_once_and_may_be_tried_again() {
        let applications = Applications::default();
        let one = person("XX1");
        let number = keep(&applications, &one);
        let application = applications.find(&one, number).unwrap();
        assert!(application.begin_signing());
        assert!(!application.begin_signing());
        application.set(Progress::Refused(Refusal {
            code: "USER_CANCELLED".to_owned(),
            detail: String::new(),
        }));
        application.has_news().await;
        assert!(application.begin_signing());
    }
}
