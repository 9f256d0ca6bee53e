//! What an exchange comes to, part by part: of the processor time of all processes, and of the
//! time that passes until there is an answer.

use super::{RoleStages, ServerStages, Stage};
use crate::findings::ProcessUse;
use crate::record::RunRecord;

/// A part of an exchange's cost, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// See [`Stage::Admit`].
    Admit,
    /// See [`Stage::Parse`] and [`Stage::Receive`].
    Parse,
    /// See [`Stage::Sign`], with [`ServerStages::signing_us`].
    Sign,
    /// See [`Stage::Verify`].
    Verify,
    /// See [`Stage::Ocsp`], with the responder.
    Ocsp,
    /// Threads that build trees for time-stamps, and the time-stamping authority.
    TimeStamp,
    /// See [`Stage::Log`], with the log's thread.
    Log,
    /// Encryption of connections.
    Tls,
    /// Sockets; of the time that passes, the way from one process to another and back.
    Transport,
    /// What is left of the serving thread: HTTP, timers, being woken; of the time that passes,
    /// waiting for a turn within a security server.
    EventLoop,
    /// The register.
    Service,
    /// The load generator; of the time that passes, the delay before a question is sent.
    LoadGenerator,
    /// Standing up and draining, and parts that take no part in an exchange.
    Rest,
}

/// How much falls to one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartUse {
    /// The part.
    pub part: Part,
    /// An exchange's share of it, in microseconds; never negative.
    pub us: f64,
}

// === impl Part ===

impl Part {
    /// Every part, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Admit,
        Self::Parse,
        Self::Sign,
        Self::Verify,
        Self::Ocsp,
        Self::TimeStamp,
        Self::Log,
        Self::Tls,
        Self::Transport,
        Self::EventLoop,
        Self::Service,
        Self::LoadGenerator,
        Self::Rest,
    ];

    /// A word or two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Parse => "parse",
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::Ocsp => "OCSP",
            Self::TimeStamp => "time-stamp",
            Self::Log => "log",
            Self::Tls => "TLS",
            Self::Transport => "transport",
            Self::EventLoop => "event loop",
            Self::Service => "service",
            Self::LoadGenerator => "load generator",
            Self::Rest => "start and end",
        }
    }
}

/// Processor time of all processes for an exchange, part by part; the sum is the metric
/// `cpu-per-exchange`. None where nothing was answered, or no security server measured itself.
#[must_use]
pub fn cpu_by_part(record: &RunRecord) -> Option<Vec<PartUse>> {
    let answered = record.load.as_ref()?.completed;
    if answered == 0 || record.stages.is_empty() || record.processes.is_empty() {
        return None;
    }
    let mut sums = Sums::default();
    for process in &record.processes {
        let serving_us = serving_us(process);
        match process.kind.as_str() {
            "registry" => sums.add(Part::Service, serving_us),
            "load-generator" => sums.add(Part::LoadGenerator, serving_us),
            "time-stamping-authority" => sums.add(Part::TimeStamp, serving_us),
            "ocsp-responder" => sums.add(Part::Ocsp, serving_us),
            _ => {}
        }
    }
    for server in &record.stages {
        sums.add_server(server);
    }
    let whole_us: f64 = record.processes.iter().map(whole_us).sum();
    sums.add(Part::Rest, whole_us - sums.total());
    Some(sums.per_exchange(answered))
}

/// The same for one security server, while it took messages; for each message that it handled.
#[must_use]
pub fn cpu_of_server(server: &ServerStages) -> Vec<PartUse> {
    let mut sums = Sums::default();
    sums.add_server(server);
    let handled: u64 = server.roles().map(|role| role.exchanges).sum();
    sums.per_exchange(handled)
}

/// What an answer waited for, part by part; the sum is the mean response time. None where nothing
/// was answered, or no security server measured itself.
#[must_use]
pub fn time_by_part(record: &RunRecord) -> Option<Vec<PartUse>> {
    let load = record.load.as_ref()?;
    let client = Mean::of(record.stages.iter().map(|server| &server.client_proxy))?;
    let provider = Mean::of(record.stages.iter().map(|server| &server.server_proxy))?;
    if load.response_time.count == 0 {
        return None;
    }
    let both = |stage| client.stage_us(stage) + provider.stage_us(stage);
    let delay_us = load.start_delay.mean_us;
    let mut sums = Sums::default();
    sums.add(Part::Admit, both(Stage::Admit));
    sums.add(Part::Parse, both(Stage::Parse) + both(Stage::Receive));
    sums.add(Part::Sign, both(Stage::Sign));
    sums.add(Part::Verify, both(Stage::Verify));
    sums.add(Part::Ocsp, both(Stage::Ocsp));
    sums.add(Part::Log, both(Stage::Log));
    sums.add(Part::Service, provider.stage_us(Stage::Service));
    sums.add(Part::LoadGenerator, delay_us);
    // The client proxy looks at the other server's certificate on the way.
    let journey_us =
        client.stage_us(Stage::Transport) - client.stage_us(Stage::Ocsp) - provider.whole_us();
    let to_and_fro_us = load.response_time.mean_us - delay_us - client.whole_us();
    sums.add(
        Part::Transport,
        journey_us.max(0.0) + to_and_fro_us.max(0.0),
    );
    let measured_us = sums.total();
    sums.add(Part::EventLoop, load.response_time.mean_us - measured_us);
    Some(sums.per_exchange(1))
}

/// Microseconds by part.
#[derive(Default)]
struct Sums([f64; Part::ALL.len()]);

/// One role over several servers.
struct Mean<'a> {
    roles: Vec<&'a RoleStages>,
    exchanges: f64,
}

// === impl Sums ===

impl Sums {
    /// A remainder of figures that were rounded may come out below nothing.
    fn add(&mut self, part: Part, us: f64) {
        if us.is_finite() && us > 0.0 {
            self.0[part as usize] += us;
        }
    }

    fn add_server(&mut self, server: &ServerStages) {
        let stage = |stage| server.roles().map(|role| role.cpu_us(stage)).sum::<f64>();
        let (threads, streams) = (&server.threads, &server.streams);
        let steps = [
            (Part::Admit, stage(Stage::Admit)),
            (Part::Parse, stage(Stage::Parse)),
            (Part::Sign, stage(Stage::Sign) + server.signing_us),
            (Part::Verify, stage(Stage::Verify)),
            (Part::Ocsp, stage(Stage::Ocsp)),
            (Part::Log, stage(Stage::Log)),
            (Part::Tls, streams.tls_us),
            (Part::Transport, streams.sockets_us),
        ];
        let measured_us: f64 = steps.iter().map(|(_, us)| us).sum();
        // Estimates from a sample cannot make more of a thread than it was.
        let share = if measured_us > threads.event_loop_us {
            threads.event_loop_us / measured_us
        } else {
            1.0
        };
        for (part, us) in steps {
            self.add(part, us * share);
        }
        self.add(Part::EventLoop, threads.event_loop_us - measured_us);
        self.add(Part::Log, threads.message_log_us);
        self.add(Part::TimeStamp, threads.other_us);
    }

    fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// What there is anything of.
    fn per_exchange(&self, exchanges: u64) -> Vec<PartUse> {
        let each = |part: Part| PartUse {
            part,
            us: self.0[part as usize] / exchanges.max(1) as f64,
        };
        let parts = Part::ALL.into_iter().map(each);
        parts.filter(|used| used.us > 0.0).collect()
    }
}

// === impl Mean ===

impl<'a> Mean<'a> {
    /// None where nothing was sampled.
    fn of(roles: impl Iterator<Item = &'a RoleStages>) -> Option<Self> {
        let roles: Vec<_> = roles.filter(|role| role.sampled > 0).collect();
        let exchanges: f64 = roles.iter().map(|role| role.exchanges as f64).sum();
        (exchanges > 0.0).then_some(Self { roles, exchanges })
    }

    fn whole_us(&self) -> f64 {
        self.weighed(RoleStages::mean_us)
    }

    fn stage_us(&self, stage: Stage) -> f64 {
        self.weighed(|role| role.mean_time_us(stage))
    }

    fn weighed(&self, figure: impl Fn(&RoleStages) -> f64) -> f64 {
        let sum = |role: &&RoleStages| figure(role) * role.exchanges as f64;
        self.roles.iter().map(sum).sum::<f64>() / self.exchanges
    }
}

fn whole_us(process: &ProcessUse) -> f64 {
    process.cpu_seconds.max(0.0) * 1e6
}

/// Processor time once the process was up.
fn serving_us(process: &ProcessUse) -> f64 {
    whole_us(process) - process.start_cpu_seconds.max(0.0) * 1e6
}
