//! JUnit XML: a test case for each metric that decides, and one for the answers themselves.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use sim_comparison::{Comparison, ComparisonVerdict, MetricComparison, MetricVerdict};

use super::{Cells, MAX_TEXT};
use crate::format::cut;

/// Name of the test suite.
const SUITE: &str = "roadtest-comparison";
/// The test case that fails where answers are wrong or unproven that were not.
const ANSWERS: &str = "answers";

/// A test case.
struct Case {
    name: String,
    result: CaseResult,
}

/// How a test case ended.
enum CaseResult {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The comparison as a test report.
///
/// # Errors
///
/// None but those of writing to memory.
pub(crate) fn junit(comparison: &Comparison) -> io::Result<String> {
    let mut cases = vec![answers(comparison)];
    cases.extend(comparison.metrics.iter().map(|m| of_metric(comparison, m)));
    let count = |wanted: fn(&CaseResult) -> bool| {
        let cases = cases.iter().filter(|case| wanted(&case.result));
        cases.count().to_string()
    };
    let failures = count(|result| matches!(result, CaseResult::Failed(_)));
    let skipped = count(|result| matches!(result, CaseResult::Skipped(_)));
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suite = writer
        .create_element("testsuite")
        .with_attribute(("name", SUITE))
        .with_attribute(("tests", cases.len().to_string().as_str()))
        .with_attribute(("failures", failures.as_str()))
        .with_attribute(("errors", "0"))
        .with_attribute(("skipped", skipped.as_str()));
    let class = format!("roadtest.{}", allowed(&comparison.scenario));
    suite.write_inner_content(|writer| {
        for case in &cases {
            case.write(writer, &class)?;
        }
        let told = format!("{}: {}", comparison.verdict.word(), comparison.headline());
        let output = writer.create_element("system-out");
        output.write_text_content(BytesText::new(&allowed(&told)))?;
        Ok(())
    })?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

fn answers(comparison: &Comparison) -> Case {
    let result = if comparison.untrue.is_empty() {
        CaseResult::Passed
    } else {
        CaseResult::Failed(comparison.untrue.join("; "))
    };
    Case {
        name: ANSWERS.to_owned(),
        result,
    }
}

fn of_metric(comparison: &Comparison, metric: &MetricComparison) -> Case {
    let told = told(metric);
    let result = match metric.verdict {
        MetricVerdict::NotMeasured => CaseResult::Skipped("no run has this figure".to_owned()),
        _ if metric.advisory => CaseResult::Skipped(format!("only shown: {told}")),
        MetricVerdict::Undecided => CaseResult::Skipped(undecided(comparison)),
        MetricVerdict::Regressed => CaseResult::Failed(told),
        MetricVerdict::Unchanged | MetricVerdict::Improved => CaseResult::Passed,
    };
    Case {
        name: metric.name.clone(),
        result,
    }
}

fn undecided(comparison: &Comparison) -> String {
    match comparison.verdict {
        ComparisonVerdict::Inconclusive => comparison.reasons.join("; "),
        _ => "these runs do not tell".to_owned(),
    }
}

fn told(metric: &MetricComparison) -> String {
    let cells = Cells::of(metric);
    let told = format!(
        "{}: {} to {}, {} (95 % interval {}), adjusted p {}; a change counts beyond {}",
        cells.title,
        cells.baseline,
        cells.candidate,
        cells.change,
        cells.interval,
        cells.adjusted_p,
        cells.threshold
    );
    told.replace('\u{a0}', " ")
}

// === impl Case ===

impl Case {
    fn write(&self, writer: &mut Writer<Vec<u8>>, class: &str) -> io::Result<()> {
        let name = allowed(&self.name);
        let case = writer
            .create_element("testcase")
            .with_attribute(("classname", class))
            .with_attribute(("name", name.as_str()));
        match &self.result {
            CaseResult::Passed => case.write_empty()?,
            CaseResult::Failed(why) => case.write_inner_content(|writer| {
                let why = allowed(why);
                writer
                    .create_element("failure")
                    .with_attribute(("type", "regression"))
                    .with_attribute(("message", why.as_str()))
                    .write_text_content(BytesText::new(&why))?;
                Ok(())
            })?,
            CaseResult::Skipped(why) => case.write_inner_content(|writer| {
                writer
                    .create_element("skipped")
                    .with_attribute(("message", allowed(why).as_str()))
                    .write_empty()?;
                Ok(())
            })?,
        };
        Ok(())
    }
}

/// Text of which XML 1.0 allows every sign, on one line and cut to length.
fn allowed(text: &str) -> String {
    let letters = cut(text, MAX_TEXT);
    let safe = letters.chars().map(|letter| match letter {
        letter if letter.is_control() => ' ',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        letter => letter,
    });
    safe.collect()
}
