//! What must hold after a run.

use std::time::Duration;

/// A condition on one measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// What is measured.
    pub metric: MetricName,
    /// How it must relate to `value`.
    pub comparison: Comparison,
    /// The bound, in the unit that [`MetricName::unit`] names.
    pub value: f64,
    /// The part of the load that it is about; absent: all of it.
    pub window: Option<Window>,
    /// The condition as people read it: `response-time-p99: below 500ms`.
    pub text: String,
}

/// A part of a load: what came due in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Since the load began, the warm-up included.
    pub from: Duration,
    /// Likewise, not included; absent: to the end.
    pub until: Option<Duration>,
}

/// How a measured value must relate to the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `= 980`
    Equal,
    /// `< 500ms`
    Below,
    /// `<= 500ms`
    AtMost,
    /// `> 1_000/s`
    Above,
    /// `>= 1_000/s`
    AtLeast,
}

/// The unit of a metric's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricUnit {
    /// A whole number of things.
    Count,
    /// A part of the whole, 0 to 1.
    Share,
    /// Completed exchanges a second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

macro_rules! metric_names {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $unit:ident;)*) => {
        /// What a threshold can be set on; the names are those of the file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MetricName {
            $($(#[doc = $doc])* $variant,)*
        }

        impl MetricName {
            /// Every metric, in the order in which verdicts list them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in files: `response-time-p99`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The unit of its value.
            #[must_use]
            pub const fn unit(self) -> MetricUnit {
                match self { $(Self::$variant => MetricUnit::$unit,)* }
            }
        }
    };
}

metric_names! {
    /// People whom the answers name as deceased.
    DeceasedNamed = "deceased-named", Count;
    /// Exchanges of which everything was verified, of all that were asked.
    Verified = "verified", Share;
    /// Answers that are not the truth.
    Wrong = "wrong", Count;
    /// Records that should exist and do not.
    Missing = "missing", Count;
    /// Records of exchanges that nobody asked for.
    Extra = "extra", Count;
    /// Records whose signature, certificate, time-stamp or log link does not hold.
    Unproven = "unproven", Count;
    /// Exchanges that were answered with a fault.
    Refused = "refused", Count;
    /// Exchanges that ended without a usable answer.
    Failed = "failed", Count;
    /// Exchanges of which nobody knows how they ended.
    Unknown = "unknown", Count;
    /// Records without a time-stamp.
    Unstamped = "unstamped", Count;
    /// Exchanges that came due and were not begun.
    Dropped = "dropped", Count;
    /// Exchanges that were not answered with the truth, of all that were begun.
    ErrorShare = "error-share", Share;
    /// Completed exchanges a second.
    Throughput = "throughput", PerSecond;
    /// Mean response time, from the intended start.
    ResponseTimeMean = "response-time-mean", Seconds;
    /// Median response time, from the intended start.
    ResponseTimeP50 = "response-time-p50", Seconds;
    /// Response time that 90 of 100 exchanges stay within.
    ResponseTimeP90 = "response-time-p90", Seconds;
    /// Response time that 99 of 100 exchanges stay within.
    ResponseTimeP99 = "response-time-p99", Seconds;
    /// Response time that 999 of 1,000 exchanges stay within.
    ResponseTimeP999 = "response-time-p999", Seconds;
    /// The longest response time.
    ResponseTimeMax = "response-time-max", Seconds;
    /// How late exchanges were sent: 99 of 100 stay within.
    StartDelayP99 = "start-delay-p99", Seconds;
    /// Processor time of all parts per answer.
    CpuPerExchange = "cpu-per-exchange", Seconds;
    /// Memory of all processes at their peaks, shared pages divided.
    PeakPss = "peak-pss", Bytes;
    /// Size of all message logs per answer.
    EvidencePerExchange = "evidence-per-exchange", Bytes;
    /// Citizens' journeys that came to their end.
    Journeys = "journeys", Count;
    /// Citizens' journeys that failed.
    JourneysFailed = "journeys-failed", Count;
    /// Citizens' journeys on which something untrue was shown.
    JourneysWrong = "journeys-wrong", Count;
    /// Median response time of the portal's pages.
    PageTimeP50 = "page-time-p50", Seconds;
    /// Response time that 90 of 100 pages of the portal stay within.
    PageTimeP90 = "page-time-p90", Seconds;
    /// Response time that 99 of 100 pages of the portal stay within.
    PageTimeP99 = "page-time-p99", Seconds;
}

// === impl Threshold ===

impl Threshold {
    /// Whether `measured`, in the metric's unit, satisfies the condition. NaN satisfies none.
    #[must_use]
    pub fn holds(&self, measured: f64) -> bool {
        self.comparison.holds(measured, self.value)
    }
}

// === impl Comparison ===

impl Comparison {
    /// Whether `measured` relates to `bound` in this way.
    #[must_use]
    #[expect(
        clippy::float_cmp,
        reason = "counts below 2^53 and shares of them are exact"
    )]
    pub fn holds(self, measured: f64, bound: f64) -> bool {
        match self {
            Self::Equal => measured == bound,
            Self::Below => measured < bound,
            Self::AtMost => measured <= bound,
            Self::Above => measured > bound,
            Self::AtLeast => measured >= bound,
        }
    }
}

// === impl MetricName ===

impl MetricName {
    /// Whether it can be measured over a part of the load: the load generator alone can do that.
    #[must_use]
    pub const fn has_windows(self) -> bool {
        matches!(
            self,
            Self::Wrong
                | Self::Refused
                | Self::Failed
                | Self::Unknown
                | Self::ErrorShare
                | Self::Throughput
                | Self::ResponseTimeMean
                | Self::ResponseTimeP50
                | Self::ResponseTimeP90
                | Self::ResponseTimeP99
                | Self::ResponseTimeP999
                | Self::ResponseTimeMax
                | Self::StartDelayP99
        )
    }
}

impl std::fmt::Display for MetricName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
