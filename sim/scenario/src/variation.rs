//! A scenario with another profile, fewer people or another load, as a file of its own.
//!
//! The change is made in the text, so that what is kept of a run is the file that was run, with
//! its comments, and nothing beside the file decides anything.

mod load;

use crate::model::{Profile, Scenario};
use crate::yaml::{self, Node, Value};

pub use load::{ConstantLoad, SUSTAINED};

/// What differs from the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variation {
    /// The profile instead of the file's; settings that the file has of its own stay.
    pub profile: Option<Profile>,
    /// How many people there are; as many of them have died as in the same share of the file's.
    pub people: Option<u64>,
}

/// Text in place of what stands between two byte offsets.
struct Edit {
    start: usize,
    end: usize,
    text: String,
}

impl Scenario {
    /// The text of this scenario with `variation` written into it. It has to be parsed again, for
    /// it need not be valid: settings of the file may contradict the other profile.
    #[must_use]
    pub fn varied_text(&self, variation: Variation) -> String {
        let text = &self.source_text;
        let tree = yaml::parse(text).expect("the text of a valid scenario is YAML");
        let mut edits = Vec::new();
        if let Some(profile) = variation.profile {
            edits.push(profile_edit(text, &tree, profile));
        }
        if let Some(people) = variation.people {
            edits.extend(self.people_edits(text, &tree, people));
        }
        applied(text, edits)
    }

    /// People, deaths, and the threshold on deaths where it states their number.
    fn people_edits(&self, text: &str, tree: &Node, people: u64) -> Vec<Edit> {
        let plan = &self.population;
        let deceased = scaled(plan.deceased, people, plan.people);
        let states_deaths = |node: &&Node| {
            matches!(&node.value, Value::Scalar(text)
                if text.replace('_', "").trim_start_matches("exactly ") == plan.deceased.to_string())
        };
        let replaced = [
            (at(tree, &["population", "people"]), people),
            (at(tree, &["population", "deceased"]), deceased),
            (
                at(tree, &["thresholds", "deceased-named"]).filter(states_deaths),
                deceased,
            ),
        ];
        let replaced = replaced.into_iter();
        replaced
            .filter_map(|(node, number)| Some(scalar_edit(text, node?, number.to_string())))
            .collect()
    }
}

/// As many of `to` as `part` is of `of`, rounded.
fn scaled(part: u64, to: u64, of: u64) -> u64 {
    let scaled = (u128::from(part) * u128::from(to) + u128::from(of) / 2) / u128::from(of.max(1));
    u64::try_from(scaled).unwrap_or(to).min(to)
}

fn profile_edit(text: &str, tree: &Node, profile: Profile) -> Edit {
    if let Some(written) = at(tree, &["exchange", "profile"]) {
        return scalar_edit(text, written, profile.word().to_owned());
    }
    let profile = format!("profile: {}", profile.word());
    match entry(tree, "exchange") {
        Some((
            key,
            Node {
                value: Value::Map(entries),
                ..
            },
        )) if !entries.is_empty() => {
            let first = &entries[0].0.span;
            let start = offset(text, first.line, first.column);
            let separator = if first.line == key.span.line {
                ", ".to_owned()
            } else {
                format!("\n{}", " ".repeat(first.column - 1))
            };
            Edit {
                start,
                end: start,
                text: profile + &separator,
            }
        }
        _ => Edit {
            start: text.len(),
            end: text.len(),
            text: format!("\nexchange: {{ {profile} }}\n"),
        },
    }
}

fn scalar_edit(text: &str, node: &Node, by: String) -> Edit {
    let start = offset(text, node.span.line, node.span.column);
    let written = &text[start..];
    let end = written
        .char_indices()
        .nth(node.span.length)
        .map_or(text.len(), |(end, _)| start + end);
    Edit {
        start,
        end,
        text: by,
    }
}

/// The value at a path of keys.
fn at<'n>(tree: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter()
        .try_fold(tree, |node, key| Some(entry(node, key)?.1))
}

fn entry<'n>(node: &'n Node, key: &str) -> Option<(&'n Node, &'n Node)> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let entry = entries
        .iter()
        .find(|(found, _)| matches!(&found.value, Value::Scalar(text) if text == key));
    entry.map(|(key, value)| (key, value))
}

/// The byte offset of a place that is told in lines and characters.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let characters = text[start..].char_indices();
    characters
        .map(|(at, _)| start + at)
        .nth(column - 1)
        .unwrap_or(text.len())
}

/// `text` with all `edits`, which do not overlap.
fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in edits {
        result.push_str(&text[done..edit.start]);
        result.push_str(&edit.text);
        done = edit.end;
    }
    result.push_str(&text[done..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ExchangeSettings;

    const GOOD: &str = include_str!("../../../scenarios/pension-liveness-smoke.yaml");

    fn varied(text: &str, variation: Variation) -> Scenario {
        let scenario = Scenario::parse("file", text).expect("a valid scenario");
        let text = scenario.varied_text(variation);
        Scenario::parse("varied", &text).unwrap_or_else(|problems| panic!("{problems}{text}"))
    }

    fn with_profile(text: &str) -> Scenario {
        let profile = Some(Profile::XroadFi);
        varied(
            text,
            Variation {
                profile,
                ..Variation::default()
            },
        )
    }

    #[test]
    fn the_profile_is_written_wherever_the_exchange_stands() {
        let with =
            |exchange: &str| GOOD.replacen("workload:", &format!("{exchange}\nworkload:"), 1);
        let own = "signatures: per-message";
        for text in [
            GOOD.to_owned(),
            with("exchange: { profile: modern }"),
            with("exchange:\n  profile: xroad-ee  # Estonia\n"),
            with(&format!("exchange: {{ {own} }}")),
            with(&format!("exchange:\n    {own}\n    bodies: logged\n")),
            with(&format!(
                "exchange:\n  # no batches\n  {own}\n  profile: xroad-ee\n"
            )),
        ] {
            let before = Scenario::parse("file", &text).expect("valid").exchange;
            let after = with_profile(&text).exchange;
            assert_eq!(after.profile, Profile::XroadFi, "{text}");
            assert_eq!(after.signatures, before.signatures, "{text}");
            assert_eq!(
                after.signing_key,
                ExchangeSettings::of(Profile::XroadFi).signing_key
            );
        }
    }

    #[test]
    fn comments_and_everything_else_stay() {
        let text = GOOD.replacen(
            "workload:",
            "exchange:\n  profile: modern     # what we have today\nworkload:",
            1,
        );
        let varied = with_profile(&text).source_text;
        assert_eq!(
            varied,
            text.replacen("profile: modern", "profile: xroad-fi", 1)
        );
    }

    #[test]
    fn fewer_people_die_in_proportion() {
        let fewer = |people| {
            let people = Some(people);
            varied(
                GOOD,
                Variation {
                    people,
                    ..Variation::default()
                },
            )
        };
        for (people, deceased) in [(500, 1), (10_000, 20), (1, 0)] {
            let scenario = fewer(people);
            let plan = (scenario.population.people, scenario.population.deceased);
            assert_eq!(plan, (people, deceased));
            let expected = &scenario.thresholds[0];
            assert_eq!(expected.text, format!("deceased-named: {deceased}"));
        }
    }
}
