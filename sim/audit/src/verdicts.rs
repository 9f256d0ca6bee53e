//! What became of the signature documents read lately, by what they are.
//!
//! Both sides of an exchange log the same documents. A document is verified from its bytes and the
//! run's trust alone, so one that is the same to the last byte has the same verdict.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::digest::{Digest, Half, half};
use crate::signature::Verdict;

/// Documents remembered, in some two megabytes. The readers of two logs may be a second apart.
const REMEMBERED: usize = 8_192;

/// Verdicts that all readers share.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    verdicts: BTreeMap<Half, Verdict>,
    /// From the oldest on.
    order: VecDeque<Half>,
}

impl Verdicts {
    /// The verdict on the document with this digest; `verify` is asked where nobody was lately.
    pub(crate) fn of(&self, document: &Digest, verify: impl FnOnce() -> Verdict) -> Verdict {
        let name = half(document);
        if let Some(known) = self.remembered(|remembered| remembered.verdicts.get(&name).cloned()) {
            return known;
        }
        let verdict = verify();
        self.remembered(|remembered| remembered.add(name, verdict.clone()));
        verdict
    }

    fn remembered<T>(&self, ask: impl FnOnce(&mut Remembered) -> T) -> T {
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Remembered {
    fn add(&mut self, name: Half, verdict: Verdict) {
        if self.verdicts.insert(name, verdict).is_some() {
            return;
        }
        self.order.push_back(name);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.verdicts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha512;

    fn verdict(signed_at: i64) -> Verdict {
        Verdict {
            reference: None,
            digest: [0; 64],
            member: None,
            signed_at: Some(signed_at),
            value: None,
            fault: None,
        }
    }

    #[test]
    fn a_document_is_verified_once_as_long_as_it_is_remembered() {
        let verdicts = Verdicts::default();
        let mut verified = Vec::new();
        let mut ask = |number: i64| {
            let verify = || {
                verified.push(number);
                verdict(number)
            };
            let found = verdicts.of(&sha512(&number.to_le_bytes()), verify);
            assert_eq!(found.signed_at, Some(number));
        };
        ask(0);
        ask(1);
        ask(0);
        let last = REMEMBERED as i64;
        (2..=last).for_each(&mut ask);
        ask(1);
        ask(last);
        ask(0);
        assert_eq!(
            verified.len(),
            REMEMBERED + 2,
            "0 was forgotten, as the oldest"
        );
        assert_eq!(verified[REMEMBERED + 1], 0);
    }
}
