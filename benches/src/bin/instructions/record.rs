//! What was counted, in the form in which it is kept and compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::exit::Invalid;

/// The version of the form.
const FORMAT: u32 = 1;
/// How this program was compiled.
const BUILD: &str = if cfg!(debug_assertions) {
    "debug"
} else {
    "release"
};

/// Counts of one build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    format: u32,
    /// Counted with.
    pub(crate) valgrind: String,
    /// `debug` or `release`.
    pub(crate) build: String,
    /// Instructions for an element of each body.
    pub(crate) counts: BTreeMap<String, f64>,
}

// === impl Record ===

impl Record {
    /// Nothing yet, of this build.
    pub(crate) fn new(valgrind: &str) -> Self {
        Self {
            format: FORMAT,
            valgrind: valgrind.to_owned(),
            build: BUILD.to_owned(),
            counts: BTreeMap::new(),
        }
    }

    /// What was kept in `file`.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        let invalid = |why: String| Invalid(format!("{}: {why}", file.display()));
        let text = fs::read_to_string(file).map_err(|error| invalid(error.to_string()))?;
        let record: Self = serde_json::from_str(&text)
            .map_err(|error| invalid(format!("no counts of this command: {error}")))?;
        if record.format != FORMAT {
            let format = record.format;
            return Err(invalid(format!("its format is {format}, not {FORMAT}")).into());
        }
        Ok(record)
    }

    /// Keeps it in `file`.
    pub(crate) fn save(&self, file: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Whether counts of `other` can be held against these.
    pub(crate) fn check_comparable(&self, other: &Self) -> Result<(), Invalid> {
        for (what, ours, theirs) in [
            ("build", &self.build, &other.build),
            ("valgrind", &self.valgrind, &other.valgrind),
        ] {
            if ours != theirs {
                return Err(Invalid(format!(
                    "the baseline has another {what}: {theirs}, not {ours}"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn what_is_kept_comes_back_and_nothing_else_is_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("counts.json");
        let mut record = Record::new("valgrind-3");
        record.counts.insert("names/service".to_owned(), 1_234.5);
        record.save(&file).unwrap();
        assert_eq!(Record::load(&file).unwrap(), record);

        let text = std::fs::read_to_string(&file).unwrap();
        for (from, to) in [
            ("\"format\": 1", "\"format\": 9"),
            ("counts", "count"),
            ("{", ""),
        ] {
            let altered = text.replacen(from, to, 1);
            assert_ne!(altered, text);
            std::fs::write(&file, altered).unwrap();
            let error = Record::load(&file).unwrap_err();
            assert!(error.is::<crate::exit::Invalid>(), "{error:#}");
        }
        Record::load(&folder.path().join("none.json")).unwrap_err();
    }

    #[test]
    fn only_like_is_compared_with_like() {
        let ours = Record::new("valgrind-3");
        ours.check_comparable(&ours.clone()).unwrap();
        ours.check_comparable(&Record::new("valgrind-4"))
            .unwrap_err();
        let mut other = ours.clone();
        other.build = "another".to_owned();
        ours.check_comparable(&other).unwrap_err();
    }
}
