//! Assistants that act for people who are logged in, each known by a token.
//!
//! A token is kept as its digest, lives ten minutes at most, and no longer than the session in which
//! it was made; a session has one at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;
use sim_clock::UtcTime;

use crate::secrets::{NoRandomness, random_text};
use crate::sessions::{Session, Sessions};

/// How long an assistant may act.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Assistants at the same time; further ones are asked to come later.
const MAX_ASSISTANTS: usize = 10_000;

/// The assistants, bounded in number and in age.
#[derive(Default)]
pub(crate) struct Assistants(Mutex<BTreeMap<Digest, Assistant>>);

/// SHA-256 of a token: what is kept opens nothing where it becomes known.
type Digest = [u8; 32];

struct Assistant {
    /// Key of the session in which it was made.
    session: String,
    until: UtcTime,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// Too many are in use.
    #[error("{MAX_ASSISTANTS} assistants act for people")]
    Full,
    /// No token can be made that nobody could guess.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

// === impl Assistants ===

impl Assistants {
    /// A new token for the person of a session, in place of an earlier one.
    pub(crate) fn admit(&self, session: &Session, now: UtcTime) -> Result<String, TokenError> {
        let token = random_text()?;
        let mut kept = self.0.lock();
        kept.retain(|_, assistant| assistant.until > now && assistant.session != session.key);
        if kept.len() >= MAX_ASSISTANTS {
            return Err(TokenError::Full);
        }
        let assistant = Assistant {
            session: session.key.clone(),
            until: now.plus(TOKEN_LIFETIME),
        };
        kept.insert(digest_of(&token), assistant);
        Ok(token)
    }

    /// Until when an assistant of the session may act, where there is one.
    pub(crate) fn until(&self, session: &Session, now: UtcTime) -> Option<UtcTime> {
        let kept = self.0.lock();
        let mut assistants = kept.values();
        let own = assistants.find(|assistant| assistant.session == session.key)?;
        (own.until > now).then_some(own.until)
    }

    /// Takes the token of the session back.
    pub(crate) fn dismiss(&self, session: &Session) {
        let mut kept = self.0.lock();
        kept.retain(|_, assistant| assistant.session != session.key);
    }

    /// The session of the person that the bearer of the token acts for.
    pub(crate) fn session_of(
        &self,
        token: &str,
        sessions: &Sessions,
        now: UtcTime,
    ) -> Option<Arc<Session>> {
        let key = {
            let kept = self.0.lock();
            let assistant = kept.get(&digest_of(token))?;
            (assistant.until > now).then(|| assistant.session.clone())?
        };
        // The person must be there themselves: what the assistant does prolongs nothing.
        sessions.find(&key, now)
    }
}

fn digest_of(token: &str) -> Digest {
    let digest = digest(&SHA256, token.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Person;

    fn at(seconds: u64) -> UtcTime {
        UtcTime::from_millis(0).plus(Duration::from_secs(seconds))
    }

    fn session(sessions: &Sessions, user_id: &str) -> Arc<Session> {
        let person = Person {
            user_id: user_id.to_owned(),
            national_id: user_id[2..].to_owned(),
            given_name: "A".to_owned(),
            family_name: "B".to_owned(),
            phone_number: None,
            method: None,
        };
        sessions.open(person, String::new(), None, at(0)).unwrap()
    }

    #[test]
    fn a_token_acts_for_its_person_and_ends_by_itself() {
        let (assistants, sessions) = (Assistants::default(), Sessions::default());
        let (one, other) = (session(&sessions, "XX1"), session(&sessions, "XX2"));
        let token = assistants.admit(&one, at(0)).unwrap();
        let of_other = assistants.admit(&other, at(0)).unwrap();
        let found = assistants.session_of(&token, &sessions, at(599)).unwrap();
        assert_eq!(found.person.user_id, "XX1");
        let found = assistants.session_of(&of_other, &sessions, at(1)).unwrap();
        assert_eq!(found.person.user_id, "XX2");
        assert!(assistants.session_of(&token, &sessions, at(600)).is_none());
        assert!(assistants.session_of("", &sessions, at(1)).is_none());
        assert_eq!(assistants.until(&one, at(1)), Some(at(600)));
        assert_eq!(assistants.until(&one, at(600)), None);
    }

    #[test]
    fn a_new_token_a_dismissal_and_the_end_of_the_session_end_one() {
        let (assistants, sessions) = (Assistants::default(), Sessions::default());
        let person = session(&sessions, "XX1");
        let first = assistants.admit(&person, at(0)).unwrap();
        let second = assistants.admit(&person, at(0)).unwrap();
        assert!(assistants.session_of(&first, &sessions, at(1)).is_none());
        assert!(assistants.session_of(&second, &sessions, at(1)).is_some());
        assistants.dismiss(&person);
        assert!(assistants.session_of(&second, &sessions, at(1)).is_none());
        let third = assistants.admit(&person, at(2)).unwrap();
        sessions.close(&person.key);
        assert!(assistants.session_of(&third, &sessions, at(3)).is_none());
    }

    #[test]
    fn their_number_is_bounded_and_old_ones_make_room() {
        let (assistants, sessions) = (Assistants::default(), Sessions::default());
        for number in 0..MAX_ASSISTANTS {
            let person = session(&sessions, &format!("XX{number}"));
            // The cheap way in: each check of all would make this test quadratic.
            let assistant = Assistant {
                session: person.key.clone(),
                until: at(600),
            };
            let digest = digest_of(&number.to_string());
            assistants.0.lock().insert(digest, assistant);
        }
        let person = session(&sessions, "XXlast");
        let refused = assistants.admit(&person, at(1));
        assert!(matches!(refused, Err(TokenError::Full)));
        assert!(assistants.admit(&person, at(600)).is_ok());
    }
}
