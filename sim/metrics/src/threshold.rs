//! A threshold: a metric, a relation and a limit.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::metric::{metric, metrics};
use crate::record::RunRecord;
use crate::verdict::ThresholdResult;

/// A condition that a run has to meet, such as `response_time_p99_ms <= 500`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The condition, as people read it.
    pub text: String,
    /// Name of one of [`metrics`].
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

/// Why a text is no threshold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ThresholdError {
    /// It lacks one of the three parts.
    #[error("`{0}` is not a metric, a relation (<, <=, ==, >=, >) and a number")]
    Malformed(String),
    /// No metric has that name.
    #[error("no metric is called `{0}`")]
    UnknownMetric(String),
    /// The limit is not a finite number.
    #[error("`{0}` is not a number")]
    Limit(String),
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
        }
    }
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let mut parts = text.split_whitespace();
        let (Some(name), Some(relation), Some(limit), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ThresholdError::Malformed(text.to_owned()));
        };
        let relation = relation
            .parse()
            .map_err(|()| ThresholdError::Malformed(text.to_owned()))?;
        if !metrics().iter().any(|metric| metric.name == name) {
            return Err(ThresholdError::UnknownMetric(name.to_owned()));
        }
        let number: f64 = limit
            .replace('_', "")
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| ThresholdError::Limit(limit.to_owned()))?;
        Ok(Self {
            text: text.to_owned(),
            metric: name.to_owned(),
            relation,
            limit: number,
        })
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

impl FromStr for Relation {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "<" => Self::Below,
            "<=" => Self::AtMost,
            "==" => Self::Equal,
            ">=" => Self::AtLeast,
            ">" => Self::Above,
            _ => return Err(()),
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

    #[test]
    fn a_condition_holds_or_not() {
        let check = |text: &str, expected: bool| {
            let result = text
                .parse::<Threshold>()
                .expect(text)
                .evaluate(&run_with_wrong(3));
            assert_eq!(result.held, expected, "{text}");
            assert_eq!(result.actual, Some(3.0));
            assert_eq!(result.text, text);
        };
        check("wrong == 3", true);
        check("wrong == 0", false);
        check("wrong < 3", false);
        check("wrong <= 3", true);
        check("wrong >= 3", true);
        check("wrong > 3", false);
        check("wrong <= 1_000", true);
    }

    #[test]
    fn what_was_not_measured_does_not_hold() {
        let threshold: Threshold = "audit_wrong == 0".parse().unwrap();
        let result = threshold.evaluate(&run_with_wrong(0));
        assert_eq!((result.actual, result.held), (None, false));
    }

    #[test]
    fn texts_that_are_no_thresholds() {
        let check = |text: &str, expected: ThresholdError| {
            assert_eq!(text.parse::<Threshold>(), Err(expected));
        };
        check("wrong", ThresholdError::Malformed("wrong".to_owned()));
        check(
            "wrong = 0",
            ThresholdError::Malformed("wrong = 0".to_owned()),
        );
        check(
            "wrong == 0 ms",
            ThresholdError::Malformed("wrong == 0 ms".to_owned()),
        );
        check(
            "wrnog == 0",
            ThresholdError::UnknownMetric("wrnog".to_owned()),
        );
        check("wrong == zero", ThresholdError::Limit("zero".to_owned()));
        check("wrong < NaN", ThresholdError::Limit("NaN".to_owned()));
    }
}
