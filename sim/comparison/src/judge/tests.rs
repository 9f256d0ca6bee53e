//! How often the verdict is wrong, over many made-up sets of runs, and what holds of every set.

use proptest::prelude::*;

use super::*;
use crate::gate::{Direction, GATES};
use crate::simulated::Simulated;

/// Simulated comparisons for each rate that is checked.
const SETS: usize = 2_000;

/// Figures of one metric, as though measured.
fn sample(gate: &'static Gate, baseline: Vec<f64>, candidate: Vec<f64>) -> Sample {
    Sample {
        gate,
        baseline,
        candidate,
        complete: true,
    }
}

/// Every metric of two sets of `runs` runs, the candidate's `slower` times as slow. Errors are
/// none; `common` is the part of the variance that a run's metrics share.
fn sets(simulated: &mut Simulated, runs: usize, cv: f64, slower: f64, common: f64) -> Vec<Sample> {
    let mut side = |factor: f64| -> Vec<Vec<f64>> {
        let shared: Vec<f64> = (0..runs).map(|_| simulated.normal()).collect();
        let mut figures = |gate: &Gate| -> Vec<f64> {
            let sign = match gate.direction {
                Direction::LowerIsBetter => 1.0,
                Direction::HigherIsBetter => -1.0,
            };
            let one = |run: &f64| {
                let own = simulated.normal();
                let normal = common.sqrt() * run + (1.0 - common).sqrt() * own;
                (sign * (cv * normal + factor.ln())).exp()
            };
            shared.iter().map(one).collect()
        };
        GATES
            .iter()
            .map(|gate| match gate.metric {
                "error-share" => vec![0.0; runs],
                _ => figures(gate),
            })
            .collect()
    };
    let (baseline, candidate) = (side(1.0), side(slower));
    let gates = GATES.iter().zip(baseline).zip(candidate);
    gates
        .map(|((gate, before), after)| sample(gate, before, after))
        .collect()
}

/// The share of simulated comparisons in which a metric that decides has come out as `verdict`.
fn rate(runs: usize, cv: f64, slower: f64, common: f64, verdict: MetricVerdict) -> f64 {
    let name = format!("{runs} runs at {cv}, {slower} times, {common} shared");
    let mut simulated = Simulated::new(&name);
    let found = (0..SETS).filter(|_| {
        judge(&sets(&mut simulated, runs, cv, slower, common), true)
            .iter()
            .any(|judged| !judged.advisory && judged.verdict == verdict)
    });
    found.count() as f64 / SETS as f64
}

#[test]
fn one_build_against_itself_is_hardly_ever_called_worse() {
    for common in [0.0, 0.8] {
        for cv in [0.03, 0.05, 0.07, 0.1] {
            let alarms = rate(7, cv, 1.0, common, MetricVerdict::Regressed);
            assert!(alarms <= 0.01, "{cv}, {common} shared: {alarms}");
        }
    }
}

#[test]
fn a_fifth_slower_is_seen_by_seven_runs() {
    for common in [0.0, 0.8] {
        let seen = rate(7, 0.03, 1.2, common, MetricVerdict::Regressed);
        assert!(seen >= 0.95, "{common} shared: {seen}");
    }
}

#[test]
fn a_fifth_faster_is_seen_and_never_called_worse() {
    let faster = 1.0 / 1.2;
    assert!(rate(7, 0.03, faster, 0.8, MetricVerdict::Improved) >= 0.95);
    assert!(rate(7, 0.03, faster, 0.8, MetricVerdict::Regressed) == 0.0);
}

#[test]
fn how_many_runs_are_needed_follows_from_how_many_metrics_decide() {
    // 2 of the C(8, 4) = 70 divisions of four and four: 0.0286, which is enough for one question.
    assert_eq!(runs_needed(1), 4);
    // 2 of C(10, 5) = 252, six times: 0.0476.
    assert_eq!([2, 5, 6].map(runs_needed), [5, 5, 5]);
    assert_eq!(runs_needed(7), 6);
    assert!(can_tell(4, 9, 6) && !can_tell(3, 30, 1));
}

#[test]
fn noise_of_the_baseline_makes_the_99th_percentile_advisory() {
    let gate = GATES.iter().find(|gate| gate.metric == "response-time-p99");
    let gate = gate.unwrap();
    let noisy = vec![1.0, 1.3, 0.8, 1.5, 1.1, 0.7, 1.2];
    let quiet = vec![1.0, 1.01, 0.99, 1.02, 0.98, 1.03, 0.97];
    let worse: Vec<f64> = noisy.iter().map(|figure| figure * 9.0).collect();
    let judged = judge(&[sample(gate, noisy.clone(), worse)], true);
    assert!(judged[0].advisory);
    assert_eq!(judged[0].verdict, MetricVerdict::Regressed, "still told");
    let judged = judge(&[sample(gate, quiet, noisy)], true);
    assert!(!judged[0].advisory, "the candidate's noise excuses nothing");
}

#[test]
fn a_sure_change_below_the_floor_is_none() {
    let gate = &GATES[1];
    let before = vec![1.0, 1.001, 1.002, 1.003, 1.004, 1.005, 1.006];
    let after: Vec<f64> = before.iter().map(|figure| figure * 1.04).collect();
    let judged = judge(&[sample(gate, before, after)], true);
    assert!(judged[0].adjusted_p.unwrap() < 0.001);
    assert_eq!(judged[0].verdict, MetricVerdict::Unchanged);
}

#[test]
fn the_least_visible_worsening_grows_with_noise_and_ends_with_too_few_runs() {
    let mut simulated = Simulated::new("visible");
    let mut least = |runs: usize, cv: f64| {
        let samples = sets(&mut simulated, runs, cv, 1.0, 0.0);
        let judged = judge(&samples, true);
        samples[1].least_visible(&judged[1], GATES.len())
    };
    let (quiet, noisy) = (least(7, 0.01).unwrap(), least(7, 0.1).unwrap());
    assert!((0.05..0.08).contains(&quiet), "{quiet}");
    assert!(noisy > 0.1, "{noisy}");
    assert_eq!(least(4, 0.01), None);
}

#[test]
fn errors_where_there_were_none_are_seen() {
    let gate = GATES.iter().find(|gate| gate.metric == "error-share");
    let gate = gate.unwrap();
    let one = sample(gate, vec![0.0; 7], vec![0.01; 7]);
    assert_eq!(judge(&[one], true)[0].verdict, MetricVerdict::Regressed);
    let few = sample(gate, vec![0.0; 7], vec![0.000_5; 7]);
    assert_eq!(judge(&[few], true)[0].verdict, MetricVerdict::Unchanged);
}

#[test]
fn a_throughput_of_nothing_is_worse() {
    let none = sample(&GATES[0], vec![100.0; 7], vec![0.0; 7]);
    assert_eq!(judge(&[none], true)[0].verdict, MetricVerdict::Regressed);
    let still_none = sample(&GATES[0], vec![0.0; 7], vec![0.0; 7]);
    assert_eq!(
        judge(&[still_none], true)[0].verdict,
        MetricVerdict::Unchanged
    );
}

proptest! {
    #[test]
    fn from_the_other_side_worse_is_better(
        figures in prop::collection::vec(0.5..2.0_f64, 7),
        factor in 0.5..2.0_f64,
    ) {
        let scaled: Vec<f64> = figures.iter().map(|figure| figure * factor).collect();
        for gate in GATES {
            let here = judge(&[sample(gate, figures.clone(), scaled.clone())], true);
            let there = judge(&[sample(gate, scaled.clone(), figures.clone())], true);
            // Absolute noise grows with the figures, so only ratios see the same from both sides.
            if gate.metric != "error-share" {
                prop_assert_eq!(flipped(here[0].verdict), there[0].verdict);
            }
        }
    }

    #[test]
    fn no_two_sets_are_each_worse_than_the_other(
        left in prop::collection::vec(0.5..2.0_f64, 5..9),
        right in prop::collection::vec(0.5..2.0_f64, 5..9),
    ) {
        for gate in GATES {
            let here = judge(&[sample(gate, left.clone(), right.clone())], true)[0].verdict;
            let there = judge(&[sample(gate, right.clone(), left.clone())], true)[0].verdict;
            prop_assert!(here == MetricVerdict::Unchanged || here != there);
        }
    }

    #[test]
    fn a_set_is_never_worse_than_itself(
        figures in prop::collection::vec(0.0..2.0_f64, 4..12),
    ) {
        for gate in GATES {
            let same = judge(&[sample(gate, figures.clone(), figures.clone())], true);
            prop_assert_eq!(same[0].verdict, MetricVerdict::Unchanged);
            prop_assert_eq!(same[0].p, Some(1.0));
        }
    }
}

fn flipped(verdict: MetricVerdict) -> MetricVerdict {
    match verdict {
        MetricVerdict::Regressed => MetricVerdict::Improved,
        MetricVerdict::Improved => MetricVerdict::Regressed,
        other => other,
    }
}
