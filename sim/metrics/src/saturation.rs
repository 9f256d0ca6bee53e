//! How full each resource was during the load: what gives way first when there is more of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::RunRecord;

/// A resource fuller than this is taken for saturated: beyond, waits grow without bound.
pub const SATURATED: f64 = 0.75;

/// How full one resource was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Utilisation {
    /// What sort of resource it is.
    pub resource: Resource,
    /// Which one, in words.
    pub what: String,
    /// How full, 0 to 1.
    pub share: f64,
}

/// A sort of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// All processors together.
    Cpu,
    /// One thread, which is never on more than one of them.
    Thread,
    /// A log that is forced to disk, one group after another.
    Disk,
    /// Places in flight: what waits for one has not been sent.
    Queue,
    /// The load generator's own threads.
    Generator,
}

/// Every resource that the run tells of, the fullest first.
#[must_use]
pub fn utilisations(record: &RunRecord) -> Vec<Utilisation> {
    let Some(load) = &record.load else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut add = |resource, what: String, share: f64| {
        if share.is_finite() {
            let share = share.clamp(0.0, 1.0);
            all.push(Utilisation {
                resource,
                what,
                share,
            });
        }
    };
    let used: f64 = record
        .processes
        .iter()
        .map(|process| process.cpu_seconds - process.start_cpu_seconds)
        .sum();
    let cores = f64::from(record.machine.cores);
    add(
        Resource::Cpu,
        format!("the machine's {cores} cores"),
        used / (cores * load.duration_s),
    );
    for server in &record.stages {
        let busy_us = server.busy_s * 1e6;
        add(
            Resource::Thread,
            format!("the thread that serves in {}", server.server),
            server.threads.event_loop_us / busy_us,
        );
        add(
            Resource::Disk,
            format!("forcing {}'s log to disk", server.server),
            server.log_sync_us / busy_us,
        );
    }
    if load.response_time.p99_us > 0 {
        add(
            Resource::Queue,
            "places in flight: what is due waits to be sent".to_owned(),
            load.start_delay.p99_us as f64 / load.response_time.p99_us as f64,
        );
    }
    if let Some(health) = &load.generator {
        add(
            Resource::Generator,
            "the load generator".to_owned(),
            1.0 - health.idle,
        );
    }
    all.sort_by(|a, b| b.share.total_cmp(&a.share));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::ProcessUse;
    use crate::load::{GeneratorHealth, LoadResult};
    use crate::record::Machine;
    use crate::stages::ServerStages;

    #[test]
    fn the_fullest_comes_first_and_what_is_not_told_is_left_out() {
        assert!(utilisations(&RunRecord::default()).is_empty());
        let mut load = LoadResult {
            duration_s: 10.0,
            generator: Some(GeneratorHealth {
                idle: 0.7,
                ..GeneratorHealth::default()
            }),
            ..LoadResult::default()
        };
        load.response_time.p99_us = 100;
        load.start_delay.p99_us = 10;
        let mut server = ServerStages {
            server: "gateway".to_owned(),
            busy_s: 10.0,
            log_sync_us: 9_000_000.0,
            ..ServerStages::default()
        };
        server.threads.event_loop_us = 5_000_000.0;
        let record = RunRecord {
            machine: Machine {
                cores: 2,
                ..Machine::default()
            },
            processes: vec![ProcessUse {
                cpu_seconds: 13.0,
                start_cpu_seconds: 1.0,
                ..ProcessUse::default()
            }],
            stages: vec![server],
            load: Some(load),
            ..RunRecord::default()
        };
        let all = utilisations(&record);
        let order: Vec<_> = all.iter().map(|one| one.resource).collect();
        assert_eq!(
            order,
            [
                Resource::Disk,
                Resource::Cpu,
                Resource::Thread,
                Resource::Generator,
                Resource::Queue
            ]
        );
        assert_eq!(all[0].what, "forcing gateway's log to disk");
        assert!((all[1].share - 0.6).abs() < 1e-9, "{all:?}");
    }
}
