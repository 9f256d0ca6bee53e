//! The counts as people read them, and what grew.

use std::fmt::Write as _;

use crate::bodies::{Body, Work};
use crate::record::Record;

const NOT_COUNTABLE: &str = "not countable under valgrind: \
                             the P-256 library needs instructions valgrind does not know";

/// The counts of `bodies`, beside a baseline, in Markdown that also reads well as it is.
pub(crate) fn of(
    bodies: &[&Body],
    record: &Record,
    baseline: Option<&Record>,
    allow_percent: f64,
) -> String {
    let mut text = String::new();
    text.push_str(
        "| body | instructions | for each | baseline | ratio |\n|---|---:|---|---:|---|\n",
    );
    for body in bodies {
        // Writing to a String cannot fail; the results are let go throughout.
        let Work::Counted { elements, .. } = body.work else {
            let _ = writeln!(text, "| {} | {NOT_COUNTABLE} | | | |", body.name);
            continue;
        };
        let now = record.counts.get(body.name).copied();
        let before = baseline.and_then(|baseline| baseline.counts.get(body.name).copied());
        let ratio = now.zip(before).map(|(now, before)| now / before);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            body.name,
            now.map_or("–".to_owned(), grouped),
            elements.1,
            before.map_or("–".to_owned(), grouped),
            ratio.map_or("–".to_owned(), |ratio| said(ratio, allow_percent)),
        );
    }
    text
}

/// Bodies of the baseline that take more instructions now than `allow_percent` beyond it.
pub(crate) fn grown<'a>(record: &'a Record, baseline: &Record, allow_percent: f64) -> Vec<&'a str> {
    let counts = record.counts.iter();
    counts
        .filter(|(body, now)| {
            let before = baseline.counts.get(*body);
            before.is_some_and(|before| is_more(*now / before, allow_percent))
        })
        .map(|(body, _)| body.as_str())
        .collect()
}

fn said(ratio: f64, allow_percent: f64) -> String {
    let grew = if is_more(ratio, allow_percent) {
        " **grew**"
    } else {
        ""
    };
    format!("{ratio:.3}{grew}")
}

fn is_more(ratio: f64, allow_percent: f64) -> bool {
    ratio > 1.0 + allow_percent / 100.0
}

/// A whole number, thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{grouped, grown, of};
    use crate::bodies::BODIES;
    use crate::record::Record;

    fn record(counts: &[(&str, f64)]) -> Record {
        let mut record = Record::new("valgrind-3");
        let counts = counts.iter();
        record.counts = counts
            .map(|(body, count)| ((*body).to_owned(), *count))
            .collect();
        record
    }

    #[test]
    fn a_line_says_what_was_before_and_whether_it_grew() {
        let now = record(&[
            ("names/service", 1_030.4),
            ("names/client/plain", 1_019.0),
            ("http1/exchange", 20_000.0),
        ]);
        let before = record(&[("names/service", 1_000.0), ("names/client/plain", 1_000.0)]);
        let names = [
            "signing/batch/64",
            "http1/exchange",
            "names/client/plain",
            "names/service",
        ];
        let bodies: Vec<_> = BODIES
            .iter()
            .filter(|body| names.contains(&body.name))
            .collect();
        let text = of(&bodies, &now, Some(&before), 2.0);
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| signing/batch/64 | not countable under valgrind: the P-256 library needs \
                 instructions valgrind does not know | | | |",
                "| http1/exchange | 20,000 | call | – | – |",
                "| names/client/plain | 1,019 | call | 1,000 | 1.019 |",
                "| names/service | 1,030 | call | 1,000 | 1.030 **grew** |",
            ]
        );
        assert_eq!(grown(&now, &before, 2.0), ["names/service"]);
        assert!(grown(&now, &before, 4.0).is_empty());
        assert_eq!(grown(&now, &before, 0.0).len(), 2);
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [
            (0.4, "0"),
            (999.0, "999"),
            (1e3, "1,000"),
            (1.5e6, "1,500,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
