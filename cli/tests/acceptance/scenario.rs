//! Scenarios of a country so small that it is up within a second.

use std::path::{Path, PathBuf};

/// Two hundred people, three of whom have died.
pub(crate) const TINY: &str = include_str!("tiny.yaml");

/// Asks a thousand people in ten seconds, leaving time for whatever is to happen meanwhile.
pub(crate) fn slow() -> String {
    tiny_but(&[
        ("people: 200", "people: 1_000"),
        ("load: 16 in flight", "load: 100/s"),
    ])
}

/// The tiny scenario with each first text replaced by the second.
pub(crate) fn tiny_but(changes: &[(&str, &str)]) -> String {
    changes
        .iter()
        .fold(TINY.to_owned(), |text, (before, after)| {
            assert!(text.contains(before), "{before} is in the tiny scenario");
            text.replacen(before, after, 1)
        })
}

/// Writes a scenario to a file of that name in `folder`.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, content).expect("the folder can be written");
    file
}
