//! What waits for a person, for how long, and what became of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_workload::Carrier;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use crate::behaviour::{Behaviour, Decision};
use crate::keys::Purpose;
use crate::people::People;

/// How long a person has to answer the phone.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a session can be asked for after it was begun.
const LIFETIME: Duration = Duration::from_secs(300);
/// Sessions at once; beyond it the oldest is forgotten.
const MAX_SESSIONS: usize = 100_000;

/// What stands on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) carrier: Carrier,
    pub(crate) purpose: Purpose,
    /// Phone number, or document number of the app.
    pub(crate) address: String,
    pub(crate) national_id: String,
    /// Who asks.
    pub(crate) relying_party: String,
    /// What they say.
    pub(crate) text: String,
    pub(crate) verification_code: String,
}

/// Something that waits for a person.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) prompt: Prompt,
    index: u64,
    /// What is to be signed.
    digest: Vec<u8>,
    began: Instant,
    outcome: watch::Sender<Option<Arc<Done>>>,
    /// Counts polls: a later one sends an earlier one home.
    polls: watch::Sender<u64>,
}

/// What became of a session.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) decision: Decision,
    /// Raw r and s, where it was confirmed.
    pub(crate) signature: Vec<u8>,
    /// The certificate of the key that signed.
    pub(crate) certificate_der: Vec<u8>,
}

/// Every session, and what people did.
pub(crate) struct Sessions {
    people: Arc<People>,
    behaviour: Behaviour,
    human: Vec<String>,
    clock: Clock,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    sessions: HashMap<String, Arc<Session>>,
    /// In the order in which they began.
    order: std::collections::VecDeque<String>,
    begun: u64,
    ended: BTreeMap<String, u64>,
}

/// What the carriers did while they ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sessions begun.
    pub begun: u64,
    /// What people did, by name.
    pub ended: BTreeMap<String, u64>,
}

/// What a new session needs.
pub(crate) struct NewSession {
    pub(crate) prompt: Prompt,
    pub(crate) index: u64,
    pub(crate) digest: Vec<u8>,
}

// === impl Sessions ===

impl Sessions {
    pub(crate) fn new(people: Arc<People>, behaviour: Behaviour, human: Vec<String>) -> Self {
        Self {
            people,
            behaviour,
            human,
            clock: Clock::wall(),
            books: Mutex::default(),
        }
    }

    /// Shows a prompt on a phone; somebody will do something about it.
    pub(crate) fn begin(self: &Arc<Self>, new: NewSession) -> Arc<Session> {
        let is_human = self.human.contains(&new.prompt.national_id);
        let session = Arc::new(Session {
            id: Uuid::new_v4().to_string(),
            prompt: new.prompt,
            index: new.index,
            digest: new.digest,
            began: self.clock.monotonic(),
            outcome: watch::Sender::new(None),
            polls: watch::Sender::new(0),
        });
        let number = self.keep(&session);
        let (decision, after) = if is_human {
            (Decision::TimedOut, PATIENCE)
        } else {
            self.behaviour.draw(self.people.seed(), number)
        };
        let (sessions, waiting) = (Arc::clone(self), Arc::clone(&session));
        tokio::spawn(async move {
            let (decision, after) = if after < PATIENCE {
                (decision, after)
            } else {
                (Decision::TimedOut, PATIENCE)
            };
            tokio::time::sleep(after).await;
            sessions.decide(&waiting, decision).await;
        });
        session
    }

    fn keep(&self, session: &Arc<Session>) -> u64 {
        let mut books = self.books.lock();
        let now = self.clock.monotonic();
        while let Some(oldest) = books.order.front() {
            let is_over = books
                .sessions
                .get(oldest)
                .is_none_or(|session| now - session.began > LIFETIME);
            if !is_over && books.sessions.len() < MAX_SESSIONS {
                break;
            }
            if let Some(oldest) = books.order.pop_front() {
                books.sessions.remove(&oldest);
            }
        }
        books.order.push_back(session.id.clone());
        books
            .sessions
            .insert(session.id.clone(), Arc::clone(session));
        books.begun += 1;
        books.begun
    }

    /// Somebody does something about the prompt; the first to do so counts.
    pub(crate) async fn decide(&self, session: &Session, decision: Decision) {
        if session.outcome.borrow().is_some() {
            return;
        }
        let mut done = Done {
            decision,
            signature: Vec::new(),
            certificate_der: Vec::new(),
        };
        if decision == Decision::Confirmed {
            let Prompt {
                carrier, purpose, ..
            } = session.prompt;
            match self
                .people
                .credential(session.index, carrier, purpose)
                .await
            {
                Ok(credential) => {
                    done.signature = credential.key.sign_digest(&session.digest);
                    done.certificate_der.clone_from(&credential.certificate_der);
                }
                Err(error) => {
                    tracing::error!(%error, "nobody can sign without a certificate");
                    done.decision = Decision::Absent;
                }
            }
        }
        let word = format!("{:?}", done.decision).to_lowercase();
        let is_first = session.outcome.send_if_modified(|outcome| {
            let is_first = outcome.is_none();
            if is_first {
                *outcome = Some(Arc::new(done));
            }
            is_first
        });
        if is_first {
            *self.books.lock().ended.entry(word).or_default() += 1;
        }
    }

    /// The session with this ID, while it can be asked for.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Session>> {
        let session = self.books.lock().sessions.get(id).map(Arc::clone)?;
        (self.clock.monotonic() - session.began <= LIFETIME).then_some(session)
    }

    /// What stands on phones now, the newest first.
    pub(crate) fn prompts(&self) -> Vec<Arc<Session>> {
        let books = self.books.lock();
        let waiting = books.order.iter().rev();
        waiting
            .filter_map(|id| books.sessions.get(id))
            .filter(|session| session.outcome.borrow().is_none())
            .map(Arc::clone)
            .collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let books = self.books.lock();
        Counts {
            begun: books.begun,
            ended: books.ended.clone(),
        }
    }
}

// === impl Session ===

impl Session {
    /// What became of it, within this time; `None` while nothing has, or when somebody else asks.
    pub(crate) async fn poll(&self, within: Duration) -> Option<Arc<Done>> {
        let mut polls = self.polls.subscribe();
        self.polls.send_modify(|count| *count += 1);
        let own = *polls.borrow_and_update();
        let mut outcome = self.outcome.subscribe();
        let wait = async {
            tokio::select! {
                ended = outcome.wait_for(Option::is_some) => ended.ok().and_then(|done| done.clone()),
                _ = polls.wait_for(|count| *count != own) => None,
            }
        };
        timeout(within, wait).await.ok().flatten()
    }
}
