//! How many people a question is about: `1`, `20 to 200`, `median 3, p99 200`.

use schemars::{Schema, json_schema};
use sim_workload::{DECK, Sizes};

use super::number::{grouped, whole_number};
use super::{Scalar, ValueError};
use crate::raw::MAX_IDS_PER_EXCHANGE;

/// How many people a question is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct QuestionSize(pub(crate) Sizes);

impl Scalar for QuestionSize {
    fn accepted() -> String {
        format!(
            "a whole number from 1 to {}, any number as often as the others with `20 to 200`, or \
             many small and few large ones (log-normal) with `median 3, p99 200`",
            grouped(MAX_IDS_PER_EXCHANGE)
        )
    }

    fn schema() -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 1,
            "maximum": MAX_IDS_PER_EXCHANGE,
            "pattern": "^([0-9_]+|[0-9_]+ to [0-9_]+|median [0-9_]+, p99 [0-9_]+)$",
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let sizes = if let Some(rest) = text.strip_prefix("median ") {
            let Some((median, p99)) = rest.split_once(',') else {
                return Err(ValueError::new(format!("`{text}` does not say its `p99`")));
            };
            let Some(p99) = p99.trim().strip_prefix("p99 ") else {
                return Err(ValueError::new(format!("`{text}` does not say its `p99`")));
            };
            let (median, p99) = (size(median)?, size(p99)?);
            rising(median, p99)?;
            Sizes::LogNormal { median, p99 }
        } else if let Some((from, to)) = text.split_once(" to ") {
            let (from, to) = (size(from)?, size(to)?);
            rising(from, to)?;
            Sizes::Uniform { from, to }
        } else {
            Sizes::Fixed(size(text)?)
        };
        // Beyond the 99th percentile there are larger ones.
        let (_, largest) = sizes.range(DECK as u64);
        if largest > MAX_IDS_PER_EXCHANGE {
            return Err(ValueError::new(format!(
                "one in {} of these questions would be about {} people",
                grouped(DECK as u64),
                grouped(largest)
            )));
        }
        Ok(Self(sizes))
    }
}

fn size(text: &str) -> Result<u64, ValueError> {
    let size = whole_number(text.trim())?;
    if size < 1 {
        return Err(ValueError::new(format!("{text} is too small")));
    }
    if size > MAX_IDS_PER_EXCHANGE {
        return Err(ValueError::new(format!("{text} is too large")));
    }
    Ok(size)
}

fn rising(low: u64, high: u64) -> Result<(), ValueError> {
    if low < high {
        Ok(())
    } else {
        Err(ValueError::new(format!("{high} is not above {low}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_fixed_or_spread() {
        let check = |text, expected| assert_eq!(QuestionSize::parse(text).unwrap().0, expected);
        check("1", Sizes::Fixed(1));
        check("10_000", Sizes::Fixed(10_000));
        check("20 to 200", Sizes::Uniform { from: 20, to: 200 });
        let spread = Sizes::LogNormal {
            median: 3,
            p99: 200,
        };
        check("median 3, p99 200", spread);
    }

    #[test]
    fn what_is_no_size_is_said() {
        let check = |text, expected: &str| {
            let said = QuestionSize::parse(text).unwrap_err().message;
            assert!(said.contains(expected), "{text}: {said}");
        };
        check("0", "0 is too small");
        check("10_001", "10_001 is too large");
        check("some", "`some`");
        check("200 to 20", "20 is not above 200");
        check("20 to", "`20 to`");
        check("median 3", "does not say its `p99`");
        check("median 3, most 9", "does not say its `p99`");
        check("median 3, p99 3", "3 is not above 3");
        check(
            "median 500, p99 9_000",
            "one in 10_000 of these questions would be about",
        );
    }
}
