//! Where an exchange's time and processor time go: what each security server measured of its own
//! steps, and what the run comes to by part.
//!
//! A server measures a sample of its exchanges, so a [`StageUse`] speaks of the sampled ones;
//! [`RoleStages::cpu_us`] scales to all. What is measured and what is a remainder is said in
//! `docs/where-the-time-goes.md`.

mod parts;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use parts::{Part, PartUse, cpu_by_part, cpu_of_server, time_by_part};

/// A step of an exchange within a security server.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Whether the message may pass: configuration, client, provider, service, access right.
    Admit,
    /// Waiting for the rest of a message that has begun to arrive.
    Receive,
    /// Reading messages from bytes, and writing them.
    Parse,
    /// Whether the other security server's certificate is good: what is remembered of it, or a
    /// fetch.
    Ocsp,
    /// Digests of what is signed, and waiting for the signature.
    Sign,
    /// Digests of what was signed by the other side, hash chain, signature, certificate.
    Verify,
    /// Waiting until a record is on the disk.
    Log,
    /// The same, while the request is on its way; it costs an answer time only where it takes
    /// longer than the journey.
    LogMeanwhile,
    /// From sending the request until the other security server's whole answer is there.
    Transport,
    /// The call of the service.
    Service,
}

/// Which part of a security server handles an exchange.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It was asked by an information system.
    #[default]
    ClientProxy,
    /// It was asked by another security server.
    ServerProxy,
}

/// What one stage took, over the exchanges that were sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageUse {
    /// Which one.
    pub stage: Stage,
    /// How often it was measured; a stage may come more than once in an exchange.
    pub measured: u64,
    /// Processor time of the thread that serves, without what the stage waited for.
    pub cpu_us: f64,
    /// Time that passed, waiting included.
    pub time_us: f64,
    /// Median of a single time.
    pub p50_us: u64,
    /// 99th percentile of a single time.
    pub p99_us: u64,
}

/// What a server measured in one role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RoleStages {
    /// The role.
    pub role: Role,
    /// Exchanges begun, measured or not.
    pub exchanges: u64,
    /// Exchanges that were measured, to their end.
    pub sampled: u64,
    /// Time that passed from their beginning to their end, over the sampled ones.
    pub time_us: f64,
    /// Messages in work when a sampled one began, that one included: the mean.
    pub mean_in_work: f64,
    /// The same: the most.
    pub most_in_work: u64,
    /// Stage by stage, those that were never reached left out.
    pub stages: Vec<StageUse>,
}

/// Processor time of a server's threads while it took messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ThreadsCpu {
    /// The thread that serves all sockets and does every step but writing.
    pub event_loop_us: f64,
    /// The thread that writes and syncs the message log.
    pub message_log_us: f64,
    /// All others; they build the hash trees of time-stamps.
    pub other_us: f64,
}

/// Processor time inside calls that read from and write to connections, scaled from a sample of
/// the calls to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StreamsCpu {
    /// Encrypting and decrypting, the sockets below left out.
    pub tls_us: f64,
    /// The kernel's part: sockets, loopback, waking the other side.
    pub sockets_us: f64,
    /// Calls, of which a sample was measured.
    pub calls: u64,
    /// Calls that were measured.
    pub measured: u64,
}

/// Work that was done in batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Batches {
    /// Batches.
    pub batches: u64,
    /// Things in them.
    pub items: u64,
    /// Things in the largest.
    pub largest: u64,
}

/// How often something was remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CacheUse {
    /// Remembered, or still open.
    pub hits: u64,
    /// Done anew.
    pub misses: u64,
}

/// Requests to another part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Requests {
    /// How many.
    pub count: u64,
    /// Time that they took, together.
    pub time_us: f64,
}

/// What the accounting itself costs, from slices of the run with and without it in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AccountingCost {
    /// Pairs of slices that were compared.
    pub comparisons: u64,
    /// Processor time of the whole server for an exchange with the accounting on.
    pub cpu_us_on: f64,
    /// The same with the accounting off.
    pub cpu_us_off: f64,
    /// Geometric mean of `on / off` over the comparisons, less one: 0.01 is one percent more.
    pub overhead: f64,
    /// Relative standard error of that mean.
    pub standard_error: f64,
}

/// What one security server says about where its time went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServerStages {
    /// Code of the security server.
    pub server: String,
    /// From the first exchange to the last that was sampled.
    pub busy_s: f64,
    /// One in so many exchanges was measured.
    pub one_in: u64,
    /// Exchanges of its own information systems.
    pub client_proxy: RoleStages,
    /// Exchanges of other security servers.
    pub server_proxy: RoleStages,
    /// Processor time by thread.
    pub threads: ThreadsCpu,
    /// Processor time of the serving thread for signatures, which are made for several messages at
    /// once; scaled from a sample of the batches to all.
    pub signing_us: f64,
    /// Processor time inside connections.
    pub streams: StreamsCpu,
    /// Messages signed together with one operation of the key.
    pub signature_batches: Batches,
    /// Messages made durable together with one sync.
    pub log_groups: Batches,
    /// Time the log's thread spent writing and syncing these groups.
    pub log_sync_us: f64,
    /// Signature documents of others: known already, or verified.
    pub signature_documents: CacheUse,
    /// Statuses of other servers' certificates: known already, or verified.
    pub peer_statuses: CacheUse,
    /// Connections to other servers: kept from an exchange before, or opened.
    pub connections: CacheUse,
    /// Requests to time-stamping authorities.
    pub time_stamps: Requests,
    /// Requests for the status of a certificate, own or others'.
    pub ocsp_requests: Requests,
    /// What all this measuring costs; absent where it was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_cost: Option<AccountingCost>,
}

// === impl Role ===

impl RoleStages {
    /// Processor time of the serving thread in that stage, scaled to all exchanges.
    #[must_use]
    pub fn cpu_us(&self, stage: Stage) -> f64 {
        self.scaled(self.of(stage).map_or(0.0, |used| used.cpu_us))
    }

    /// Time an exchange spends in that stage, in the mean.
    #[must_use]
    pub fn mean_time_us(&self, stage: Stage) -> f64 {
        per(
            self.of(stage).map_or(0.0, |used| used.time_us),
            self.sampled,
        )
    }

    /// Time an exchange takes in this role, in the mean.
    #[must_use]
    pub fn mean_us(&self) -> f64 {
        per(self.time_us, self.sampled)
    }

    /// What was measured of a stage, if it was reached.
    #[must_use]
    pub fn of(&self, stage: Stage) -> Option<&StageUse> {
        self.stages.iter().find(|used| used.stage == stage)
    }

    fn scaled(&self, sum: f64) -> f64 {
        per(sum, self.sampled) * self.exchanges as f64
    }
}

// === impl ServerStages ===

impl ServerStages {
    /// Both roles.
    pub fn roles(&self) -> impl Iterator<Item = &RoleStages> {
        [&self.client_proxy, &self.server_proxy].into_iter()
    }

    /// Messages that were in that stage at a time, in the mean: by Little's law, the rate at which
    /// they come times the time they stay.
    #[must_use]
    pub fn mean_in_stage(&self, stage: Stage) -> f64 {
        if self.busy_s <= 0.0 {
            return 0.0;
        }
        let stayed_us = |role: &RoleStages| role.mean_time_us(stage) * role.exchanges as f64;
        self.roles().map(stayed_us).sum::<f64>() / 1e6 / self.busy_s
    }
}

// === impl Batches ===

impl Batches {
    /// Things in a batch, in the mean; zero where there was none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        per(self.items as f64, self.batches)
    }
}

// === impl CacheUse ===

impl CacheUse {
    /// Part of all that were hits; zero where nothing was looked for.
    #[must_use]
    pub fn hit_share(&self) -> f64 {
        per(self.hits as f64, self.hits.saturating_add(self.misses))
    }
}

// === impl Requests ===

impl Requests {
    /// Time of one request, in the mean.
    #[must_use]
    pub fn mean_us(&self) -> f64 {
        per(self.time_us, self.count)
    }
}

fn per(sum: f64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}
