//! Who is logged in.
//!
//! A session is known by a random value in a cookie, made new at every log-in, so that nobody can
//! be given a session that somebody else knows (session fixation).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::UtcTime;

use crate::secrets::{NoRandomness, random_text};

/// How long a session lives after its last use, as in GovSSO.
pub const SESSION_IDLE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// People logged in at the same time; further ones are asked to come later.
pub const MAX_SESSIONS: usize = 100_000;

/// Somebody logged in, as the identity provider vouched for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// With the country's prefix, as the exchange wants it.
    pub(crate) user_id: String,
    /// Without the prefix, as registries know it.
    pub(crate) national_id: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    /// The phone they logged in with, where it was one that has a number.
    pub(crate) phone_number: Option<String>,
    /// The carrier they logged in with: `mID`, `smartid` or `idcard`.
    pub(crate) method: Option<String>,
}

// === impl Person ===

impl Person {
    /// The country's code, which the user ID has before the national ID.
    pub(crate) fn country(&self) -> &str {
        self.user_id
            .strip_suffix(self.national_id.as_str())
            .unwrap_or_default()
    }
}

/// One person in one browser.
#[derive(Debug)]
pub(crate) struct Session {
    /// The value in the cookie.
    pub(crate) key: String,
    pub(crate) person: Person,
    /// What the provider signed; shown to it again at log-out.
    pub(crate) id_token: String,
    /// The provider's own session, where it names one.
    pub(crate) provider_session: Option<String>,
    /// Given name and surname as the population register writes them, once a page has asked it:
    /// certificates have capitals alone.
    written: OnceLock<(String, String)>,
}

/// Why nobody was logged in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// Too many are.
    #[error("{MAX_SESSIONS} people are logged in")]
    Full,
    /// No session can be made that nobody could guess.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// The sessions, bounded in number and in age.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_key: BTreeMap<String, Entry>,
    /// Every session once, by when it is looked at next; that it was used meanwhile is found out
    /// then, so that a use costs one look-up and no move.
    looked_at: VecDeque<(UtcTime, String)>,
}

struct Entry {
    session: Arc<Session>,
    last_used: UtcTime,
}

// === impl Session ===

impl Session {
    /// Takes over how the population register writes the name. Another name than the one that the
    /// provider vouched for is not taken.
    pub(crate) fn learn_name(&self, given_name: &str, family_name: &str) {
        let is_same = |known: &str, told: &str| known.to_uppercase() == told.to_uppercase();
        let Person {
            given_name: given,
            family_name: family,
            ..
        } = &self.person;
        if is_same(given, given_name) && is_same(family, family_name) {
            // Whoever was first wrote the same.
            let _ = self
                .written
                .set((given_name.to_owned(), family_name.to_owned()));
        }
    }

    pub(crate) fn given_name(&self) -> &str {
        self.name().0
    }

    /// Given name and surname.
    pub(crate) fn full_name(&self) -> String {
        let (given, family) = self.name();
        format!("{given} {family}")
    }

    fn name(&self) -> (&str, &str) {
        match self.written.get() {
            Some((given, family)) => (given, family),
            None => (&self.person.given_name, &self.person.family_name),
        }
    }
}

// === impl Sessions ===

impl Sessions {
    /// Logs `person` in under a new key.
    pub(crate) fn open(
        &self,
        person: Person,
        id_token: String,
        provider_session: Option<String>,
        now: UtcTime,
    ) -> Result<Arc<Session>, SessionError> {
        let session = Arc::new(Session {
            key: random_text()?,
            person,
            id_token,
            provider_session,
            written: OnceLock::new(),
        });
        let mut kept = self.0.lock();
        kept.drop_idle(now);
        if kept.by_key.len() >= MAX_SESSIONS {
            return Err(SessionError::Full);
        }
        let entry = Entry {
            session: Arc::clone(&session),
            last_used: now,
        };
        kept.by_key.insert(session.key.clone(), entry);
        kept.looked_at.push_back((now, session.key.clone()));
        kept.forget_closed();
        Ok(session)
    }

    /// The session of `key`, used now.
    pub(crate) fn use_of(&self, key: &str, now: UtcTime) -> Option<Arc<Session>> {
        let mut kept = self.0.lock();
        let entry = kept.by_key.get_mut(key)?;
        if is_idle(entry.last_used, now) {
            kept.by_key.remove(key);
            return None;
        }
        entry.last_used = now;
        Some(Arc::clone(&entry.session))
    }

    /// The session of `key`, which is not used by that: whoever acts for a person does not keep
    /// them logged in.
    pub(crate) fn look_at(&self, key: &str, now: UtcTime) -> Option<Arc<Session>> {
        let kept = self.0.lock();
        let entry = kept.by_key.get(key)?;
        (!is_idle(entry.last_used, now)).then(|| Arc::clone(&entry.session))
    }

    /// Ends the session of `key`, where there is one.
    pub(crate) fn close(&self, key: &str) -> Option<Arc<Session>> {
        let entry = self.0.lock().by_key.remove(key)?;
        Some(entry.session)
    }

    /// Ends every session that `ends` says so of; returns how many.
    pub(crate) fn close_where(&self, ends: impl Fn(&Session) -> bool) -> usize {
        let mut kept = self.0.lock();
        let before = kept.by_key.len();
        kept.by_key.retain(|_, entry| !ends(&entry.session));
        before - kept.by_key.len()
    }
}

// === impl Kept ===

impl Kept {
    /// Drops what was not used for too long. Looks at each session at most once per
    /// [`SESSION_IDLE_LIMIT`].
    fn drop_idle(&mut self, now: UtcTime) {
        while let Some((looked_at, _)) = self.looked_at.front()
            && is_idle(*looked_at, now)
            && let Some((_, key)) = self.looked_at.pop_front()
        {
            match self.by_key.get(&key) {
                Some(entry) if is_idle(entry.last_used, now) => {
                    self.by_key.remove(&key);
                }
                // From its last use on, it has its whole time again; being looked at a little late
                // costs memory only, as an idle session is refused when it is used.
                Some(_) => self.looked_at.push_back((now, key)),
                None => {}
            }
        }
    }

    /// Those logged out are in the queue still; so many of them are not kept.
    fn forget_closed(&mut self) {
        if self.looked_at.len() > 2 * MAX_SESSIONS {
            let by_key = &self.by_key;
            self.looked_at.retain(|(_, key)| by_key.contains_key(key));
        }
    }
}

fn is_idle(last_used: UtcTime, now: UtcTime) -> bool {
    now.since(last_used) >= SESSION_IDLE_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> Person {
        Person {
            user_id: "XX1".to_owned(),
            national_id: "1".to_owned(),
            given_name: "A".to_owned(),
            family_name: "B".to_owned(),
            phone_number: None,
            method: None,
        }
    }

    fn at(minutes: u64) -> UtcTime {
        UtcTime::from_millis(0).plus(Duration::from_secs(60 * minutes))
    }

    fn open(sessions: &Sessions, now: UtcTime) -> Result<String, SessionError> {
        let session = sessions.open(somebody(), String::new(), None, now)?;
        Ok(session.key.clone())
    }

    #[test]
    fn every_use_prolongs_a_session_and_rest_ends_it() {
        let sessions = Sessions::default();
        let key = open(&sessions, at(0)).unwrap();
        assert!(sessions.use_of(&key, at(14)).is_some());
        assert!(sessions.use_of(&key, at(28)).is_some());
        assert!(sessions.use_of(&key, at(43)).is_none());
        // And it does not come back.
        assert!(sessions.use_of(&key, at(28)).is_none());
        assert!(sessions.look_at(&key, at(28)).is_none());
    }

    #[test]
    fn a_look_does_not_prolong_a_session() {
        let sessions = Sessions::default();
        let key = open(&sessions, at(0)).unwrap();
        assert!(sessions.look_at(&key, at(14)).is_some());
        assert!(sessions.look_at(&key, at(15)).is_none());
        assert!(sessions.use_of(&key, at(15)).is_none());
    }

    #[test]
    fn the_number_of_sessions_is_bounded_and_idle_ones_make_room() {
        let sessions = Sessions::default();
        for _ in 0..MAX_SESSIONS - 1 {
            open(&sessions, at(0)).unwrap();
        }
        let used = open(&sessions, at(0)).unwrap();
        assert!(matches!(open(&sessions, at(1)), Err(SessionError::Full)));
        assert!(sessions.use_of(&used, at(10)).is_some());
        open(&sessions, at(15)).unwrap();
        assert_eq!(sessions.0.lock().by_key.len(), 2);
        assert!(sessions.use_of(&used, at(16)).is_some());
    }

    #[test]
    fn a_closed_session_is_gone() {
        let sessions = Sessions::default();
        let key = open(&sessions, at(0)).unwrap();
        assert!(sessions.close(&key).is_some());
        assert!(sessions.use_of(&key, at(0)).is_none());
        open(&sessions, at(0)).unwrap();
        assert_eq!(
            sessions.close_where(|session| session.person.national_id == "1"),
            1
        );
    }
}
