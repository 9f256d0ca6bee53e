//! Log-ins under way.
//!
//! A flow begins with a relying party's request and ends when the person is sent back. It belongs
//! to the browser that began it, which shows that by a cookie; nobody else can see or move it.

use std::collections::{BTreeMap, BTreeSet};
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

/// What a relying party asked for; everything in it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    /// PKCE, `S256`.
    pub(crate) code_challenge: Option<String>,
    /// Ways of logging in that it takes; never empty.
    pub(crate) methods: Vec<Method>,
    pub(crate) wants_phone: bool,
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
    attempts: u8,
}

/// How far a flow is.
pub(crate) enum Stage {
    Choosing,
    Pending(Pending),
    Refused(Refusal),
    Authenticated(Authenticated),
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

/// All of them.
pub(crate) struct Flows {
    lifetime: Duration,
    max_open: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    flows: BTreeMap<String, Flow>,
    /// Each flow's name, by when it ends.
    ends: BTreeSet<(UtcTime, String)>,
}

/// Why no flow begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    TooMany,
    NoRandomness,
}

// === impl Flow ===

impl Flow {
    /// Begins to ask a phone; gives the attempt's number. The person may be told `code` at once.
    pub(crate) fn begin_attempt(&mut self, code: String) -> Result<u8, Refusal> {
        if self.attempts >= MAX_ATTEMPTS {
            self.stage = Stage::Refused(Refusal::TOO_MANY_ATTEMPTS);
            return Err(Refusal::TOO_MANY_ATTEMPTS);
        }
        self.attempts += 1;
        self.stage = Stage::Pending(Pending {
            verification_code: code,
            attempt: self.attempts,
            polling: None,
        });
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
        request: AuthorizationRequest,
        language: Language,
        browser: &str,
        now: UtcTime,
    ) -> Result<String, NotOpened> {
        let random = || random_text().map_err(|NoRandomness| NotOpened::NoRandomness);
        let (name, csrf) = (random()?, random()?);
        let mut open = self.open.lock();
        open.sweep(now);
        if open.flows.len() >= self.max_open {
            return Err(NotOpened::TooMany);
        }
        let expires = now.plus(self.lifetime);
        let flow = Flow {
            request,
            language,
            csrf,
            stage: Stage::Choosing,
            browser: browser.to_owned(),
            expires,
            attempts: 0,
        };
        open.ends.insert((expires, name.clone()));
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
        open.ends.remove(&(flow.expires, name.to_owned()));
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
        while let Some((expires, _)) = self.ends.first()
            && *expires <= now
        {
            if let Some((_, name)) = self.ends.pop_first() {
                self.flows.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = "browser";

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            client_id: "portal".to_owned(),
            redirect_uri: "https://portal.example/".to_owned(),
            state: "12345678".to_owned(),
            nonce: None,
            code_challenge: None,
            methods: vec![Method::MobileId],
            wants_phone: false,
        }
    }

    fn begin(flows: &Flows, at_ms: i64) -> Result<String, NotOpened> {
        let now = UtcTime::from_millis(at_ms);
        flows.begin(request(), Language::English, BROWSER, now)
    }

    fn is_there(flows: &Flows, name: &str, browser: Option<&str>, at_ms: i64) -> bool {
        let now = UtcTime::from_millis(at_ms);
        flows.with(name, browser, now, |_| ()).is_some()
    }

    #[test]
    fn a_flow_belongs_to_its_browser_and_ends_in_time() {
        let flows = Flows::new(Duration::from_millis(10), 9);
        let name = begin(&flows, 0).unwrap();
        assert!(is_there(&flows, &name, Some(BROWSER), 9));
        assert!(!is_there(&flows, &name, Some("another"), 9));
        assert!(!is_there(&flows, &name, None, 9));
        assert!(!is_there(&flows, &name, Some(BROWSER), 10));
    }

    #[test]
    fn open_flows_are_bounded_and_make_room_when_they_end() {
        let flows = Flows::new(Duration::from_millis(10), 2);
        let first = begin(&flows, 0).unwrap();
        begin(&flows, 5).unwrap();
        assert_eq!(begin(&flows, 9), Err(NotOpened::TooMany));
        assert!(flows.end(&first).is_some());
        begin(&flows, 9).unwrap();
        assert_eq!(begin(&flows, 9), Err(NotOpened::TooMany));
        begin(&flows, 15).unwrap();
    }

    #[test]
    fn what_comes_of_an_earlier_attempt_is_not_heard() {
        let flows = Flows::new(Duration::from_millis(10), 2);
        let name = begin(&flows, 0).unwrap();
        let now = UtcTime::from_millis(0);
        let attempt = || {
            let begun = |flow: &mut Flow| flow.begin_attempt("1234".to_owned()).unwrap();
            flows.with(&name, Some(BROWSER), now, begun).unwrap()
        };
        let (earlier, later) = (attempt(), attempt());
        let is_pending = || {
            let pending = |flow: &mut Flow| matches!(flow.stage, Stage::Pending(_));
            flows.with(&name, Some(BROWSER), now, pending).unwrap()
        };
        flows.finish_attempt(&name, earlier, Stage::Refused(Refusal::TIMEOUT));
        assert!(is_pending());
        flows.finish_attempt(&name, later, Stage::Refused(Refusal::TIMEOUT));
        assert!(!is_pending());
    }

    #[test]
    fn a_flow_does_not_pester_a_phone_without_end() {
        let flows = Flows::new(Duration::from_millis(10), 2);
        let name = begin(&flows, 0).unwrap();
        let now = UtcTime::from_millis(0);
        let many = |flow: &mut Flow| {
            (0..50)
                .filter(|_| flow.begin_attempt(String::new()).is_ok())
                .count()
        };
        assert_eq!(flows.with(&name, Some(BROWSER), now, many), Some(8));
    }
}
