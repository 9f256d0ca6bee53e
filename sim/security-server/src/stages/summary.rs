//! What was counted and measured, for the run record.

use sim_metrics::stages::{Batches, CacheUse};
use sim_metrics::{Role, RoleStages, ServerStages};

use super::accounts::micros;
use super::threads::Threads;
use super::{EXCHANGES_ONE_IN, Stages};
use crate::config::StageAccounting;
use crate::server::SecurityServer;

impl SecurityServer {
    /// Where the time went until now; none where that is not measured.
    pub(crate) fn measured_stages(&self) -> Option<ServerStages> {
        if self.stages.accounting == StageAccounting::Off {
            return None;
        }
        let (counts, log) = (self.telemetry.counts(), self.log.statistics());
        let (hits, misses) = self.verifier.documents_known();
        let own = self.own_statuses.requests.requests();
        let mut ocsp_requests = self.peer_statuses.requests.requests();
        ocsp_requests.count += own.count;
        ocsp_requests.time_us += own.time_us;
        Some(ServerStages {
            server: self.id.code().to_owned(),
            signature_batches: Batches {
                batches: counts.signature_batches,
                items: counts.signed_messages,
                largest: counts.largest_signature_batch,
            },
            log_groups: Batches {
                batches: log.commits,
                items: log.messages,
                largest: log.largest_group,
            },
            log_sync_us: log.commit_us as f64,
            signature_documents: CacheUse { hits, misses },
            peer_statuses: self.peer_statuses.remembered.cache_use(),
            connections: self.peers.connections.cache_use(),
            time_stamps: self.time_stamps.requests(),
            ocsp_requests,
            ..self.stages.measured()
        })
    }
}

impl Stages {
    /// What this accounting knows by itself.
    pub(super) fn measured(&self) -> ServerStages {
        let (begun, begun_on) = (self.begun.sum() as f64, self.begun_on.sum() as f64);
        // What was measured while it was on is scaled to all the time.
        let to_all = begun / begun_on.max(1.0);
        // In a statement of its own: what follows takes the same lock.
        let busy = self.accounts.lock().busy();
        ServerStages {
            busy_s: busy.as_secs_f64(),
            one_in: EXCHANGES_ONE_IN,
            client_proxy: self.role(Role::ClientProxy),
            server_proxy: self.role(Role::ServerProxy),
            threads: Threads::now(self.clock).since(&self.threads_before),
            signing_us: self.signing.cpu_us() * to_all,
            streams: self.streams.cpu(to_all),
            accounting_cost: self.comparison.lock().cost(),
            ..ServerStages::default()
        }
    }

    /// What was measured in one role.
    pub(super) fn role(&self, role: Role) -> RoleStages {
        let mut accounts = self.accounts.lock();
        let account = accounts.of(role);
        let whole = &account.whole;
        let sampled = whole.times.count();
        RoleStages {
            role,
            exchanges: self.begun.of(role),
            sampled,
            time_us: micros(whole.time),
            mean_in_work: account.in_work_sum as f64 / sampled.max(1) as f64,
            most_in_work: account.in_work_most,
            stages: account.stages(),
        }
    }
}
