//! Questions that nobody takes yet: kept in memory, bounded.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use sim_clock::UtcTime;

use super::Look;
use crate::sessions::Person;

/// Questions of one person that are kept.
const MAX_EACH: usize = 50;
/// Questions of all people together that are kept.
const MAX_KEPT: usize = 100_000;

/// The questions kept here, by the user ID of who asked.
#[derive(Default)]
pub(crate) struct Questions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_person: BTreeMap<String, Vec<Question>>,
    count: usize,
}

/// A question and the look that it is about.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) look: Look,
    pub(super) asked_at: UtcTime,
    pub(super) text: String,
}

// === impl Questions ===

impl Questions {
    /// The questions of a person that are kept here.
    pub(super) fn of(&self, person: &Person) -> Vec<Question> {
        let kept = self.0.lock();
        let questions = kept.by_person.get(&person.user_id);
        questions.cloned().unwrap_or_default()
    }

    /// Keeps a question; false where there is no room for it.
    pub(super) fn keep(&self, person: &Person, question: Question) -> bool {
        let mut kept = self.0.lock();
        if kept.count >= MAX_KEPT {
            return false;
        }
        let questions = kept.by_person.entry(person.user_id.clone()).or_default();
        if questions.len() >= MAX_EACH {
            return false;
        }
        questions.push(question);
        kept.count += 1;
        true
    }
}
