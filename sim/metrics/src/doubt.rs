//! Whether a figure can be believed, as far as the one who measured can know.
//!
//! The load generator shares the machine with what it measures. What its own threads had to wait
//! for a processor stands in every response time, and where they never rest it is they who limit
//! the rate. Each claim is held against what was measured of the generator itself:
//!
//! - a response time stands where the lag of the pacer and the wait of the workers for a processor,
//!   at the same percentile, make up no more than [`MAX_OWN_SHARE`] of it;
//! - a rate stands unless the security servers had idle time while the workers had none, or while
//!   most of an exchange's time passed outside of them: where somebody stops the generator from
//!   outside, its own books do not tell.
//!
//! A claim that does not stand is neither true nor false: the threshold on it decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram::HistogramSummary;
use crate::load::{GeneratorHealth, LoadResult};
use crate::record::RunRecord;

/// Largest share of a response time that may be the generator's own doing.
pub const MAX_OWN_SHARE: f64 = 0.2;
/// A worker with less idle time than this share has none.
pub const NO_IDLE: f64 = 0.02;
/// A security server with more idle time than this share waited for work.
pub const WAITED: f64 = 0.1;

/// Where more of an exchange's time than this share passes outside of the security servers, and they
/// waited for work, it passes in the generator.
pub const MAX_OUTSIDE: f64 = 0.6;

/// Fewer measured exchanges say nothing of the mean.
const MIN_SAMPLED: u64 = 5;
/// What `kind` says of a security server in [`crate::ProcessUse`].
const SECURITY_SERVER: &str = "security-server";

/// Why a figure cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// What follows from it.
    pub kind: DoubtKind,
    /// Why, in a sentence.
    pub reason: String,
}

/// What follows from a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoubtKind {
    /// The figure may be right or not; another run may tell.
    Inconclusive,
    /// The figure is that of the generator, not of what was to be measured.
    Invalid,
}

/// Why the figure called `metric` cannot be believed; absent where nothing speaks against it.
#[must_use]
pub fn doubt(record: &RunRecord, metric: &str) -> Option<Doubt> {
    let load = record.load.as_ref()?;
    if metric == "throughput" {
        return throughput(record, load);
    }
    response_time(load, metric)
}

fn response_time(load: &LoadResult, metric: &str) -> Option<Doubt> {
    let percentile = metric.strip_prefix("response-time-")?;
    let of = |summary: &HistogramSummary| -> Option<f64> {
        Some(match percentile {
            "mean" => summary.mean_us,
            "p50" => summary.p50_us as f64,
            "p90" => summary.p90_us as f64,
            "p99" => summary.p99_us as f64,
            "p999" => summary.p999_us as f64,
            "max" => summary.max_us as f64,
            _ => return None,
        })
    };
    let claimed = of(&load.response_time).filter(|_| load.response_time.count > 0)?;
    let lag = of(&load.pacer_lag)?;
    let waiting = match &load.generator {
        Some(health) => of(&health.scheduling_delay)?,
        None => 0.0,
    };
    let own = lag + waiting;
    (own > claimed * MAX_OWN_SHARE).then(|| Doubt {
        kind: DoubtKind::Inconclusive,
        reason: format!(
            "of {} at this percentile the load generator itself may have made {}: its pacer was {} \
             late and its threads waited {} for a processor",
            time(claimed),
            time(own),
            time(lag),
            time(waiting),
        ),
    })
}

fn throughput(record: &RunRecord, load: &LoadResult) -> Option<Doubt> {
    let servers = record
        .processes
        .iter()
        .filter(|p| p.kind == SECURITY_SERVER);
    let least_idle = servers
        .filter_map(|server| Some((server.idle?, &server.name)))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let (idle, name) = least_idle;
    if idle <= WAITED {
        return None;
    }
    let limit = no_idle_time(load.generator.as_ref()).or_else(|| outside(record, load))?;
    Some(Doubt {
        kind: DoubtKind::Invalid,
        reason: format!(
            "{limit} while {name} waited for work {:.0} % of the time: this is the generator's rate",
            idle * 100.0,
        ),
    })
}

fn no_idle_time(health: Option<&GeneratorHealth>) -> Option<String> {
    let health = health.filter(|health| health.idle < NO_IDLE)?;
    Some(format!(
        "the load generator had no idle time ({:.0} % busy, {:.0} % waiting for a processor)",
        health.busy * 100.0,
        health.waiting * 100.0,
    ))
}

/// The time from question to answer against that which the service client's own servers saw of it.
fn outside(record: &RunRecord, load: &LoadResult) -> Option<String> {
    let clients = record.stages.iter().map(|server| &server.client_proxy);
    let sampled: u64 = clients.clone().map(|role| role.sampled).sum();
    let inside_us = clients.map(|role| role.time_us).sum::<f64>() / sampled as f64;
    let whole_us = load.service_time.mean_us;
    let share = 1.0 - inside_us / whole_us;
    (sampled >= MIN_SAMPLED && share > MAX_OUTSIDE).then(|| {
        format!(
            "of {} from question to answer, {} passed before and after the security servers,",
            time(whole_us),
            time(whole_us - inside_us),
        )
    })
}

/// `12.3 ms`.
fn time(us: f64) -> String {
    if us < 1_000.0 {
        format!("{us:.0} µs")
    } else {
        format!("{:.1} ms", us / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::ProcessUse;
    use crate::stages::ServerStages;

    fn times(us: u64) -> HistogramSummary {
        HistogramSummary {
            count: 100,
            mean_us: us as f64,
            p50_us: us,
            p90_us: us,
            p99_us: us,
            p999_us: us,
            max_us: us,
            distribution: Vec::new(),
            spectrum: Vec::new(),
        }
    }

    fn run(health: GeneratorHealth, lag_us: u64, servers_idle: [f64; 2]) -> RunRecord {
        let server = |idle| ProcessUse {
            kind: SECURITY_SERVER.to_owned(),
            name: format!("idle-{idle}"),
            idle: Some(idle),
            ..ProcessUse::default()
        };
        RunRecord {
            load: Some(LoadResult {
                response_time: times(10_000),
                pacer_lag: times(lag_us),
                generator: Some(health),
                ..LoadResult::default()
            }),
            processes: servers_idle.map(server).into(),
            ..RunRecord::default()
        }
    }

    fn health(idle: f64, delay_us: u64) -> GeneratorHealth {
        GeneratorHealth {
            idle,
            busy: 1.0 - idle,
            scheduling_delay: times(delay_us),
            ..GeneratorHealth::default()
        }
    }

    #[test]
    fn a_response_time_stands_where_the_generator_made_little_of_it() {
        let kind = |run: &RunRecord| doubt(run, "response-time-p99").map(|doubt| doubt.kind);
        assert_eq!(kind(&run(health(0.5, 1_000), 1_000, [0.5, 0.5])), None);
        let late = run(health(0.5, 1_500), 1_000, [0.5, 0.5]);
        assert_eq!(kind(&late), Some(DoubtKind::Inconclusive));
        assert_eq!(
            doubt(&late, "response-time-p50").unwrap().reason,
            "of 10.0 ms at this percentile the load generator itself may have made 2.5 ms: its \
             pacer was 1.0 ms late and its threads waited 1.5 ms for a processor"
        );
        assert_eq!(doubt(&late, "wrong"), None);
        assert_eq!(doubt(&late, "throughput"), None, "a claim of its own");
    }

    #[test]
    fn a_rate_stands_unless_servers_waited_for_a_generator_without_idle_time() {
        let kind = |run: &RunRecord| doubt(run, "throughput").map(|doubt| doubt.kind);
        assert_eq!(kind(&run(health(0.3, 0), 0, [0.6, 0.6])), None);
        // Everybody is busy: the machine is the limit, and that is what was to be found out.
        assert_eq!(kind(&run(health(0.0, 0), 0, [0.05, 0.6])), None);
        let throttled = run(health(0.01, 0), 0, [0.8, 0.6]);
        assert_eq!(kind(&throttled), Some(DoubtKind::Invalid));
        let reason = doubt(&throttled, "throughput").unwrap().reason;
        assert!(
            reason.contains("while idle-0.6 waited for work 60 %"),
            "{reason}"
        );
        // Stopped from outside, a generator looks idle.
        let mut stopped = run(health(0.9, 0), 0, [0.8, 0.6]);
        stopped.load.as_mut().expect("there is one").service_time = times(100_000);
        let mut gateway = ServerStages::default();
        gateway.client_proxy.sampled = 10;
        gateway.client_proxy.time_us = 10.0 * 99_000.0;
        stopped.stages = vec![gateway.clone()];
        assert_eq!(kind(&stopped), None);
        gateway.client_proxy.time_us = 10.0 * 9_000.0;
        stopped.stages = vec![gateway];
        assert_eq!(
            doubt(&stopped, "throughput").unwrap().reason,
            "of 100.0 ms from question to answer, 91.0 ms passed before and after the security \
             servers, while idle-0.6 waited for work 60 % of the time: this is the generator's rate"
        );
        // A record that does not tell raises no doubt.
        assert_eq!(doubt(&RunRecord::default(), "throughput"), None);
    }
}
