//! Sums by role and stage, of the exchanges that are measured.

use std::time::{Duration, Instant};

use sim_metrics::{Histogram, Role, Stage, StageUse};

/// Every stage, in the order in which an exchange comes to them.
const STAGES: [Stage; 10] = [
    Stage::Admit,
    Stage::Receive,
    Stage::Parse,
    Stage::Ocsp,
    Stage::Sign,
    Stage::Verify,
    Stage::Log,
    Stage::LogMeanwhile,
    Stage::Transport,
    Stage::Service,
];

/// The sums of both roles.
#[derive(Default)]
pub(super) struct Accounts {
    roles: [RoleAccount; 2],
}

/// The sums of one role.
#[derive(Default)]
pub(super) struct RoleAccount {
    pub(super) whole: Tally,
    stages: [Tally; STAGES.len()],
    pub(super) in_work_sum: u64,
    pub(super) in_work_most: u64,
    /// When the first that was measured began, and the last.
    pub(super) between: Option<(Instant, Instant)>,
}

/// One stage.
#[derive(Default)]
pub(super) struct Tally {
    cpu: Duration,
    pub(super) time: Duration,
    pub(super) times: Histogram,
}

// === impl Accounts ===

impl Accounts {
    pub(super) fn of(&mut self, role: Role) -> &mut RoleAccount {
        &mut self.roles[role as usize]
    }

    /// From the first exchange that was measured to the last, in either role.
    pub(super) fn busy(&self) -> Duration {
        let between = || self.roles.iter().filter_map(|role| role.between);
        let first = between().map(|(first, _)| first).min();
        let last = between().map(|(_, last)| last).max();
        match (first, last) {
            (Some(first), Some(last)) => last.duration_since(first),
            _ => Duration::ZERO,
        }
    }
}

// === impl RoleAccount ===

impl RoleAccount {
    pub(super) fn add(&mut self, stage: Stage, cpu: Duration, time: Duration) {
        self.stages[stage as usize].add(cpu, time);
    }

    /// An exchange that was measured has ended.
    pub(super) fn end(&mut self, began: Instant, ended: Instant, in_work: u64) {
        self.whole.add(Duration::ZERO, ended.duration_since(began));
        self.in_work_sum += in_work;
        self.in_work_most = self.in_work_most.max(in_work);
        let (first, last) = self.between.unwrap_or((began, began));
        self.between = Some((first.min(began), last.max(began)));
    }

    /// What was measured, without the stages that no exchange came to.
    pub(super) fn stages(&self) -> Vec<StageUse> {
        let used = STAGES.iter().zip(&self.stages);
        let used = used.filter(|(_, tally)| tally.times.count() > 0);
        used.map(|(stage, tally)| StageUse {
            stage: *stage,
            measured: tally.times.count(),
            cpu_us: micros(tally.cpu),
            time_us: micros(tally.time),
            p50_us: tally.times.quantile_us(0.5),
            p99_us: tally.times.quantile_us(0.99),
        })
        .collect()
    }
}

// === impl Tally ===

impl Tally {
    fn add(&mut self, cpu: Duration, time: Duration) {
        self.cpu += cpu;
        self.time += time;
        self.times.record(time);
    }
}

pub(super) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::STAGES;

    #[test]
    fn stages_stand_where_their_number_says() {
        for (index, stage) in STAGES.iter().enumerate() {
            assert_eq!(*stage as usize, index, "{stage:?}");
        }
    }
}
