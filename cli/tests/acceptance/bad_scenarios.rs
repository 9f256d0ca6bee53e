//! A scenario that cannot be right starts nothing, and says where it is wrong.

use std::fs;

use tempfile::TempDir;

use crate::roadtest::{roadtest, run};
use crate::scenario::{self, tiny_but};

/// `run`, `up` and `check` refuse `content`, with these words and nothing left behind.
#[track_caller]
fn check(content: impl AsRef<[u8]>, expected: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    scenario::write(folder.path(), "bad.yaml", content);
    refused(&folder, "bad.yaml", expected);
}

#[track_caller]
fn refused(folder: &TempDir, file: &str, expected: &[&str]) {
    let before = fs::read_dir(folder.path()).expect("it can be read").count();
    let mut said = Vec::new();
    for command in ["run", "up", "check"] {
        let ended = run(roadtest(folder.path()).args([command, file])).expect(2);
        for words in expected {
            assert!(
                ended.stderr.contains(words),
                "not {words}: {}",
                ended.stderr
            );
        }
        assert_eq!(ended.stdout, "", "nothing was started");
        said.push(ended.stderr);
    }
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
    let after = fs::read_dir(folder.path()).expect("it can be read").count();
    assert_eq!(after, before, "no run has a folder");
}

#[test]
fn a_misspelt_key_is_pointed_at() {
    check(
        tiny_but(&[("  deceased: 3", "  decaesed: 3")]),
        &["bad.yaml:8:3", "decaesed", "did you mean `deceased`?"],
    );
}

#[test]
fn an_unknown_reference_is_pointed_at() {
    check(
        tiny_but(&[("    owner: pension-board", "    owner: pension-bord")]),
        &[
            "bad.yaml:20:12",
            "pension-bord",
            "did you mean `pension-board`?",
        ],
    );
}

#[test]
fn a_name_that_stands_twice_is_pointed_at() {
    check(
        tiny_but(&[("  population-register:\n", "  pension-board:\n")]),
        &["bad.yaml:14:3", "occurs twice", "first on line 11"],
    );
}

#[test]
fn numbers_that_cannot_be_are_pointed_at_all_at_once() {
    check(
        tiny_but(&[
            ("people: 200", "people: -200"),
            ("16 in flight", "16_000_000 in flight"),
        ]),
        &[
            "bad.yaml:7:11",
            "-200 is negative",
            "bad.yaml:36:9",
            "too many",
            "2 errors in bad.yaml",
        ],
    );
}

#[test]
fn more_deaths_than_people_are_pointed_at() {
    check(
        tiny_but(&[("deceased: 3", "deceased: 201")]),
        &["bad.yaml:8:13", "201"],
    );
}

#[test]
fn a_wrong_unit_is_pointed_at() {
    check(
        tiny_but(&[("16 in flight", "16/fortnight")]),
        &["bad.yaml:36:9", "16/fortnight", "accepted"],
    );
    let threshold = "deceased-named: 3\n  response-time-p99: below 5 KiB";
    check(
        tiny_but(&[("deceased-named: 3", threshold)]),
        &["bad.yaml:40:22", "unknown unit `KiB`"],
    );
}

#[test]
fn ten_megabytes_are_not_read_to_their_end() {
    let line = "# All work and no play makes Jack a dull boy.\n";
    let text = scenario::TINY.to_owned() + &line.repeat(10 * 1024 * 1024 / line.len());
    check(text, &["bad.yaml", "accepted: at most 1024 KiB"]);
}

#[test]
fn a_bomb_does_not_go_off() {
    let mut text = scenario::TINY.to_owned();
    text.push_str("bomb: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("b{level}: &a{level} [{aliases}]\n"));
    }
    check(text, &["bad.yaml:4", "aliases stand for too much"]);
}

#[test]
fn bytes_that_are_no_text_are_pointed_at() {
    let mut bytes = scenario::TINY.as_bytes().to_vec();
    let at = scenario::TINY.find("tiny").expect("it has a name");
    bytes[at] = 0xFF;
    check(bytes, &["bad.yaml:2:7", "0xFF is not UTF-8"]);
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    refused(
        &folder,
        "nowhere.yaml",
        &["nowhere.yaml", "No such file or directory"],
    );
    fs::create_dir(folder.path().join("folder.yaml")).expect("a folder can be made");
    refused(&folder, "folder.yaml", &["folder.yaml", "Is a directory"]);
}
