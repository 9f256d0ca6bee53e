//! The command `instructions`: a body really counted, and compared with what was saved.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

fn instructions(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instructions"));
    command.args(arguments);
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_body_is_counted_saved_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("counts.json");
    let path = file.to_str().unwrap();
    let bodies = ["names/service", "signing"];
    let counted = instructions(&bodies)
        .args(["--save", path])
        .output()
        .unwrap();
    assert_eq!(counted.status.code(), Some(0), "{}", complained(&counted));
    let text = told(&counted);
    assert!(text.contains("| names/service | "), "{text}");
    assert!(
        text.contains("| signing/batch/64 | not countable "),
        "{text}"
    );

    let mut record: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let counts = record["counts"].as_object().unwrap();
    assert_eq!(counts.len(), 1, "{counts:?}");
    let count = counts["names/service"].as_f64().unwrap();
    // A name of five parts is neither read and written in a few instructions nor in a million.
    assert!((100.0..1e6).contains(&count), "{count}");

    // The same build takes the same, and more than one that took less.
    for (factor, code, says) in [(1.0, 0, "nothing grew"), (0.9, 1, "**grew**")] {
        record["counts"]["names/service"] = (count * factor).into();
        fs::write(&file, record.to_string()).unwrap();
        let compared = instructions(&bodies).args(["--baseline", path]).output();
        let compared = compared.unwrap();
        let text = told(&compared);
        assert_eq!(
            compared.status.code(),
            Some(code),
            "{text}{}",
            complained(&compared)
        );
        assert!(text.contains(says), "{text}");
    }

    record["build"] = "another".into();
    fs::write(&file, record.to_string()).unwrap();
    let compared = instructions(&bodies).args(["--baseline", path]).output();
    assert_eq!(compared.unwrap().status.code(), Some(2));
}

#[test]
fn nothing_is_counted_where_something_is_missing() {
    let without_valgrind = instructions(&["names/service"]).env("PATH", "").output();
    let ended = without_valgrind.unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let text = complained(&ended);
    assert!(text.contains("apt-get install valgrind"), "{text}");

    for (arguments, says) in [
        (["no-such", "--allow", "1"], "names/service"),
        (
            ["names/service", "--baseline", "no-such"],
            "neither a file nor a commit",
        ),
    ] {
        let ended = instructions(&arguments).output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        let text = complained(&ended);
        assert!(text.contains(says), "{text}");
    }
}
