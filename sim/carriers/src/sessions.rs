//! What waits for a person, for how long, and what became of it.

mod session;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_workload::Carrier;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::behaviour::Behaviour;
use crate::outcome::Outcome;
use crate::people::People;

pub(crate) use session::{Details, Done, NewSession, Operation, Prompt, Proof, Session};

/// How long a person has to answer the phone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// Sessions at once; beyond it the oldest is forgotten.
const MAX_SESSIONS: usize = 300_000;

/// Every session, and what people did.
pub(crate) struct Sessions {
    people: Arc<People>,
    behaviour: Behaviour,
    /// Whose phones a person in the room answers.
    human: BTreeSet<u64>,
    clock: Clock,
    books: Mutex<Books>,
    /// Whether the carriers are about to end.
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Books {
    sessions: HashMap<String, Arc<Session>>,
    /// In the order in which they began.
    order: VecDeque<Arc<Session>>,
    /// Those that nobody has answered yet, by number.
    waiting: BTreeMap<u64, Arc<Session>>,
    /// How often each person was asked.
    turns: HashMap<u64, u64>,
    begun: u64,
    ended: BTreeMap<String, u64>,
}

/// What the carriers did while they ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Sessions begun.
    pub begun: u64,
    /// Sessions ended, by the result that relying parties were told.
    pub ended: BTreeMap<String, u64>,
    /// Certificates that the authority issued to people.
    pub certificates_issued: u64,
}

impl Sessions {
    pub(crate) fn new(people: Arc<People>, behaviour: Behaviour, human: BTreeSet<u64>) -> Self {
        Self {
            people,
            behaviour,
            human,
            clock: Clock::wall(),
            books: Mutex::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// Shows a prompt on a phone; somebody will do something about it.
    pub(crate) fn begin(self: &Arc<Self>, new: NewSession) -> Arc<Session> {
        let ends = new.ends;
        let (session, turn) = self.keep(new);
        // A stranger has no phone that could ring.
        let ends = ends.or_else(|| session.person().is_none().then_some(Outcome::NotAClient));
        if let Some(outcome) = ends {
            self.settle(&session, outcome, None);
        } else if let Some(person) = session.person() {
            let (outcome, after) = self.expected(&session, person, turn);
            let (sessions, session) = (Arc::clone(self), Arc::clone(&session));
            tokio::spawn(async move { sessions.wait_for_person(&session, outcome, after).await });
        }
        session
    }

    /// What will become of a session if nobody in the room does anything.
    fn expected(&self, session: &Session, person: u64, turn: u64) -> (Outcome, Duration) {
        if self.is_human(person) {
            return (Outcome::TimedOut, PATIENCE);
        }
        let (outcome, after) = self.behaviour.draw(person, turn);
        if after >= PATIENCE {
            return (Outcome::TimedOut, PATIENCE);
        }
        // There is no PIN to mistype, and no SIM card in the app.
        let outcome = match (session.prompt.operation, session.details.carrier(), outcome) {
            (Operation::CertificateChoice, _, Outcome::Mistyped)
            | (_, Carrier::SmartId, Outcome::SimError) => Outcome::Confirmed,
            _ => outcome,
        };
        (outcome, after)
    }

    async fn wait_for_person(&self, session: &Session, outcome: Outcome, after: Duration) {
        let thinks = sleep(after);
        if outcome == Outcome::Confirmed {
            // Whoever will confirm has a certificate by then: the authority's time is not theirs.
            let (credential, ()) = tokio::join!(self.credential(session), thinks);
            drop(credential);
        } else {
            thinks.await;
        }
        self.decide(session, outcome).await;
    }

    fn keep(&self, new: NewSession) -> (Arc<Session>, u64) {
        let mut books = self.books.lock();
        let now = self.clock.monotonic();
        while let Some(oldest) = books.order.front() {
            let is_expired = oldest.is_expired(now);
            if !is_expired && books.order.len() < MAX_SESSIONS {
                break;
            }
            if !is_expired {
                tracing::warn!("more sessions than are kept: the oldest is forgotten");
            }
            if let Some(oldest) = books.order.pop_front() {
                books.sessions.remove(&oldest.id);
                books.waiting.remove(&oldest.number);
            }
        }
        books.begun += 1;
        let session = Arc::new(Session::new(new, books.begun, now));
        books.order.push_back(Arc::clone(&session));
        let (id, kept) = (session.id.clone(), Arc::clone(&session));
        books.sessions.insert(id, kept);
        let turn = session.person().map_or(0, |person| {
            books.waiting.insert(session.number, Arc::clone(&session));
            let turn = books.turns.entry(person).or_default();
            *turn += 1;
            *turn
        });
        (session, turn)
    }

    /// Somebody does something about the prompt. Whether that counted: the first to do so counts.
    pub(crate) async fn decide(&self, session: &Session, outcome: Outcome) -> bool {
        if session.done().is_some() {
            return false;
        }
        let is_other_sim = |person| self.people.has_other_sim(person);
        let (outcome, proof) = match (outcome, session.details.carrier()) {
            (Outcome::Confirmed, Carrier::MobileId)
                if session.person().is_some_and(is_other_sim) =>
            {
                (Outcome::SimMismatch, None)
            }
            (Outcome::Confirmed, _) => match self.prove(session).await {
                Some(proof) => (Outcome::Confirmed, Some(proof)),
                None => (Outcome::Failed, None),
            },
            (outcome, _) => (outcome, None),
        };
        self.settle(session, outcome, proof)
    }

    async fn prove(&self, session: &Session) -> Option<Proof> {
        let credential = self.credential(session).await?;
        let signature = match session.prompt.operation {
            Operation::CertificateChoice => Vec::new(),
            Operation::Authentication | Operation::Signing => {
                credential.key.sign_digest(&session.digest)
            }
        };
        Some(Proof {
            signature,
            credential,
        })
    }

    async fn credential(&self, session: &Session) -> Option<Arc<crate::people::Credential>> {
        let (carrier, purpose) = (
            session.details.carrier(),
            session.prompt.operation.purpose(),
        );
        let asked = self.people.credential(session.person()?, carrier, purpose);
        asked
            .await
            .inspect_err(|error| tracing::error!(%error, "nobody signs without a certificate"))
            .ok()
    }

    fn settle(&self, session: &Session, outcome: Outcome, proof: Option<Proof>) -> bool {
        let result = outcome.result(&session.prompt, &session.details);
        let done = Arc::new(Done {
            outcome,
            result,
            proof,
            at: self.clock.monotonic(),
        });
        let is_first = session.done.send_if_modified(|kept| {
            let is_first = kept.is_none();
            if is_first {
                *kept = Some(done);
            }
            is_first
        });
        if is_first {
            let mut books = self.books.lock();
            books.waiting.remove(&session.number);
            *books.ended.entry(result.to_owned()).or_default() += 1;
        }
        is_first
    }

    /// What became of a session, within this time. `None` while nothing has, when somebody else
    /// asks for the same, or when the carriers are about to end.
    pub(crate) async fn poll(&self, session: &Session, within: Duration) -> Option<Arc<Done>> {
        let (mut polls, mut closing) = (session.polls.subscribe(), self.closing.subscribe());
        session.polls.send_modify(|count| *count += 1);
        let own = *polls.borrow_and_update();
        let mut done = session.done.subscribe();
        let wait = async {
            tokio::select! {
                biased;
                done = done.wait_for(Option::is_some) => done.ok().and_then(|done| done.clone()),
                _ = polls.wait_for(|count| *count != own) => None,
                _ = closing.wait_for(|is_closing| *is_closing) => None,
            }
        };
        timeout(within, wait).await.ok().flatten()
    }

    /// The session with this ID, while it can be asked for.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Session>> {
        self.find_at(id, self.clock.monotonic())
    }

    fn find_at(&self, id: &str, now: Instant) -> Option<Arc<Session>> {
        let session = self.books.lock().sessions.get(id).map(Arc::clone)?;
        (!session.is_expired(now)).then_some(session)
    }

    /// Whether a person in the room answers this person's phone.
    pub(crate) fn is_human(&self, person: u64) -> bool {
        self.human.contains(&person)
    }

    /// What stands on phones now, the newest first; those of people in the room before all others.
    pub(crate) fn waiting(&self) -> Vec<Arc<Session>> {
        let books = self.books.lock();
        let newest_first = || books.waiting.values().rev();
        let is_human =
            |session: &&Arc<Session>| session.person().is_some_and(|person| self.is_human(person));
        let human = newest_first().filter(is_human);
        let others = newest_first().filter(|session| !is_human(session));
        human.chain(others).map(Arc::clone).collect()
    }

    /// Sends every poll home, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    pub(crate) fn summary(&self) -> Summary {
        let books = self.books.lock();
        Summary {
            begun: books.begun,
            ended: books.ended.clone(),
            certificates_issued: self.people.issued(),
        }
    }
}

#[cfg(test)]
mod tests;
