//! A comparison for people: the page, the summary for a pull request, JUnit, the table.

mod junit;
mod markdown;
mod page;
mod text;

use sim_comparison::{Interval, MetricComparison, MetricVerdict, Scale};

use crate::format::{NOTHING, cut, of_metric, rate};

pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
pub(crate) use page::Page;
pub(crate) use text::text;

/// Longest text taken from the comparison where one or two sentences are expected, in characters.
const MAX_TEXT: usize = 600;
/// Longest name taken from the comparison, in characters.
const MAX_NAME: usize = 80;
/// Reasons and caveats that are shown; the rest is counted.
const MAX_SENTENCES: usize = 30;
/// Runs of a side that are shown; the rest is counted.
const MAX_RUNS: usize = 100;

/// A metric's cells, as page, summary and table have them.
struct Cells {
    title: String,
    baseline: String,
    candidate: String,
    change: String,
    interval: String,
    adjusted_p: String,
    threshold: String,
    noise: String,
    verdict: &'static str,
}

// === impl Cells ===

impl Cells {
    fn of(metric: &MetricComparison) -> Self {
        let figure = |median: Option<f64>| shown(median, |median| figure(metric, median));
        let scale = metric.scale;
        let interval = metric.interval.map(|interval| span(scale, interval));
        Self {
            title: capital(&cut(&metric.title, MAX_NAME)),
            baseline: figure(metric.baseline.median),
            candidate: figure(metric.candidate.median),
            change: shown(metric.change, |change| scale.signed(change)),
            interval: interval.unwrap_or(NOTHING.to_owned()),
            adjusted_p: shown(metric.adjusted_p, probability),
            threshold: shown(Some(metric.threshold), |threshold| scale.size(threshold)),
            noise: shown(metric.noise, |noise| scale.size(noise)),
            verdict: word(metric),
        }
    }
}

/// A figure in its unit, as short as a column needs it.
fn figure(metric: &MetricComparison, value: f64) -> String {
    if metric.unit == "per-second" {
        format!("{}/s", rate(value))
    } else {
        of_metric(&metric.name, value)
    }
}

/// An interval with its unit once: `−19 to −14 %`.
fn span(scale: Scale, interval: Interval) -> String {
    let (low, high) = (scale.signed(interval.low), scale.signed(interval.high));
    if low == high {
        return low;
    }
    let unit = high.split_once(' ').map_or("", |(_, unit)| unit);
    let low = low.strip_suffix(unit).map_or(low.as_str(), str::trim_end);
    format!("{low} to {high}")
}

/// What a metric comes to, in a word or two.
fn word(metric: &MetricComparison) -> &'static str {
    match (metric.advisory, metric.verdict) {
        (true, MetricVerdict::Regressed) => "worse (only shown)",
        (true, MetricVerdict::Improved) => "better (only shown)",
        (true, _) => "only shown",
        (false, MetricVerdict::Unchanged) => "unchanged",
        (false, MetricVerdict::Regressed) => "worse",
        (false, MetricVerdict::Improved) => "better",
        (false, MetricVerdict::Undecided) => "undecided",
        (false, MetricVerdict::NotMeasured) => "not measured",
    }
}

fn shown(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    let number = value.filter(|value| value.is_finite());
    number.map_or(NOTHING.to_owned(), show)
}

/// `0.012`, `<0.001`.
fn probability(p: f64) -> String {
    if p < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// The first sentences, cut to length, and how many more there are.
fn sentences(all: &[String]) -> (Vec<String>, usize) {
    let first = all.iter().take(MAX_SENTENCES);
    let first = first.map(|sentence| capital(&cut(sentence.trim(), MAX_TEXT)));
    (first.collect(), all.len().saturating_sub(MAX_SENTENCES))
}

/// With a capital at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase());
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_its_unit_once() {
        let span = |low, high| span(Scale::Ratio, Interval { low, high });
        assert_eq!(span(-0.19, -0.14), "−19 to −14 %");
        assert_eq!(span(0.0, 0.0), "±0 %");
        assert_eq!(span(-0.02, 0.131), "−2 to +13 %");
    }
}
