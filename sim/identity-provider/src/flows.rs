//! Log-ins under way.
//!
//! A flow begins with a relying party's request and ends when the person is sent back. It belongs
//! to the browser that began it, which shows that by a cookie; nobody else can see or move it.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::UtcTime;
use tokio::task::AbortHandle;

use crate::carriers::Refusal;
use crate::person::{Authenticated, Method};
use crate::secrets::{NoRandomness, random_text, same};
use crate::texts::Language;

/// Prompts that one flow may send to phones: a flow is no means to pester somebody.
const MAX_ATTEMPTS: u8 = 8;

/// Which of its two protocols the provider was asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// TARA's: who somebody is, each time anew.
    LogIn,
    /// GovSSO's: a session that services share.
    SignOn,
}

/// What a relying party asked for; everything in it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationRequest {
    pub(crate) protocol: Protocol,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    /// PKCE, `S256`.
    pub(crate) code_challenge: Option<String>,
    /// Ways of logging in that it takes; never empty.
    pub(crate) methods: Vec<Method>,
    pub(crate) wants_phone: bool,
    /// Whether it wants to know when the person logged in.
    pub(crate) wants_time: bool,
}

/// One log-in under way.
pub(crate) struct Flow {
    pub(crate) request: AuthorizationRequest,
    pub(crate) language: Language,
    /// What every form of it carries.
    pub(crate) csrf: String,
    pub(crate) stage: Stage,
    browser: String,
    expires: UtcTime,
    /// Which one it is of all that ever began.
    number: u64,
    attempts: u8,
}

/// How far a flow is.
pub(crate) enum Stage {
    /// The browser has a session already; its person decides whether to go on with it.
    Known(Known),
    Choosing,
    Pending(Pending),
    Refused(Refusal),
    Authenticated(Authenticated),
}

/// Somebody who logged in before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) sid: String,
    pub(crate) authenticated: Authenticated,
}

/// A person has been asked on a phone.
pub(crate) struct Pending {
    pub(crate) verification_code: String,
    attempt: u8,
    /// Set once the carrier has been asked.
    polling: Option<Polling>,
}

/// The task that waits for a carrier; it ends with this.
struct Polling(AbortHandle);

/// All of them. Where there are too many, the oldest one ends: it is the likeliest to be forgotten,
/// and whoever opens them without end stops nobody from beginning to log in.
pub(crate) struct Flows {
    lifetime: Duration,
    max_open: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    flows: BTreeMap<String, Flow>,
    /// Each flow's name, by when it ends; of those that end together, the first comes first.
    ends: BTreeMap<(UtcTime, u64), String>,
    begun: u64,
}

// === impl Flow ===

impl Flow {
    /// Begins to ask a phone; gives the attempt's number. The person may be told `code` at once.
    pub(crate) fn begin_attempt(&mut self, code: String) -> Result<u8, Refusal> {
        let attempt = self.count_attempt()?;
        self.stage = Stage::Pending(Pending {
            verification_code: code,
            attempt,
            polling: None,
        });
        Ok(attempt)
    }

    /// One more attempt, where there may be one; gives its number.
    pub(crate) fn count_attempt(&mut self) -> Result<u8, Refusal> {
        if self.attempts >= MAX_ATTEMPTS {
            self.stage = Stage::Refused(Refusal::TOO_MANY_ATTEMPTS);
            return Err(Refusal::TOO_MANY_ATTEMPTS);
        }
        self.attempts += 1;
        Ok(self.attempts)
    }

    /// Whether a form was made for this flow.
    pub(crate) fn is_csrf(&self, value: &str) -> bool {
        same(value, &self.csrf)
    }

    fn is_attempt(&mut self, number: u8) -> Option<&mut Pending> {
        match &mut self.stage {
            Stage::Pending(pending) if pending.attempt == number => Some(pending),
            _ => None,
        }
    }
}

// === impl Polling ===

impl Drop for Polling {
    fn drop(&mut self) {
        self.0.abort();
    }
}

// === impl Flows ===

impl Flows {
    pub(crate) fn new(lifetime: Duration, max_open: usize) -> Self {
        Self {
            lifetime,
            max_open,
            open: Mutex::default(),
        }
    }

    /// Begins a flow of `browser`; gives its name.
    pub(crate) fn begin(
        &self,
        (request, stage): (AuthorizationRequest, Stage),
        language: Language,
        browser: &str,
        now: UtcTime,
    ) -> Result<String, NoRandomness> {
        let (name, csrf) = (random_text()?, random_text()?);
        let mut open = self.open.lock();
        open.sweep(now);
        if open.flows.len() >= self.max_open {
            open.drop_first();
        }
        let expires = now.plus(self.lifetime);
        open.begun += 1;
        let number = open.begun;
        let flow = Flow {
            request,
            language,
            csrf,
            stage,
            browser: browser.to_owned(),
            expires,
            number,
            attempts: 0,
        };
        open.ends.insert((expires, number), name.clone());
        open.flows.insert(name.clone(), flow);
        Ok(name)
    }

    /// Looks at a flow of `browser`; nothing where there is none of this name, or it is another's.
    pub(crate) fn with<T>(
        &self,
        name: &str,
        browser: Option<&str>,
        now: UtcTime,
        look: impl FnOnce(&mut Flow) -> T,
    ) -> Option<T> {
        let mut open = self.open.lock();
        let flow = open.flows.get_mut(name)?;
        (now < flow.expires && same(browser?, &flow.browser)).then(|| look(flow))
    }

    /// Ends a flow. Who asks has found it with [`Self::with`].
    pub(crate) fn end(&self, name: &str) -> Option<Flow> {
        let mut open = self.open.lock();
        let flow = open.flows.remove(name)?;
        open.ends.remove(&(flow.expires, flow.number));
        Some(flow)
    }

    /// Keeps the task that waits for an attempt's carrier. It is aborted where the attempt is over.
    pub(crate) fn keep_polling(&self, name: &str, attempt: u8, task: AbortHandle) {
        let polling = Polling(task);
        let mut open = self.open.lock();
        let flow = open.flows.get_mut(name);
        if let Some(pending) = flow.and_then(|flow| flow.is_attempt(attempt)) {
            pending.polling = Some(polling);
        }
    }

    /// What came of an attempt; nobody hears it where the attempt is over.
    pub(crate) fn finish_attempt(&self, name: &str, attempt: u8, stage: Stage) {
        let mut open = self.open.lock();
        if let Some(flow) = open.flows.get_mut(name)
            && flow.is_attempt(attempt).is_some()
        {
            flow.stage = stage;
        }
    }
}

impl Open {
    fn sweep(&mut self, now: UtcTime) {
        while let Some(((expires, _), _)) = self.ends.first_key_value()
            && *expires <= now
        {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, name)) = self.ends.pop_first() {
            self.flows.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests;
