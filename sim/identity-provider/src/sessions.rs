//! Single sign-on sessions: somebody who logged in once, and the services that share it.
//!
//! A session belongs to a browser, which shows a cookie, and lives as long as somebody uses it:
//! every service that joins or refreshes its tokens keeps it alive for a while. Its name for
//! services, `sid`, opens nothing.
//!
//! A refresh token names the family it comes from and holds a secret, and only the family's newest
//! secret is good: an older one in use means that somebody has stolen a token, and ends the family
//! (RFC 9700, section 4.14.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::UtcTime;
use uuid::Uuid;

use crate::grants::Grant;
use crate::person::Authenticated;
use crate::secrets::{NoRandomness, is_random_text, random_text, sha256};

/// Sessions at a time; one more ends the one that was used least lately.
const MAX_SESSIONS: usize = 100_000;

type Key = [u8; 32];
type Owner = (String, String);

/// All sessions.
pub(crate) struct Sessions {
    lifetime: Duration,
    open: Mutex<Open>,
}

/// A session as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sid: String,
    /// What forms about the session carry.
    pub(crate) csrf: String,
    pub(crate) authenticated: Authenticated,
    /// Services that share it.
    pub(crate) clients: Vec<String>,
}

/// A session that has just begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) sid: String,
    pub(crate) cookie: String,
}

/// Why a service gets no further tokens. Services are told no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotRefreshed {
    #[error("there is no such refresh token")]
    Unknown,
    #[error("the refresh token was used before; what came of it is taken back")]
    UsedBefore,
    #[error("the refresh token is too old")]
    Expired,
    #[error("the refresh token is another service's; it is taken back")]
    OtherClient,
    #[error("the session has ended")]
    Ended,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

#[derive(Default)]
struct Open {
    /// By `sid`.
    sessions: BTreeMap<String, Session>,
    by_cookie: BTreeMap<Key, String>,
    /// Whose each family is: `sid` and service; and the same by the codes that they began with.
    by_family: BTreeMap<Key, Owner>,
    by_code: BTreeMap<Key, Owner>,
    /// Each session's `sid`, by when it ends.
    ends: BTreeSet<(UtcTime, String)>,
}

struct Session {
    cookie: Key,
    csrf: String,
    authenticated: Authenticated,
    expires: UtcTime,
    /// By service; a family once it has brought its code.
    links: BTreeMap<String, Option<Family>>,
}

/// Refresh tokens that follow each other.
struct Family {
    name: Key,
    /// The hash of the newest one's secret.
    secret: Key,
    /// The hash of the code that it began with.
    code: Key,
    grant: Arc<Grant>,
    expires: UtcTime,
}

// === impl Sessions ===

impl Sessions {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            open: Mutex::default(),
        }
    }

    pub(crate) fn begin(
        &self,
        authenticated: Authenticated,
        now: UtcTime,
    ) -> Result<Begun, NoRandomness> {
        let (cookie, csrf) = (random_text()?, random_text()?);
        let sid = Uuid::new_v4().to_string();
        let mut open = self.open.lock();
        open.sweep(now);
        let expires = now.plus(self.lifetime);
        let session = Session {
            cookie: sha256(cookie.as_bytes()),
            csrf,
            authenticated,
            expires,
            links: BTreeMap::new(),
        };
        open.by_cookie.insert(session.cookie, sid.clone());
        open.ends.insert((expires, sid.clone()));
        open.sessions.insert(sid.clone(), session);
        Ok(Begun { sid, cookie })
    }

    /// The session of a browser with this cookie.
    pub(crate) fn of_cookie(&self, cookie: &str, now: UtcTime) -> Option<Seen> {
        let open = self.open.lock();
        let sid = open.by_cookie.get(&sha256(cookie.as_bytes()))?;
        let session = open.sessions.get(sid).filter(|it| now < it.expires)?;
        Some(Seen {
            sid: sid.clone(),
            csrf: session.csrf.clone(),
            authenticated: session.authenticated.clone(),
            clients: session.links.keys().cloned().collect(),
        })
    }

    /// A service joins a session; whether there is one.
    pub(crate) fn join(&self, sid: &str, client_id: &str, now: UtcTime) -> bool {
        let mut open = self.open.lock();
        let Some(session) = open.keep_alive(sid, now, self.lifetime) else {
            return false;
        };
        session.links.entry(client_id.to_owned()).or_default();
        true
    }

    /// A service leaves a session.
    pub(crate) fn leave(&self, sid: &str, client_id: &str) {
        let mut open = self.open.lock();
        let session = open.sessions.get_mut(sid);
        let link = session.and_then(|session| session.links.remove(client_id));
        open.forget_family(link.flatten());
    }

    /// Ends a session; the services that shared it.
    pub(crate) fn end(&self, sid: &str) -> Vec<String> {
        let session = self.open.lock().remove(sid);
        session.map_or_else(Vec::new, |session| session.links.into_keys().collect())
    }

    /// The first refresh token that comes of a code. A service has one family in a session: what
    /// it had before ends.
    pub(crate) fn begin_family(
        &self,
        grant: &Arc<Grant>,
        code: &str,
        now: UtcTime,
    ) -> Result<String, NotRefreshed> {
        let (name, secret) = (random_text()?, random_text()?);
        let sid = grant.sid.as_deref().ok_or(NotRefreshed::Ended)?;
        let client_id = &grant.request.client_id;
        let family = Family {
            name: sha256(name.as_bytes()),
            secret: sha256(secret.as_bytes()),
            code: sha256(code.as_bytes()),
            grant: Arc::clone(grant),
            expires: now.plus(self.lifetime),
        };
        let mut open = self.open.lock();
        let session = open.keep_alive(sid, now, self.lifetime);
        let link = session.and_then(|session| session.links.get_mut(client_id));
        let link = link.ok_or(NotRefreshed::Ended)?;
        let (key, code) = (family.name, family.code);
        let before = link.replace(family);
        open.forget_family(before);
        let owner = (sid.to_owned(), client_id.clone());
        open.by_family.insert(key, owner.clone());
        open.by_code.insert(code, owner);
        Ok(written(&name, &secret))
    }

    /// The refresh token that follows `token`, which is used up.
    pub(crate) fn refresh(
        &self,
        token: &str,
        client_id: &str,
        now: UtcTime,
    ) -> Result<(String, Arc<Grant>), NotRefreshed> {
        let (name, secret) = read(token).ok_or(NotRefreshed::Unknown)?;
        let next = random_text()?;
        let mut open = self.open.lock();
        let key = sha256(name.as_bytes());
        let owner = open.by_family.get(&key).cloned();
        let (sid, owner) = owner.ok_or(NotRefreshed::Unknown)?;
        let session = open.sessions.get_mut(&sid).filter(|it| now < it.expires);
        let link = session.and_then(|session| session.links.get_mut(&owner));
        let link = link.ok_or(NotRefreshed::Ended)?;
        let family = link.as_mut().ok_or(NotRefreshed::Ended)?;
        let refused = if owner != client_id {
            NotRefreshed::OtherClient
        } else if family.secret != sha256(secret.as_bytes()) {
            NotRefreshed::UsedBefore
        } else if family.expires <= now {
            NotRefreshed::Expired
        } else {
            family.secret = sha256(next.as_bytes());
            family.expires = now.plus(self.lifetime);
            let grant = Arc::clone(&family.grant);
            open.keep_alive(&sid, now, self.lifetime);
            return Ok((written(name, &next), grant));
        };
        let ended = link.take();
        open.forget_family(ended);
        Err(refused)
    }

    /// Ends the family that began with a code: the code was used again, so one of two stole it.
    pub(crate) fn take_back(&self, code: &str) {
        let mut open = self.open.lock();
        let owner = open.by_code.get(&sha256(code.as_bytes())).cloned();
        let Some((sid, client_id)) = owner else {
            return;
        };
        let session = open.sessions.get_mut(&sid);
        let link = session.and_then(|session| session.links.get_mut(&client_id));
        let ended = link.and_then(Option::take);
        open.forget_family(ended);
    }
}

impl Open {
    /// A session that is alive, which it stays for another `lifetime`.
    fn keep_alive(&mut self, sid: &str, now: UtcTime, lifetime: Duration) -> Option<&mut Session> {
        let session = self.sessions.get_mut(sid).filter(|it| now < it.expires)?;
        let expires = now.plus(lifetime);
        self.ends.remove(&(session.expires, sid.to_owned()));
        self.ends.insert((expires, sid.to_owned()));
        session.expires = expires;
        Some(session)
    }

    /// Forgets what is over, and makes room for one more.
    fn sweep(&mut self, now: UtcTime) {
        while let Some((expires, sid)) = self.ends.first()
            && (*expires <= now || self.sessions.len() >= MAX_SESSIONS)
        {
            let sid = sid.clone();
            self.remove(&sid);
        }
    }

    fn remove(&mut self, sid: &str) -> Option<Session> {
        let mut session = self.sessions.remove(sid)?;
        self.by_cookie.remove(&session.cookie);
        self.ends.remove(&(session.expires, sid.to_owned()));
        for link in session.links.values_mut() {
            self.forget_family(link.take());
        }
        Some(session)
    }

    fn forget_family(&mut self, family: Option<Family>) {
        if let Some(family) = family {
            self.by_family.remove(&family.name);
            self.by_code.remove(&family.code);
        }
    }
}

fn written(name: &str, secret: &str) -> String {
    format!("{name}.{secret}")
}

fn read(token: &str) -> Option<(&str, &str)> {
    let (name, secret) = token.split_once('.')?;
    (is_random_text(name) && is_random_text(secret)).then_some((name, secret))
}

#[cfg(test)]
mod tests;
