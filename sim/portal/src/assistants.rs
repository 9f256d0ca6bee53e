//! Assistants: programs that a person lets read their data for some minutes.
//!
//! An assistant shows a random token. Only its hash is kept, so that no copy of this memory lets
//! anybody in, and so that the time of a look-up tells nothing of a token. One session has one
//! token at most, which ends with it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;
use sim_clock::UtcTime;

use crate::secrets::{NoRandomness, random_text};

/// How long an assistant may act.
pub const ASSISTANT_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Assistants that may act at the same time; further people are asked to come later.
pub const MAX_ASSISTANTS: usize = 10_000;
/// Octets of the hash of a token.
const HASH_OCTETS: usize = 32;

type Hash = [u8; HASH_OCTETS];

/// Those that may act.
#[derive(Default)]
pub(crate) struct Assistants(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_hash: BTreeMap<Hash, Grant>,
    /// By the key of a session.
    by_session: BTreeMap<String, Hash>,
}

struct Grant {
    session_key: String,
    since: UtcTime,
}

/// Why no assistant was let in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum AssistantError {
    /// Too many may act already.
    #[error("{MAX_ASSISTANTS} assistants may act already")]
    Full,
    /// No token can be made that nobody could guess.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

// === impl Assistants ===

impl Assistants {
    /// A new token for the session of this key; the one before is none any more.
    pub(crate) fn allow(&self, session_key: &str, now: UtcTime) -> Result<String, AssistantError> {
        let token = random_text()?;
        let mut kept = self.0.lock();
        kept.revoke(session_key);
        if kept.by_hash.len() >= MAX_ASSISTANTS {
            kept.drop_over(now);
        }
        if kept.by_hash.len() >= MAX_ASSISTANTS {
            return Err(AssistantError::Full);
        }
        let (hash, session_key) = (hash_of(&token), session_key.to_owned());
        kept.by_session.insert(session_key.clone(), hash);
        let grant = Grant {
            session_key,
            since: now,
        };
        kept.by_hash.insert(hash, grant);
        Ok(token)
    }

    /// The key of the session that a token acts for, while it may. That the session still is one
    /// has to be asked of the sessions.
    pub(crate) fn session_of(&self, token: &str, now: UtcTime) -> Option<String> {
        let hash = hash_of(token);
        let mut kept = self.0.lock();
        let grant = kept.by_hash.get(&hash)?;
        let session_key = grant.session_key.clone();
        if grant.is_over(now) {
            kept.revoke(&session_key);
            return None;
        }
        Some(session_key)
    }

    /// Until when the assistant of a session may act, where it has one.
    pub(crate) fn until(&self, session_key: &str, now: UtcTime) -> Option<UtcTime> {
        let kept = self.0.lock();
        let grant = kept.by_hash.get(kept.by_session.get(session_key)?)?;
        (!grant.is_over(now)).then(|| grant.since.plus(ASSISTANT_LIFETIME))
    }

    /// Ends what the assistant of a session may do.
    pub(crate) fn revoke(&self, session_key: &str) {
        self.0.lock().revoke(session_key);
    }
}

// === impl Kept ===

impl Kept {
    fn revoke(&mut self, session_key: &str) {
        if let Some(hash) = self.by_session.remove(session_key) {
            self.by_hash.remove(&hash);
        }
    }

    fn drop_over(&mut self, now: UtcTime) {
        self.by_hash.retain(|_, grant| !grant.is_over(now));
        let by_hash = &self.by_hash;
        self.by_session.retain(|_, hash| by_hash.contains_key(hash));
    }
}

// === impl Grant ===

impl Grant {
    fn is_over(&self, now: UtcTime) -> bool {
        now.since(self.since) >= ASSISTANT_LIFETIME
    }
}

fn hash_of(token: &str) -> Hash {
    let digest = digest(&SHA256, token.as_bytes());
    let mut hash = [0; HASH_OCTETS];
    hash.copy_from_slice(digest.as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UtcTime {
        UtcTime::from_millis(0).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_token_lives_ten_minutes_and_only_as_it_was_made() {
        let assistants = Assistants::default();
        let token = assistants.allow("one", at(0)).unwrap();
        assert_eq!(
            assistants.session_of(&token, at(599)).as_deref(),
            Some("one")
        );
        assert_eq!(assistants.until("one", at(599)), Some(at(600)));
        for wrong in ["", &token[1..], &format!("{token}A"), &token.to_lowercase()] {
            assert_eq!(assistants.session_of(wrong, at(0)), None, "{wrong}");
        }
        assert_eq!(assistants.until("one", at(600)), None);
        assert_eq!(assistants.session_of(&token, at(600)), None);
        // And it does not come back when a clock is set back.
        assert_eq!(assistants.session_of(&token, at(0)), None);
    }

    #[test]
    fn another_token_replaces_the_first_and_a_revoked_one_is_none() {
        let assistants = Assistants::default();
        let first = assistants.allow("one", at(0)).unwrap();
        let second = assistants.allow("one", at(1)).unwrap();
        let other = assistants.allow("other", at(1)).unwrap();
        assert_ne!(first, second);
        assert_eq!(assistants.session_of(&first, at(1)), None);
        assert!(assistants.session_of(&second, at(1)).is_some());
        assistants.revoke("one");
        assert_eq!(assistants.session_of(&second, at(1)), None);
        assert_eq!(
            assistants.session_of(&other, at(1)).as_deref(),
            Some("other")
        );
    }

    #[test]
    fn what_is_kept_is_no_token() {
        let assistants = Assistants::default();
        let token = assistants.allow("one", at(0)).unwrap();
        let kept = assistants.0.lock();
        let hash = kept.by_session["one"];
        assert_ne!(hash.as_slice(), token.as_bytes());
        assert_eq!(hash, hash_of(&token));
    }

    #[test]
    fn their_number_is_bounded_and_those_that_are_over_make_room() {
        let assistants = Assistants::default();
        for number in 0..MAX_ASSISTANTS {
            assistants.allow(&number.to_string(), at(0)).unwrap();
        }
        let one_more = assistants.allow("one more", at(1));
        assert!(matches!(one_more, Err(AssistantError::Full)));
        // Who has one may have another in its place.
        assistants.allow("0", at(1)).unwrap();
        assistants.allow("one more", at(600)).unwrap();
        let kept = assistants.0.lock();
        assert_eq!((kept.by_hash.len(), kept.by_session.len()), (2, 2));
    }
}
