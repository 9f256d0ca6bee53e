//! What two runs must have in common to be compared: the same questions, set up alike, on the same
//! machine.

use std::path::{Path, PathBuf};

use sim_metrics::{ExchangeFacts, RunRecord};
use thiserror::Error;

use crate::runs::Run;

/// Characters of a line or value that a message shows.
const MAX_SHOWN: usize = 80;

/// Two runs that differ in what decides their figures. Each names the two files, the first one's
/// value first.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// Another scenario file.
    #[error("the scenario differs between {} and {}: {what}", files.0.display(), files.1.display())]
    Scenario {
        /// The two runs' files.
        files: (PathBuf, PathBuf),
        /// The first line that differs.
        what: String,
    },
    /// Another seed.
    #[error("the seed differs between {} and {}: {} and {}", files.0.display(), files.1.display(), seeds.0, seeds.1)]
    Seed {
        /// The two runs' files.
        files: (PathBuf, PathBuf),
        /// Their seeds.
        seeds: (u64, u64),
    },
    /// Another machine.
    #[error("the machine differs between {} and {}: {what}", files.0.display(), files.1.display())]
    Machine {
        /// The two runs' files.
        files: (PathBuf, PathBuf),
        /// What of the machine, and both values.
        what: String,
    },
    /// The exchange set up otherwise.
    #[error("the exchange is set up differently in {} and {}: {what}", files.0.display(), files.1.display())]
    Exchange {
        /// The two runs' files.
        files: (PathBuf, PathBuf),
        /// Which setting, and both values.
        what: String,
    },
    /// A record of another form.
    #[error("the schema version differs between {} and {}: {} and {}", files.0.display(), files.1.display(), versions.0, versions.1)]
    Schema {
        /// The two runs' files.
        files: (PathBuf, PathBuf),
        /// Their versions.
        versions: (u32, u32),
    },
}

/// Everything in which `other` differs from `first` so that their figures cannot be compared.
pub(crate) fn differences(first: (&Path, &Run), other: (&Path, &Run)) -> Vec<Difference> {
    let files = || (first.0.join(&first.1.path), other.0.join(&other.1.path));
    let (a, b) = (&first.1.record, &other.1.record);
    let mut found = Vec::new();
    if a.schema_version != b.schema_version {
        found.push(Difference::Schema {
            files: files(),
            versions: (a.schema_version, b.schema_version),
        });
    }
    if let Some(what) = differing_line(&a.scenario.text, &b.scenario.text) {
        found.push(Difference::Scenario {
            files: files(),
            what,
        });
    }
    if a.scenario.seed != b.scenario.seed {
        found.push(Difference::Seed {
            files: files(),
            seeds: (a.scenario.seed, b.scenario.seed),
        });
    }
    if let Some(what) = differing_machine(a, b) {
        found.push(Difference::Machine {
            files: files(),
            what,
        });
    }
    if let Some(what) = differing_setting(a.exchange.as_ref(), b.exchange.as_ref()) {
        found.push(Difference::Exchange {
            files: files(),
            what,
        });
    }
    found
}

/// What of the machines differs that moves figures little, a clause each.
pub(crate) fn minor_differences(a: &RunRecord, b: &RunRecord) -> Vec<String> {
    let (a, b) = (&a.machine, &b.machine);
    let memory = (a.memory_bytes.to_string(), b.memory_bytes.to_string());
    let facts = [
        ("kernel", &a.kernel, &b.kernel),
        ("operating system", &a.os, &b.os),
        ("memory in bytes", &memory.0, &memory.1),
    ];
    facts
        .into_iter()
        .filter(|(_, a, b)| a != b)
        .map(|(what, a, b)| format!("{what} {} and {}", shown(a), shown(b)))
        .collect()
}

fn differing_line(a: &str, b: &str) -> Option<String> {
    if a == b {
        return None;
    }
    let (mut left, mut right) = (a.lines(), b.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (left.next(), right.next()) {
            // Only the ends of lines differ.
            (None, None) => return Some("white space".to_owned()),
            (a, b) if a == b => {}
            (a, b) => {
                let text = |line: Option<&str>| line.map_or("the end".to_owned(), quoted);
                return Some(format!("line {number} is {} and {}", text(a), text(b)));
            }
        }
    }
}

fn differing_machine(a: &RunRecord, b: &RunRecord) -> Option<String> {
    let (a, b) = (&a.machine, &b.machine);
    if a.cores != b.cores {
        return Some(format!("{} and {} cores", a.cores, b.cores));
    }
    (a.cpu_model != b.cpu_model).then(|| {
        let (a, b) = (quoted(&a.cpu_model), quoted(&b.cpu_model));
        format!("processor {a} and {b}")
    })
}

fn differing_setting(a: Option<&ExchangeFacts>, b: Option<&ExchangeFacts>) -> Option<String> {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (None, None) => return None,
        (Some(_), None) => return Some("the second does not say how".to_owned()),
        (None, Some(_)) => return Some("the first does not say how".to_owned()),
    };
    let both = |name: &str, a: Option<&str>, b: Option<&str>| {
        let text = |value: Option<&str>| value.map_or("not set".to_owned(), quoted);
        format!("{name} is {} and {}", text(a), text(b))
    };
    let names = a.settings.iter().chain(&b.settings);
    let names = names.map(|setting| setting.name.as_str());
    let differing = names
        .map(|name| (name, a.value_of(name), b.value_of(name)))
        .find(|(_, a, b)| a != b)
        .map(|(name, a, b)| both(name, a, b));
    differing.or_else(|| {
        (a.profile != b.profile).then(|| both("profile", Some(&a.profile), Some(&b.profile)))
    })
}

fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        let told = |a, b| differing_line(a, b);
        assert_eq!(told("a: 1\nb: 2\n", "a: 1\nb: 2\n"), None);
        assert_eq!(
            told("a: 1\nb: 2\n", "a: 1\nb: 3\n").unwrap(),
            "line 2 is `b: 2` and `b: 3`"
        );
        assert_eq!(
            told("a: 1\n", "a: 1\nb: 3\n").unwrap(),
            "line 2 is the end and `b: 3`"
        );
        assert_eq!(told("a: 1\r\n", "a: 1\n").unwrap(), "white space");
    }
}
