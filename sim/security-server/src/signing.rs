//! Batch signing: one private-key operation for everything that waits.
//!
//! Messages that are ready in the same turn of the event loop are handed over together, and the
//! signing thread takes all that has gathered while it was busy. Nothing ever waits for a batch to
//! fill: an idle server signs a single message at once (X-Road's batch signer, same rule).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;
use sim_clock::Clock;
use sim_domain::identifiers::MemberId;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::signature::{MemberSigner, MessageSignature};
use tokio::sync::{mpsc, oneshot};

use crate::ocsp::OwnStatuses;
use crate::telemetry::Telemetry;

/// Hand-overs that may wait for the signing thread; each holds one turn's messages.
const MAX_WAITING_HANDOVERS: usize = 1_024;

/// Why a message could not be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// No signing certificate of this member is on this server.
    #[error("this server holds no signing certificate of member {0}")]
    NoCertificate(MemberId),
    /// The certificate's OCSP response has not arrived or could not be used.
    #[error("there is no valid OCSP response for the signing certificate of member {0}")]
    NoStatus(MemberId),
    /// The signing thread refuses more work.
    #[error("too many messages wait for the signer")]
    Overloaded,
    /// The signing thread is gone.
    #[error("the signer has stopped")]
    Stopped,
}

/// Signs messages in batches on a thread of its own. Cheap to clone.
#[derive(Clone)]
pub(crate) struct BatchSigner {
    shared: Arc<Shared>,
}

struct Shared {
    members: Arc<BTreeMap<MemberId, MemberSigner>>,
    waiting: Mutex<Vec<Job>>,
    handover_scheduled: AtomicBool,
    thread: mpsc::Sender<Vec<Job>>,
    inline: Option<Worker>,
}

struct Job {
    member: MemberId,
    leaf: Leaf,
    reply: oneshot::Sender<Result<MessageSignature, SigningError>>,
}

/// The signing thread's own part.
#[derive(Clone)]
struct Worker {
    members: Arc<BTreeMap<MemberId, MemberSigner>>,
    statuses: Arc<OwnStatuses>,
    clock: Clock,
    max_batch: usize,
    telemetry: Arc<Telemetry>,
}

// === impl BatchSigner ===

impl BatchSigner {
    /// Starts the signing thread; it ends when the last clone is dropped.
    pub(crate) fn start(
        members: BTreeMap<MemberId, MemberSigner>,
        statuses: Arc<OwnStatuses>,
        clock: Clock,
        max_batch: usize,
        telemetry: Arc<Telemetry>,
    ) -> std::io::Result<Self> {
        let members = Arc::new(members);
        let (sender, receiver) = mpsc::channel(MAX_WAITING_HANDOVERS);
        let worker = Worker {
            members: Arc::clone(&members),
            statuses,
            clock,
            max_batch,
            telemetry,
        };
        let inline = std::env::var_os("SIGN_INLINE").map(|_| worker.clone());
        thread::Builder::new()
            .name("signer".to_owned())
            .spawn(move || worker.run(receiver))?;
        Ok(Self {
            shared: Arc::new(Shared {
                members,
                waiting: Mutex::new(Vec::new()),
                handover_scheduled: AtomicBool::new(false),
                thread: sender,
                inline,
            }),
        })
    }

    /// Signs one message for `member`; resolves when its batch is signed.
    pub(crate) async fn sign(
        &self,
        member: &MemberId,
        leaf: Leaf,
    ) -> Result<MessageSignature, SigningError> {
        if !self.shared.members.contains_key(member) {
            return Err(SigningError::NoCertificate(member.clone()));
        }
        let (reply, signed) = oneshot::channel();
        self.shared.waiting.lock().push(Job {
            member: member.clone(),
            leaf,
            reply,
        });
        self.schedule_handover();
        signed.await.map_err(|_| SigningError::Stopped)?
    }

    /// Hands over at the end of this turn of the event loop, so that messages which arrived
    /// together are signed together: without it the thread wakes for one message at a time.
    fn schedule_handover(&self) {
        if self.shared.handover_scheduled.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            shared.handover_scheduled.store(false, Ordering::Release);
            let jobs = std::mem::take(&mut *shared.waiting.lock());
            if let Some(worker) = &shared.inline {
                worker.sign(jobs);
                return;
            }
            if let Err(refused) = shared.thread.try_send(jobs) {
                let overloaded = matches!(refused, mpsc::error::TrySendError::Full(_));
                for job in refused.into_inner() {
                    let error = if overloaded {
                        SigningError::Overloaded
                    } else {
                        SigningError::Stopped
                    };
                    // A caller that went away needs no answer.
                    let _ = job.reply.send(Err(error));
                }
            }
        });
    }
}

// === impl Worker ===

impl Worker {
    fn run(&self, mut handovers: mpsc::Receiver<Vec<Job>>) {
        while let Some(mut jobs) = handovers.blocking_recv() {
            while jobs.len() < self.max_batch
                && let Ok(more) = handovers.try_recv()
            {
                jobs.extend(more);
            }
            self.sign(jobs);
        }
    }

    fn sign(&self, jobs: Vec<Job>) {
        for (member, jobs) in by_member(jobs) {
            let mut jobs = jobs.into_iter().peekable();
            while jobs.peek().is_some() {
                self.sign_together(&member, jobs.by_ref().take(self.max_batch).collect());
            }
        }
    }

    fn sign_together(&self, member: &MemberId, jobs: Vec<Job>) {
        let leaves: Vec<Leaf> = jobs.iter().map(|job| job.leaf).collect();
        match self.signatures(member, &leaves) {
            Ok(signatures) => {
                self.telemetry.signed_batch(jobs.len());
                for (job, signature) in jobs.into_iter().zip(signatures) {
                    let _ = job.reply.send(Ok(signature));
                }
            }
            Err(make_error) => {
                for job in jobs {
                    let _ = job.reply.send(Err(make_error(member.clone())));
                }
            }
        }
    }

    fn signatures(
        &self,
        member: &MemberId,
        leaves: &[Leaf],
    ) -> Result<Vec<MessageSignature>, fn(MemberId) -> SigningError> {
        let signer = self
            .members
            .get(member)
            .ok_or(SigningError::NoCertificate as fn(_) -> _)?;
        let status = self
            .statuses
            .of(signer.certificate())
            .ok_or(SigningError::NoStatus as fn(_) -> _)?;
        Ok(signer
            .sign_batch(leaves, &status, self.clock.now())
            .messages)
    }
}

/// Groups the jobs by signing member, keeping the order of arrival.
fn by_member(jobs: Vec<Job>) -> BTreeMap<MemberId, Vec<Job>> {
    let mut groups: BTreeMap<MemberId, Vec<Job>> = BTreeMap::new();
    for job in jobs {
        groups.entry(job.member.clone()).or_default().push(job);
    }
    groups
}
