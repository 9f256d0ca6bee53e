//! A scenario under another load, as a file of its own: for whoever looks for the highest rate that
//! it sustains.
//!
//! What is asked of whom stays, and so do the thresholds that hold of any load. The change is made
//! in the text, so that what is kept of a run is the file that was run.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Edit, applied, at, entry, offset};
use crate::model::Scenario;
use crate::yaml::{self, Node, Value};

/// Share of the rate at which answers have to come, or the rate is not sustained.
pub const SUSTAINED: f64 = 0.95;

/// So many standard deviations of a Poisson count are put down to chance.
const CHANCE: f64 = 3.0;
/// However few arrive, less than this share is not sustained.
const LEAST_SUSTAINED: f64 = 0.5;

/// Keys of the workload that stay under another load.
const KEPT_OF_WORKLOAD: [&str; 7] = [
    "client",
    "service",
    "ids-per-exchange",
    "mix",
    "arrivals",
    "max-in-flight",
    "when-full",
];
/// Thresholds that hold of one load alone.
const OF_ONE_LOAD: [&str; 2] = ["deceased-named", "throughput"];

/// A rate that rises during the warm-up and then stays for some time. Where all of it came at
/// once, servers that have no connection yet would open hundreds at a time, and the measure would
/// be of that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantLoad {
    /// Exchanges a second.
    pub per_second: f64,
    /// For how long it rises, and nothing is timed; at least ten milliseconds.
    pub warm_up: Duration,
    /// For how long it stays; at least ten milliseconds.
    pub stays: Duration,
}

// === impl ConstantLoad ===

impl ConstantLoad {
    /// The share of the rate at which answers have to come: [`SUSTAINED`], less what arrivals that
    /// are independent of each other may miss their mean by.
    fn sustained(&self) -> f64 {
        let arriving = self.per_second * self.stays.as_secs_f64();
        (SUSTAINED - CHANCE / arriving.max(1.0).sqrt()).max(LEAST_SUSTAINED)
    }
}

impl Scenario {
    /// The text of this scenario under `load`, with the demand that answers come at no less than
    /// [`SUSTAINED`] of its rate, give or take chance. `None` where the file's keys do not stand on lines of their own.
    #[must_use]
    pub fn text_under(&self, load: &ConstantLoad) -> Option<String> {
        let text = &self.source_text;
        let tree = yaml::parse(text).expect("the text of a valid scenario is YAML");
        let workload = kept(at(&tree, &["workload"])?, |key| {
            KEPT_OF_WORKLOAD.contains(&key)
        });
        let mut under = format!("workload:\n{workload}");
        let rate = load.per_second;
        let (warm_up, rest) = (load.warm_up.as_millis(), load.stays.as_millis());
        let _ = writeln!(
            under,
            "  steps: [0/s to {rate:.3}/s over {warm_up}ms, {rate:.3}/s for {rest}ms]"
        );
        let _ = writeln!(under, "  warm-up: {warm_up}ms");
        let thresholds = kept(at(&tree, &["thresholds"])?, |key| {
            !OF_ONE_LOAD.contains(&key)
        });
        let least = load.per_second * load.sustained();
        let demands = format!("thresholds:\n{thresholds}  throughput: at least {least:.3}/s\n");
        let edits = vec![
            replaced(text, &tree, "workload", under)?,
            replaced(text, &tree, "thresholds", demands)?,
        ];
        Some(applied(text, edits))
    }
}

/// The entries of a map that stay, a line each.
fn kept(map: &Node, stays: impl Fn(&str) -> bool) -> String {
    let mut lines = String::new();
    let Value::Map(entries) = &map.value else {
        return lines;
    };
    for (key, value) in entries {
        let Value::Scalar(key) = &key.value else {
            continue;
        };
        if stays(key)
            && let Some(value) = flow(value)
        {
            let _ = writeln!(lines, "  {key}: {value}");
        }
    }
    lines
}

/// A value in one line. `None` where nothing is left of it: what holds of a part of one load says
/// nothing of another.
fn flow(node: &Node) -> Option<String> {
    match &node.value {
        Value::Null => None,
        Value::Scalar(text) if text.contains(" from ") => None,
        // Single quotes take any text as it is, but for themselves.
        Value::Scalar(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Value::List(items) => {
            let items: Vec<String> = items.iter().filter_map(flow).collect();
            (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
        }
        Value::Map(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| {
                let Value::Scalar(key) = &key.value else {
                    return None;
                };
                Some(format!("{key}: {}", flow(value)?))
            });
            Some(format!("{{ {} }}", entries.collect::<Vec<_>>().join(", ")))
        }
    }
}

/// `by` in place of the whole entry of `key`, up to the next one's line.
fn replaced(text: &str, tree: &Node, key: &str, by: String) -> Option<Edit> {
    let line = entry(tree, key)?.0.span.line;
    let Value::Map(entries) = &tree.value else {
        return None;
    };
    let lines = entries.iter().map(|(key, _)| key.span.line);
    if lines.clone().filter(|other| *other == line).count() > 1 {
        return None;
    }
    let next = lines.filter(|other| *other > line).min();
    Some(Edit {
        start: offset(text, line, 1),
        end: next.map_or(text.len(), |next| offset(text, next, 1)),
        text: by + "\n",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Load;

    const GOOD: &str = include_str!("../../../../scenarios/pension-liveness.yaml");

    fn at_rate(per_second: f64) -> ConstantLoad {
        ConstantLoad {
            per_second,
            warm_up: Duration::from_secs(2),
            stays: Duration::from_secs(9),
        }
    }

    fn under(text: &str, load: &ConstantLoad) -> Scenario {
        let scenario = Scenario::parse("file", text).expect("a valid scenario");
        let text = scenario
            .text_under(load)
            .expect("keys on lines of their own");
        Scenario::parse("under", &text).unwrap_or_else(|problems| panic!("{problems}{text}"))
    }

    #[test]
    fn the_load_is_another_and_the_country_the_same() {
        let before = Scenario::parse("file", GOOD).expect("valid");
        let after = under(GOOD, &at_rate(1_234.5));
        assert_eq!(after.exchanges(), Some(12_345));
        assert_eq!(after.workload.warm_up, Duration::from_secs(2));
        assert_eq!(
            (after.population, &after.members, &after.workload.questions),
            (
                before.population,
                &before.members,
                &before.workload.questions
            )
        );
        let texts: Vec<_> = after.thresholds.iter().map(|t| t.text.as_str()).collect();
        assert!(texts.contains(&"wrong: 0"), "{texts:?}");
        assert!(
            texts.contains(&"throughput: at least 1137.640/s"),
            "{texts:?}"
        );
        assert!(
            !texts.iter().any(|text| text.starts_with("deceased")),
            "{texts:?}"
        );
    }

    #[test]
    fn what_goes_with_a_rate_stays_and_what_makes_one_does_not() {
        let own = "load: 3 per person per day\n  shape: diurnal\n  day: 1min\n  \
                   arrivals: uniform\n  max-in-flight: 77\n  when-full: drop";
        let after = under(&GOOD.replace("load: 64 in flight", own), &at_rate(10.0));
        let Load::ArrivalRate {
            max_in_flight,
            when_full,
            ..
        } = after.workload.load
        else {
            panic!("a rate");
        };
        assert_eq!((max_in_flight, when_full), (77, crate::WhenFull::Drop));
        assert_eq!(after.exchanges(), Some(100));
    }

    #[test]
    fn a_mix_stays_and_what_holds_of_a_part_of_one_load_does_not() {
        let mixed = include_str!("../../../../scenarios/mixed-questions.yaml");
        let before = Scenario::parse("file", mixed).expect("valid");
        let bound = "response-time-p99: below 500ms";
        let windows = "response-time-p99: [below 500ms, below 2s from 5s to 9s]";
        assert!(mixed.contains(bound));
        let after = under(&mixed.replace(bound, windows), &at_rate(50.0));
        assert_eq!(after.workload.questions, before.workload.questions);
        assert!(after.workload.questions.len() > 1);
        assert!(
            after
                .thresholds
                .iter()
                .all(|threshold| threshold.window.is_none())
        );
        let mut texts = after
            .thresholds
            .iter()
            .map(|threshold| threshold.text.as_str());
        assert!(texts.any(|text| text == bound));
    }

    #[test]
    fn a_file_in_one_line_is_not_taken_apart() {
        let inline = GOOD.replace("name: pension-liveness\n", "{ name: x, workload: {} }\n");
        assert!(Scenario::parse("file", &inline).is_err());
        let scenario = Scenario::parse("file", GOOD).expect("valid");
        let one_line = Scenario {
            source_text: "{ workload: { client: a/b }, thresholds: { wrong: 0 } }".to_owned(),
            ..scenario
        };
        assert_eq!(one_line.text_under(&at_rate(10.0)), None);
    }
}
