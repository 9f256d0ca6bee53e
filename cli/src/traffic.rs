//! How fast a workload asks, in a sentence: what the rates come to that people wrote in their terms.

use std::time::Duration;

use sim_scenario::{Load, WhenFull, Workload};
use sim_workload::Sizes;

use crate::show;

/// `at 1,200/s on average, up to 3,600/s, for 24 min: 1,728,000 times`.
pub(crate) fn sentence(workload: &Workload) -> String {
    let mut parts = vec![match &workload.load {
        Load::InFlight {
            in_flight,
            think_time,
        } => {
            let think = if think_time.is_zero() {
                String::new()
            } else {
                format!(", {} between answer and question", length(*think_time))
            };
            format!("with {} in flight{think}", show::count((*in_flight).into()))
        }
        Load::ArrivalRate {
            course,
            max_in_flight,
            when_full,
            ..
        } => {
            let profile = course.profile().expect("the scenario is valid");
            let until = workload.stop.after.or_else(|| profile.end());
            let mean = until.map_or(profile.rate_at(Duration::ZERO), |until| {
                profile.count_until(until) / until.as_secs_f64()
            });
            let highest = profile.highest_rate();
            let steady = (highest - mean).abs() <= mean * 1e-6;
            let rates = if steady {
                format!("at {}", rate(mean))
            } else {
                format!("at {} on average and up to {}", rate(mean), rate(highest))
            };
            let beyond = match when_full {
                WhenFull::Queue => "wait",
                WhenFull::Drop => "are dropped",
            };
            let most = show::count((*max_in_flight).into());
            format!("{rates} (beyond {most} in flight they {beyond})")
        }
    }];
    if !workload.warm_up.is_zero() {
        parts.push(format!("{} of warm-up", length(workload.warm_up)));
    }
    if let Some(after) = workload.stop.after {
        parts.push(format!("for {}", length(after)));
    }
    let often = workload.planned_exchanges();
    let often = often.map_or(String::new(), |count| {
        format!(": {} times", show::count(count))
    });
    format!("{}{often}", parts.join(", "))
}

/// `80 % liveness of 1 person, 20 % person of 20 to 200 people`; nothing where all questions are
/// of one kind.
pub(crate) fn mix(workload: &Workload) -> Option<String> {
    let questions = &workload.questions;
    let weights = questions
        .iter()
        .map(|question| u64::from(question.ask.weight));
    let total: u64 = weights.sum();
    let kinds = questions.iter().map(|question| {
        let share = 100.0 * f64::from(question.ask.weight) / total as f64;
        let share = (share * 100.0).round() / 100.0;
        let service = question.service.code();
        format!("{share} % {service} of {}", size(question.ask.sizes))
    });
    (questions.len() > 1).then(|| kinds.collect::<Vec<_>>().join(", "))
}

fn size(sizes: Sizes) -> String {
    match sizes {
        Sizes::Fixed(1) => "1 person".to_owned(),
        Sizes::Fixed(size) => format!("{} people", show::count(size)),
        Sizes::Uniform { from, to } => {
            format!("{} to {} people", show::count(from), show::count(to))
        }
        Sizes::LogNormal { median, p99 } => {
            let (median, p99) = (show::count(median), show::count(p99));
            format!("some {median} people (99 % no more than {p99})")
        }
    }
}

/// `1,200/s`, or `0.19/s` where a second sees few.
fn rate(per_second: f64) -> String {
    if per_second < 100.0 {
        format!("{per_second:.2}/s")
    } else {
        format!("{}/s", show::count(per_second.round() as u64))
    }
}

fn length(duration: Duration) -> String {
    show::micros_or_longer(duration)
}

#[cfg(test)]
mod tests {
    use sim_scenario::Scenario;

    use super::*;

    const SCENARIO: &str = include_str!("../../scenarios/pension-liveness.yaml");

    fn check(load: &str, expected: &str) {
        let text = SCENARIO.replace("load: 64 in flight", load);
        let scenario = Scenario::parse("test.yaml", &text).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(sentence(&scenario.workload), expected, "{load}");
    }

    #[test]
    fn a_mix_says_its_shares_and_sizes() {
        let text = include_str!("../../scenarios/mixed-questions.yaml");
        let scenario = Scenario::parse("test.yaml", text).unwrap();
        assert_eq!(
            mix(&scenario.workload).unwrap(),
            "80 % liveness of 1 person, 19 % person of some 3 people (99 % no more than 12), \
             1 % liveness of 500 to 1,500 people"
        );
        let scenario = Scenario::parse("test.yaml", SCENARIO).unwrap();
        assert_eq!(mix(&scenario.workload), None);
    }

    #[test]
    fn the_terms_that_people_have_come_to_rates() {
        check("load: 64 in flight", "with 64 in flight: 500,000 times");
        check(
            "load: 8 in flight\n  think-time: 250ms\n  duration: 2min",
            "with 8 in flight, 250 ms between answer and question, for 2 min 00 s",
        );
        check(
            "load: 500_000 per month\n  duration: 30d",
            "at 0.19/s (beyond 2,000 in flight they wait), for 720 h 00 min: 492,813 times",
        );
        check(
            "load: 3.5 per person per week\n  shape: diurnal\n  day: 10min\n  warm-up: 5s\n  when-full: drop",
            "at 2.89/s on average and up to 8.89/s (beyond 2,000 in flight they are dropped), \
             5.0 s of warm-up: 1,736 times",
        );
        check(
            "steps: [100/s for 30s, 100/s to 500/s over 1min]",
            "at 233/s on average and up to 500/s (beyond 2,000 in flight they wait): 21,000 times",
        );
    }
}
