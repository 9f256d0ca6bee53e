//! Authorization codes and the access tokens that they were exchanged for.
//!
//! Both are kept by their hashes, so that looking one up tells nothing about others. A code that is
//! used up is remembered as long as its tokens live: using it again takes them back, because one
//! of the two users has stolen it (RFC 6749, section 4.1.2).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::UtcTime;

use crate::flows::AuthorizationRequest;
use crate::person::Authenticated;
use crate::secrets::{NoRandomness, pkce_challenge, random_text, same, sha256};

type Key = [u8; 32];

/// What a relying party may learn: its request, and who answered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) request: AuthorizationRequest,
    pub(crate) authenticated: Authenticated,
}

/// Who brings a code, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) code_verifier: Option<&'a str>,
}

/// Why a code gives nothing. Relying parties are told no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotRedeemed {
    #[error("there is no such code")]
    Unknown,
    #[error("the code was used before; its tokens are taken back")]
    UsedBefore,
    #[error("the code is too old")]
    Expired,
    #[error("the code is another relying party's")]
    OtherClient,
    #[error("the code was given at another redirect_uri")]
    OtherRedirectUri,
    #[error("the code_verifier does not fit the code_challenge")]
    Verifier,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// All codes and access tokens.
pub(crate) struct Grants {
    code_lifetime: Duration,
    token_lifetime: Duration,
    given: Mutex<Given>,
}

#[derive(Default)]
struct Given {
    codes: BTreeMap<Key, Code>,
    tokens: BTreeMap<Key, Token>,
    /// By when they may be forgotten: the oldest first, as all live equally long.
    forget_codes: VecDeque<(UtcTime, Key)>,
    forget_tokens: VecDeque<(UtcTime, Key)>,
}

struct Code {
    expires: UtcTime,
    use_: Use,
}

enum Use {
    Open(Box<Grant>),
    /// Gave this access token; nothing where it was refused.
    Closed(Option<Key>),
}

struct Token {
    expires: UtcTime,
    grant: Arc<Grant>,
}

// === impl Grants ===

impl Grants {
    pub(crate) fn new(code_lifetime: Duration, token_lifetime: Duration) -> Self {
        Self {
            code_lifetime,
            token_lifetime,
            given: Mutex::default(),
        }
    }

    /// A code for `grant`.
    pub(crate) fn give_code(&self, grant: Grant, now: UtcTime) -> Result<String, NoRandomness> {
        let code = random_text()?;
        let key = sha256(code.as_bytes());
        let expires = now.plus(self.code_lifetime);
        let mut given = self.given.lock();
        given.forget(now);
        let use_ = Use::Open(Box::new(grant));
        given.codes.insert(key, Code { expires, use_ });
        given
            .forget_codes
            .push_back((expires.plus(self.token_lifetime), key));
        Ok(code)
    }

    /// An access token for a code. The code is used up, whether or not it gives one: a code in the
    /// wrong hands was stolen.
    pub(crate) fn redeem(
        &self,
        redemption: &Redemption<'_>,
        now: UtcTime,
    ) -> Result<(String, Arc<Grant>), NotRedeemed> {
        let key = sha256(redemption.code.as_bytes());
        let given = &mut *self.given.lock();
        given.forget(now);
        let code = given.codes.get_mut(&key).ok_or(NotRedeemed::Unknown)?;
        let expires = code.expires;
        let grant = match std::mem::replace(&mut code.use_, Use::Closed(None)) {
            Use::Open(grant) => grant,
            Use::Closed(token) => {
                if let Some(token) = token {
                    given.tokens.remove(&token);
                }
                return Err(NotRedeemed::UsedBefore);
            }
        };
        if expires <= now {
            return Err(NotRedeemed::Expired);
        }
        redemption.check(&grant.request)?;
        let token = random_text()?;
        let token_key = sha256(token.as_bytes());
        code.use_ = Use::Closed(Some(token_key));
        let grant = Arc::from(grant);
        let expires = now.plus(self.token_lifetime);
        let kept = Arc::clone(&grant);
        given.tokens.insert(
            token_key,
            Token {
                expires,
                grant: kept,
            },
        );
        given.forget_tokens.push_back((expires, token_key));
        Ok((token, grant))
    }

    /// What an access token allows to learn.
    pub(crate) fn of_token(&self, token: &str, now: UtcTime) -> Option<Arc<Grant>> {
        let given = self.given.lock();
        let token = given.tokens.get(&sha256(token.as_bytes()))?;
        (now < token.expires).then(|| Arc::clone(&token.grant))
    }
}

impl Given {
    fn forget(&mut self, now: UtcTime) {
        while let Some((_, key)) = self.forget_codes.pop_front_if(|(at, _)| *at <= now) {
            self.codes.remove(&key);
        }
        while let Some((_, key)) = self.forget_tokens.pop_front_if(|(at, _)| *at <= now) {
            self.tokens.remove(&key);
        }
    }
}

impl Redemption<'_> {
    fn check(&self, request: &AuthorizationRequest) -> Result<(), NotRedeemed> {
        if self.client_id != request.client_id {
            return Err(NotRedeemed::OtherClient);
        }
        if self.redirect_uri != request.redirect_uri {
            return Err(NotRedeemed::OtherRedirectUri);
        }
        // A verifier for a request without a challenge is the sign of a code that was swapped.
        let fits = match (&request.code_challenge, self.code_verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => same(&pkce_challenge(verifier), challenge),
            _ => false,
        };
        fits.then_some(()).ok_or(NotRedeemed::Verifier)
    }
}

#[cfg(test)]
mod tests;
