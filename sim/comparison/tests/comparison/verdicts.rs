//! What two sets of runs come to.

use sim_comparison::{
    CompareError, ComparisonVerdict, Difference, MetricVerdict, Options, RunSet, compare,
};
use sim_metrics::VerdictOutcome;

use crate::fixture::{QUIET, compared, set};

/// Seven runs as noisy as those of a machine that does something else besides.
const NOISY: [f64; 7] = [1.0, 0.82, 1.14, 1.25, 0.9, 1.08, 0.75];

#[track_caller]
fn check(baseline: &RunSet, candidate: &RunSet, verdict: ComparisonVerdict, reason: &str) {
    let comparison = compared(baseline, candidate);
    assert_eq!(comparison.verdict, verdict, "{:?}", comparison.reasons);
    let reasons = comparison.reasons.join("\n");
    assert!(reasons.contains(reason), "{reasons}");
}

#[track_caller]
fn heads(baseline: &RunSet, candidate: &RunSet) -> Vec<String> {
    let caveats = compared(baseline, candidate).caveats;
    caveats.into_iter().map(|caveat| caveat.head).collect()
}

#[test]
fn a_set_beside_itself_passes() {
    let runs = set("main", 1.0, &QUIET);
    check(&runs, &runs, ComparisonVerdict::Pass, "");
    assert_eq!(compared(&runs, &runs).reasons, [""; 0]);
    assert_eq!(heads(&runs, &runs), ["The same run is on both sides."]);
}

#[test]
fn a_fifth_slower_is_worse_in_every_metric() {
    let comparison = compared(&set("main", 1.0, &QUIET), &set("slow", 1.2, &QUIET));
    assert_eq!(comparison.verdict, ComparisonVerdict::Regressed);
    assert_eq!(comparison.reasons.len(), 5, "{:?}", comparison.reasons);
    let reason = &comparison.reasons[1];
    assert!(
        reason.starts_with("response time (median): +20 % (95 % interval +"),
        "{reason}"
    );
    let headline = comparison.headline();
    assert!(headline.contains("throughput −17 %"), "{headline}");
    for metric in &comparison.metrics {
        let interval = metric.interval.expect("every metric was measured");
        let change = metric.change.expect("no median is zero");
        assert!(interval.low <= change && change <= interval.high);
    }
}

#[test]
fn from_the_other_side_it_is_better() {
    let (fast, slow) = (set("main", 1.0, &QUIET), set("slow", 1.2, &QUIET));
    check(
        &slow,
        &fast,
        ComparisonVerdict::Improved,
        "throughput: +20 %",
    );
}

#[test]
fn the_same_runs_give_the_same_comparison() {
    let (a, b) = (set("main", 1.0, &QUIET), set("next", 1.05, &NOISY));
    assert_eq!(compared(&a, &b), compared(&a, &b));
}

#[test]
fn too_few_runs_say_how_many_are_needed() {
    let (a, b) = (set("main", 1.0, &QUIET[..4]), set("slow", 3.0, &QUIET));
    // Four and seven can be divided in 330 ways, which is enough for six metrics.
    check(&a, &b, ComparisonVerdict::Regressed, "throughput");
    let b = set("slow", 3.0, &QUIET[..4]);
    check(&a, &b, ComparisonVerdict::Inconclusive, "each side needs 5");
    let comparison = compared(&a, &b);
    assert_eq!(comparison.runs_needed, 5);
    let undecided = |verdict| verdict == MetricVerdict::Undecided;
    assert!(comparison.metrics.iter().all(|m| undecided(m.verdict)));
}

#[test]
fn a_run_that_broke_is_not_left_out_silently() {
    let (a, mut b) = (set("main", 1.0, &QUIET), set("slow", 1.2, &QUIET));
    b.runs[3].record.verdict.outcome = VerdictOutcome::Error;
    b.runs[3].record.verdict.reasons = vec!["the register died".to_owned()];
    let reason = "run-3/run.json (the register died)";
    check(&a, &b, ComparisonVerdict::Inconclusive, reason);
    let mut b = set("slow", 1.2, &QUIET);
    b.unfinished.push("run-7".into());
    check(
        &a,
        &b,
        ComparisonVerdict::Inconclusive,
        "run-7 (no run.json)",
    );
}

#[test]
fn figures_that_the_generator_distrusts_are_told() {
    let (a, mut b) = (set("main", 1.0, &QUIET), set("next", 1.0, &QUIET));
    let load = b.runs[2].record.load.as_mut().unwrap();
    load.pacer_lag.p50_us = 9_000;
    b.runs[2].record.verdict.outcome = VerdictOutcome::Inconclusive;
    let comparison = compared(&a, &b);
    assert_eq!(comparison.verdict, ComparisonVerdict::Pass);
    let text = &comparison.caveats[0].text;
    let told = "Response time (median) in 1 of 14 runs: of ";
    assert!(text.starts_with(told), "{text}");
    b.runs[2].record.verdict.outcome = VerdictOutcome::Invalid;
    check(&a, &b, ComparisonVerdict::Inconclusive, "cannot be used");
}

#[test]
fn wrong_answers_need_no_statistics() {
    let (a, mut b) = (set("main", 1.0, &QUIET[..2]), set("fast", 0.5, &QUIET[..2]));
    b.runs[1].record.audit.as_mut().unwrap().wrong = 3;
    let reason = "3 wrong answers in 1 run, where the baseline has none";
    check(&a, &b, ComparisonVerdict::Regressed, reason);
    assert!(compared(&a, &b).headline().contains("cannot be relied on"));
    let (a, mut b) = (set("main", 1.0, &QUIET), set("slow", 1.2, &QUIET));
    b.runs[1].record.audit.as_mut().unwrap().unproven = 1;
    check(&a, &b, ComparisonVerdict::Regressed, "throughput: −17 %");
    assert!(compared(&a, &b).headline().contains("cannot be relied on"));
    let mut b = set("fast", 0.5, &QUIET);
    b.runs[1].record.audit.as_mut().unwrap().missing = 1;
    let a = set("main", 1.0, &QUIET);
    check(
        &a,
        &b,
        ComparisonVerdict::Regressed,
        "1 record missing in 1 run",
    );
}

#[test]
fn a_faster_build_that_answers_wrong_is_not_better() {
    let (mut a, mut b) = (set("main", 1.0, &QUIET), set("fast", 0.5, &QUIET));
    for set in [&mut a, &mut b] {
        set.runs[0].record.audit.as_mut().unwrap().wrong = 1;
    }
    check(
        &a,
        &b,
        ComparisonVerdict::Inconclusive,
        "1 wrong answer in 1 run",
    );
    assert!(heads(&a, &b).contains(&"Answers are wrong or unproven.".to_owned()));
}

#[test]
fn a_pass_says_what_it_could_not_have_seen() {
    let (a, b) = (set("main", 1.0, &NOISY), set("next", 1.0, &NOISY));
    let comparison = compared(&a, &b);
    assert_eq!(comparison.verdict, ComparisonVerdict::Pass);
    let heads = heads(&a, &b);
    assert_eq!(heads[0], "A worsening could have been missed.");
    assert!(heads.contains(&"A metric is only shown.".to_owned()));
    let text = &comparison.caveats[0].text;
    assert!(text.contains("throughput from "), "{text}");
}

#[test]
fn metrics_that_nobody_measured_are_told_and_those_of_some_runs_leave_it_open() {
    let (mut a, mut b) = (set("main", 1.0, &QUIET), set("next", 1.0, &QUIET));
    for run in &mut b.runs {
        run.record.processes.clear();
    }
    let reason = "no figure for processor time an exchange";
    check(&a, &b, ComparisonVerdict::Inconclusive, reason);
    for run in &mut a.runs {
        run.record.processes.clear();
    }
    check(&a, &b, ComparisonVerdict::Pass, "");
    assert!(heads(&a, &b).contains(&"Metrics were not measured.".to_owned()));
}

#[test]
fn caveats_tell_of_errors_order_machine_and_failed_runs() {
    let (a, mut b) = (set("main", 1.0, &QUIET), set("next", 1.0, &QUIET));
    for run in &mut b.runs {
        run.record.started_at = run.record.started_at.replace("T10", "T11");
        run.record.machine.kernel = "6.2.0".to_owned();
    }
    b.runs[0].record.load.as_mut().unwrap().outcomes.failed = 1;
    b.runs[0].record.load.as_mut().unwrap().dropped = 4;
    b.runs[0].record.verdict.outcome = VerdictOutcome::Failed;
    b.runs[1].record.audit = None;
    check(&a, &b, ComparisonVerdict::Pass, "");
    assert_eq!(
        heads(&a, &b),
        [
            "Not every run was audited.",
            "Runs failed by their own thresholds.",
            "Errors where there were none.",
            "Not every question was asked.",
            "The runs were not made in turns.",
            "The machine changed a little.",
        ]
    );
}

#[track_caller]
fn check_refused(change: impl Fn(&mut RunSet), told: &str) {
    let (a, mut b) = (set("main", 1.0, &QUIET), set("next", 1.0, &QUIET));
    change(&mut b);
    let error = compare(&a, &b, Options::default()).expect_err(told);
    let text = error.to_string();
    assert!(text.contains(told), "{text}");
    if let CompareError::Different(_) = error {
        assert!(text.contains("main/run-0/run.json"), "{text}");
        assert!(text.contains("next/run-4/run.json"), "{text}");
        let allowed = compare(
            &a,
            &b,
            Options {
                allow_different: true,
            },
        )
        .expect("it is allowed");
        assert!(allowed.caveats[0].text.contains(told));
    }
}

#[test]
fn runs_that_are_not_alike_are_refused() {
    check_refused(
        |set| set.runs[4].record.scenario.text.push_str("load: 8\n"),
        "line 3 is the end and `load: 8`",
    );
    check_refused(|set| set.runs[4].record.scenario.seed = 7, "2025 and 7");
    check_refused(|set| set.runs[4].record.machine.cores = 4, "2 and 4 cores");
    check_refused(
        |set| set.runs[4].record.machine.cpu_model = "Other".to_owned(),
        "processor `Example Processor 4` and `Other`",
    );
    check_refused(
        |set| {
            let exchange = set.runs[4].record.exchange.as_mut().unwrap();
            exchange.settings[0].value = "per-message".to_owned();
        },
        "signatures is `batched` and `per-message`",
    );
    check_refused(|set| set.runs[4].record.exchange = None, "does not say how");
    check_refused(|set| set.runs[4].record.schema_version = 2, "1 and 2");
}

#[test]
fn a_copy_is_no_second_run() {
    check_refused(
        |set| set.runs[4].record.run_id = set.runs[1].record.run_id.clone(),
        "are the same run, next-1",
    );
    check_refused(|set| set.runs.clear(), "the candidate has no runs");
}

#[test]
fn a_difference_names_its_files() {
    let (a, mut b) = (set("main", 1.0, &QUIET), set("next", 1.0, &QUIET));
    b.runs[0].record.scenario.seed = 1;
    let error = compare(&a, &b, Options::default()).expect_err("the seeds differ");
    let CompareError::Different(difference) = error else {
        panic!("{error}");
    };
    assert!(matches!(
        *difference,
        Difference::Seed {
            seeds: (2025, 1),
            ..
        }
    ));
}

#[test]
fn it_can_be_kept_and_read_again() {
    let comparison = compared(&set("main", 1.0, &QUIET), &set("slow", 1.2, &QUIET));
    let text = serde_json::to_string(&comparison).unwrap();
    let again: sim_comparison::Comparison = serde_json::from_str(&text).unwrap();
    assert_eq!(again.verdict, comparison.verdict);
    assert_eq!(again.metrics.len(), 6);
    assert!(text.contains("\"verdict\":\"regressed\""), "{text}");
    let schema = sim_comparison::comparison_schema();
    assert!(schema["properties"]["metrics"].is_object());
}
