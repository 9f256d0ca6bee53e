//! A threshold: a metric, a relation and a limit.

use std::fmt;

use crate::doubt::doubt;
use crate::metric::metric;
use crate::record::RunRecord;
use crate::verdict::ThresholdResult;

/// A condition that a run has to meet, such as `response-time-p99 <= 0.5`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The condition, as people read it.
    pub text: String,
    /// Name of one of [`metrics`](crate::metrics).
    pub metric: String,
    /// How the figure has to stand to the limit.
    pub relation: Relation,
    /// The limit, in the metric's unit.
    pub limit: f64,
}

/// How a figure has to stand to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

// === impl Threshold ===

impl Threshold {
    /// Compares the run's figure with the limit. A figure that the run does not have never holds.
    #[must_use]
    pub fn evaluate(&self, record: &RunRecord) -> ThresholdResult {
        let actual = metric(record, &self.metric);
        ThresholdResult {
            text: self.text.clone(),
            metric: self.metric.clone(),
            actual,
            limit: self.limit,
            held: actual.is_some_and(|value| self.relation.holds(value, self.limit)),
            doubt: doubt(record, &self.metric),
        }
    }
}

// === impl Relation ===

impl Relation {
    /// True where `value` stands so to `limit`. Nothing holds of a value that is not a number.
    #[must_use]
    #[expect(
        clippy::float_cmp,
        reason = "`==` is for counts, which are exact in an f64"
    )]
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
            Self::Equal => value == limit,
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::AtLeast => ">=",
            Self::Above => ">",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{LoadResult, OutcomeCounts};

    fn run_with_wrong(wrong: u64) -> RunRecord {
        let outcomes = OutcomeCounts {
            wrong,
            ..OutcomeCounts::default()
        };
        let load = LoadResult {
            outcomes,
            ..LoadResult::default()
        };
        RunRecord {
            load: Some(load),
            ..RunRecord::default()
        }
    }

    fn check(metric: &str, relation: Relation, limit: f64, expected: (Option<f64>, bool)) {
        let text = format!("{metric} {relation} {limit}");
        let threshold = Threshold {
            text,
            metric: metric.to_owned(),
            relation,
            limit,
        };
        let result = threshold.evaluate(&run_with_wrong(3));
        assert_eq!((result.actual, result.held), expected, "{}", result.text);
    }

    #[test]
    fn a_condition_holds_or_not() {
        check("wrong", Relation::Equal, 3.0, (Some(3.0), true));
        check("wrong", Relation::Equal, 0.0, (Some(3.0), false));
        check("wrong", Relation::Below, 3.0, (Some(3.0), false));
        check("wrong", Relation::AtMost, 3.0, (Some(3.0), true));
        check("wrong", Relation::AtLeast, 3.0, (Some(3.0), true));
        check("wrong", Relation::Above, 3.0, (Some(3.0), false));
        check("wrong", Relation::Above, f64::NAN, (Some(3.0), false));
    }

    #[test]
    fn what_was_not_measured_does_not_hold() {
        check("missing", Relation::Equal, 0.0, (None, false));
        check("no-such-metric", Relation::AtLeast, 0.0, (None, false));
    }
}
