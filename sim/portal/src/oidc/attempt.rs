//! One log-in under way, kept in the browser that began it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use sim_clock::UtcTime;

use crate::secrets::{NoRandomness, Seal, random_text, same};

/// How long a log-in may take: TARA's session.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Answered attempts that are remembered, twice at most.
const MAX_USED: usize = 50_000;

/// A log-in under way. All that is secret in it is derived from `random` with the portal's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    random: String,
    begun: UtcTime,
    /// Where the person wanted to go; a path of the portal.
    pub(crate) return_to: String,
}

/// Attempts that were answered, so that none is answered twice.
#[derive(Default)]
pub(super) struct Used(Mutex<UsedAttempts>);

struct UsedAttempts {
    /// Since when `recent` is filled.
    since: UtcTime,
    recent: BTreeSet<String>,
    older: BTreeSet<String>,
}

// === impl Attempt ===

impl Attempt {
    pub(crate) fn begin(return_to: &str, now: UtcTime) -> Result<Self, NoRandomness> {
        Ok(Self {
            random: random_text()?,
            begun: now,
            return_to: return_to.to_owned(),
        })
    }

    /// As the value of a cookie, which nobody else can have made.
    pub(crate) fn to_cookie(&self, seal: &Seal) -> String {
        let begun = self.begun.as_millis();
        let return_to = URL_SAFE_NO_PAD.encode(&self.return_to);
        format!(
            "{}.{begun}.{return_to}.{}",
            self.random,
            self.cookie_tag(seal)
        )
    }

    /// From the value of a cookie; nothing where it was not made here.
    pub(crate) fn from_cookie(cookie: &str, seal: &Seal) -> Option<Self> {
        let mut parts = cookie.split('.');
        let attempt = Self {
            random: parts.next()?.to_owned(),
            begun: UtcTime::from_millis(parts.next()?.parse().ok()?),
            return_to: String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?,
        };
        same(parts.next()?, &attempt.cookie_tag(seal)).then_some(attempt)
    }

    pub(super) fn state(&self, seal: &Seal) -> String {
        seal.tag("state", &[self.random.as_bytes()])
    }

    pub(super) fn is_state(&self, state: &str, seal: &Seal) -> bool {
        same(state, &self.state(seal))
    }

    pub(super) fn nonce(&self, seal: &Seal) -> String {
        seal.tag("nonce", &[self.random.as_bytes()])
    }

    /// RFC 7636 section 4.1: 43 characters of 32 bytes.
    pub(super) fn code_verifier(&self, seal: &Seal) -> String {
        seal.tag("code verifier", &[self.random.as_bytes()])
    }

    /// RFC 7636 section 4.2.
    pub(super) fn code_challenge(&self, seal: &Seal) -> String {
        let verifier = self.code_verifier(seal);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
    }

    pub(super) fn is_over(&self, now: UtcTime) -> bool {
        now.since(self.begun) >= ATTEMPT_LIFETIME
    }

    fn cookie_tag(&self, seal: &Seal) -> String {
        let begun = self.begun.as_millis().to_be_bytes();
        let parts = [self.random.as_bytes(), &begun, self.return_to.as_bytes()];
        seal.tag("log-in cookie", &parts)
    }
}

// === impl Used ===

impl Used {
    /// Remembers that `attempt` is answered; false where it was answered before.
    ///
    /// Only what this portal began gets here. Should more than [`MAX_USED`] log-ins be answered
    /// within a lifetime, the oldest are forgotten early; the provider's code is used up then.
    pub(super) fn take(&self, attempt: &Attempt, now: UtcTime) -> bool {
        let mut used = self.0.lock();
        if now.since(used.since) >= ATTEMPT_LIFETIME || used.recent.len() >= MAX_USED {
            used.older = std::mem::take(&mut used.recent);
            used.since = now;
        }
        !used.older.contains(&attempt.random) && used.recent.insert(attempt.random.clone())
    }
}

impl Default for UsedAttempts {
    fn default() -> Self {
        Self {
            since: UtcTime::from_millis(0),
            recent: BTreeSet::new(),
            older: BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> UtcTime {
        UtcTime::from_millis(1_000_000_000).plus(Duration::from_secs(60 * minutes))
    }

    #[test]
    fn a_cookie_comes_back_as_it_was_and_only_from_here() {
        let (seal, other) = (Seal::new().unwrap(), Seal::new().unwrap());
        let attempt = Attempt::begin("/tracker?page=2", at(0)).unwrap();
        let cookie = attempt.to_cookie(&seal);
        assert_eq!(Attempt::from_cookie(&cookie, &seal), Some(attempt));
        assert_eq!(Attempt::from_cookie(&cookie, &other), None);
        for forged in [
            "",
            "a.b.c.d",
            &cookie.replacen('.', "x.", 1),
            &cookie[..cookie.len() - 1],
        ] {
            assert_eq!(Attempt::from_cookie(forged, &seal), None, "{forged}");
        }
    }

    #[test]
    fn state_nonce_and_verifier_are_three_secrets() {
        let seal = Seal::new().unwrap();
        let attempt = Attempt::begin("/", at(0)).unwrap();
        let secrets = BTreeSet::from([
            attempt.state(&seal),
            attempt.nonce(&seal),
            attempt.code_verifier(&seal),
            attempt.code_challenge(&seal),
        ]);
        assert_eq!(secrets.len(), 4);
        assert!(secrets.iter().all(|secret| secret.len() == 43));
    }

    #[test]
    fn an_attempt_is_answered_once_as_long_as_it_lives() {
        let used = Used::default();
        let attempt = Attempt::begin("/", at(0)).unwrap();
        assert!(used.take(&attempt, at(0)));
        for minutes in [0, 29, 31] {
            assert!(!used.take(&attempt, at(minutes)), "{minutes}");
        }
        assert!(attempt.is_over(at(30)) && !attempt.is_over(at(29)));
    }
}
