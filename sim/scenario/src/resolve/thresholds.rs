//! The thresholds that hold for a run: those of the file, and those that hold without being said.

use super::default_of;
use crate::decode::OneOrMore;
use crate::diagnostics::Span;
use crate::model::{MetricName, Threshold};
use crate::raw::{RawThresholds, defaults};
use crate::values::{Condition, Scalar};

/// A threshold, and where it stands in the file; it need not.
pub(crate) struct Written {
    pub(crate) threshold: Threshold,
    pub(crate) span: Option<Span>,
}

/// The thresholds of `raw` in the order of [`MetricName::ALL`]; with `citizens` there are some that
/// hold of theirs without being said.
pub(crate) fn of(raw: &RawThresholds, citizens: bool) -> Vec<Written> {
    let none = Some(defaults::NONE);
    let all = [
        one(MetricName::DeceasedNamed, raw.deceased_named.as_ref(), None),
        one(
            MetricName::Verified,
            raw.verified.as_ref(),
            Some(defaults::ALL_OF_IT),
        ),
        one(MetricName::Wrong, raw.wrong.as_ref(), none),
        one(MetricName::Missing, raw.missing.as_ref(), none),
        one(MetricName::Extra, raw.extra.as_ref(), none),
        one(MetricName::Unproven, raw.unproven.as_ref(), none),
        one(MetricName::Refused, raw.refused.as_ref(), none),
        one(MetricName::Failed, raw.failed.as_ref(), none),
        one(MetricName::Unknown, raw.unknown.as_ref(), none),
        one(MetricName::Unstamped, raw.unstamped.as_ref(), none),
        one(MetricName::Dropped, raw.dropped.as_ref(), None),
        one(MetricName::ErrorShare, raw.error_share.as_ref(), None),
        one(MetricName::Throughput, raw.throughput.as_ref(), None),
        one(
            MetricName::ResponseTimeMean,
            raw.response_time_mean.as_ref(),
            None,
        ),
        one(
            MetricName::ResponseTimeP50,
            raw.response_time_p50.as_ref(),
            None,
        ),
        one(
            MetricName::ResponseTimeP90,
            raw.response_time_p90.as_ref(),
            None,
        ),
        one(
            MetricName::ResponseTimeP99,
            raw.response_time_p99.as_ref(),
            None,
        ),
        one(
            MetricName::ResponseTimeP999,
            raw.response_time_p999.as_ref(),
            None,
        ),
        one(
            MetricName::ResponseTimeMax,
            raw.response_time_max.as_ref(),
            None,
        ),
        one(
            MetricName::StartDelayP99,
            raw.start_delay_p99.as_ref(),
            None,
        ),
        one(
            MetricName::CpuPerExchange,
            raw.cpu_per_exchange.as_ref(),
            None,
        ),
        one(MetricName::PeakPss, raw.peak_pss.as_ref(), None),
        one(
            MetricName::EvidencePerExchange,
            raw.evidence_per_exchange.as_ref(),
            None,
        ),
        one(MetricName::Journeys, raw.journeys.as_ref(), None),
        one(
            MetricName::JourneysFailed,
            raw.journeys_failed.as_ref(),
            none.filter(|_| citizens),
        ),
        one(
            MetricName::JourneysWrong,
            raw.journeys_wrong.as_ref(),
            none.filter(|_| citizens),
        ),
        one(MetricName::PageTimeP50, raw.page_time_p50.as_ref(), None),
        one(MetricName::PageTimeP90, raw.page_time_p90.as_ref(), None),
        one(MetricName::PageTimeP99, raw.page_time_p99.as_ref(), None),
    ];
    all.into_iter().flatten().collect()
}

/// The thresholds of one metric that are written, or else the one that holds without being said.
fn one<U>(
    metric: MetricName,
    written: Option<&OneOrMore<Condition<U>>>,
    default: Option<&str>,
) -> Vec<Written>
where
    Condition<U>: Scalar,
{
    let threshold = |condition: &Condition<U>, span| Written {
        threshold: Threshold {
            metric,
            comparison: condition.comparison,
            value: condition.bound,
            window: condition.window,
            text: format!("{metric}: {}", condition.text),
        },
        span,
    };
    let Some(written) = written else {
        let default = default.map(default_of::<Condition<U>>);
        return default.iter().map(|it| threshold(it, None)).collect();
    };
    let items = written.items.iter();
    items
        .map(|at| threshold(&at.value, Some(at.span)))
        .collect()
}
