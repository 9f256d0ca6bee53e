//! Batch signing: one private-key operation for everything that waits.
//!
//! Messages that are ready in the same turn of the event loop are signed together at its end.
//! Nothing ever waits for a batch to fill: an idle server signs a single message at once (X-Road's
//! batch signer, same rule). A signature takes some twenty microseconds, less than waking a thread
//! that would make it and being woken again, so it is made where the messages are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use sim_clock::Clock;
use sim_domain::identifiers::MemberId;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::signature::{MemberSigner, MessageSignature};
use tokio::sync::oneshot;

use crate::ocsp::OwnStatuses;
use crate::stages::Stages;
use crate::telemetry::Telemetry;

/// Why a message could not be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// No signing certificate of this member is on this server.
    #[error("this server holds no signing certificate of member {0}")]
    NoCertificate(MemberId),
    /// The certificate's OCSP response has not arrived or could not be used.
    #[error("there is no valid OCSP response for the signing certificate of member {0}")]
    NoStatus(MemberId),
    /// The server ends before the message was signed.
    #[error("the signer has stopped")]
    Stopped,
}

/// Signs messages in batches. Cheap to clone.
#[derive(Clone)]
pub(crate) struct BatchSigner {
    shared: Arc<Shared>,
}

struct Shared {
    members: BTreeMap<MemberId, MemberSigner>,
    statuses: Arc<OwnStatuses>,
    clock: Clock,
    max_batch: usize,
    telemetry: Arc<Telemetry>,
    stages: Arc<Stages>,
    waiting: Mutex<Vec<Job>>,
    is_scheduled: AtomicBool,
}

struct Job {
    member: MemberId,
    leaf: Leaf,
    reply: oneshot::Sender<Result<MessageSignature, SigningError>>,
}

// === impl BatchSigner ===

impl BatchSigner {
    /// Signs for these members, at most `max_batch` messages with one signature.
    pub(crate) fn new(
        members: BTreeMap<MemberId, MemberSigner>,
        statuses: Arc<OwnStatuses>,
        clock: Clock,
        max_batch: usize,
        telemetry: Arc<Telemetry>,
        stages: Arc<Stages>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                members,
                statuses,
                clock,
                max_batch,
                telemetry,
                stages,
                waiting: Mutex::default(),
                is_scheduled: AtomicBool::new(false),
            }),
        }
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
        self.schedule();
        signed.await.map_err(|_| SigningError::Stopped)?
    }

    /// Signs at the end of this turn of the event loop, so that messages which arrived together are
    /// signed together.
    fn schedule(&self) {
        if self.shared.is_scheduled.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            shared.is_scheduled.store(false, Ordering::Release);
            shared.stages.signing(|| shared.sign_waiting());
        });
    }
}

// === impl Shared ===

impl Shared {
    fn sign_waiting(&self) {
        let jobs = std::mem::take(&mut *self.waiting.lock());
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
