//! What is told of a comparison: on the page, in a pull request, to a build server, in a terminal.
//! To accept changed words: `INSTA_UPDATE=always`.

pub(crate) mod sets;

use insta::assert_snapshot;
use sim_comparison::Comparison;

use crate::fragment::words;
use sets::{different, huge, improved, inconclusive, noisy, regressed, unchanged, wrong};

/// Longest page, in bytes.
const LONGEST: usize = 1_000_000;

#[track_caller]
fn page(comparison: &Comparison) -> String {
    reports::comparison_html(comparison).expect("every comparison has a page")
}

#[track_caller]
fn junit(comparison: &Comparison) -> String {
    reports::comparison_junit(comparison).expect("every comparison has a test report")
}

fn told(page: &str) -> String {
    let parts = [
        "verdict",
        "glance",
        "metrics",
        "every-run",
        "caveats",
        "machines",
        "runs",
        "method",
    ];
    let part = |id: &str| format!("=== {id}\n{}", words(page, id));
    parts.map(part).join("\n\n")
}

fn all() -> Vec<Comparison> {
    vec![
        regressed(),
        improved(),
        unchanged(),
        noisy(),
        inconclusive(),
        wrong(),
        different(),
        huge(),
    ]
}

#[test]
fn a_slower_build() {
    let comparison = regressed();
    assert_snapshot!("comparison_regressed_page", told(&page(&comparison)));
    let markdown = reports::comparison_markdown(&comparison);
    assert_snapshot!("comparison_regressed_markdown", markdown);
    assert_snapshot!("comparison_regressed_junit", junit(&comparison));
    let text = reports::comparison_text(&comparison);
    assert_snapshot!("comparison_regressed_text", text);
}

#[test]
fn the_same_build_on_a_noisy_machine() {
    let comparison = noisy();
    assert_snapshot!("comparison_noisy_page", told(&page(&comparison)));
    assert_snapshot!(
        "comparison_noisy_text",
        reports::comparison_text(&comparison)
    );
    assert_snapshot!("comparison_noisy_junit", junit(&comparison));
}

#[test]
fn a_faster_build_and_one_like_the_other() {
    let text = reports::comparison_text(&improved());
    assert!(
        text.starts_with("IMPROVED  The candidate is better: throughput +20 %"),
        "{text}"
    );
    let markdown = reports::comparison_markdown(&unchanged());
    let headline = "**PASS**: No metric changed by more than runs of one build differ.";
    assert!(markdown.starts_with(headline), "{markdown}");
}

#[test]
fn too_few_runs() {
    let comparison = inconclusive();
    assert_snapshot!(
        "comparison_inconclusive_markdown",
        reports::comparison_markdown(&comparison)
    );
    assert_snapshot!("comparison_inconclusive_junit", junit(&comparison));
}

#[test]
fn wrong_answers_fail_a_test_case_of_their_own() {
    let junit = junit(&wrong());
    assert!(junit.contains("failures=\"1\""), "{junit}");
    assert!(junit.contains("name=\"answers\""), "{junit}");
    assert!(junit.contains("3 wrong answers in 1 run"), "{junit}");
}

#[test]
fn pages_load_nothing_and_are_not_too_long() {
    for comparison in all() {
        let page = page(&comparison);
        assert!(page.len() < LONGEST, "{} bytes", page.len());
        for sign in [
            "http://", "https://", "url(", "src=", "<script", "<link", "<img",
        ] {
            assert!(!page.contains(sign), "{sign}");
        }
        for element in [
            "section", "div", "table", "tr", "td", "li", "figure", "svg", "p", "dl",
        ] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            assert_eq!(
                opened,
                page.matches(&format!("</{element}>")).count(),
                "{element}"
            );
        }
    }
}

#[test]
fn text_of_the_runs_stays_text() {
    let mut comparison = regressed();
    let hostile = "</title><script>alert(1)</script>\" x='|`*\u{1}\n&";
    comparison.scenario = hostile.to_owned();
    comparison.candidate.machine.cpu_model = hostile.to_owned();
    comparison.candidate.runs[0].path = hostile.into();
    comparison.reasons.push(hostile.to_owned());
    comparison.untrue.push(hostile.to_owned());
    let page = page(&comparison);
    assert!(!page.contains("<script"));
    let markdown = reports::comparison_markdown(&comparison);
    let outside_code = markdown.lines().filter(|line| !line.contains('`'));
    for line in outside_code {
        assert!(!line.contains("<script"), "{line}");
    }
    assert!(markdown.contains("&lt;script&gt;"), "{markdown}");
    let junit = junit(&comparison);
    assert!(
        !junit.contains("<script") && !junit.contains('\u{1}'),
        "{junit}"
    );
    assert!(junit.contains("&lt;script&gt;"), "{junit}");
    let inside = junit.matches("</testcase>").count() + junit.matches("\"/>").count();
    assert!(inside >= 7, "{junit}");
}

#[test]
fn figures_without_sense_have_a_page() {
    for figure in [0.0, -1.0, 1e300, f64::MAX, f64::NAN, f64::INFINITY] {
        let mut comparison = regressed();
        for metric in &mut comparison.metrics {
            metric.baseline.median = Some(figure);
            metric.candidate.runs[0] = Some(figure);
            (metric.change, metric.p) = (Some(figure), Some(figure));
            (metric.threshold, metric.noise) = (figure, Some(figure));
        }
        let page = page(&comparison);
        assert!(!page.contains("NaN"), "{figure}");
        assert!(page.len() < LONGEST);
        assert!(!reports::comparison_markdown(&comparison).contains("NaN"));
        assert!(!reports::comparison_text(&comparison).contains("NaN"));
        assert!(!junit(&comparison).contains("NaN"));
    }
}
