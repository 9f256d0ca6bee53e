//! What the command line offers, and what its exit codes say.

use std::fs;
use std::path::Path;

use crate::finished_run::finished_run;
use crate::roadtest::{roadtest, run};
use crate::scenario::{self, tiny_but};

const COMMANDS: [&str; 7] = [
    "run", "up", "check", "schema", "evidence", "audit", "report",
];

fn help(command: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run(roadtest(folder.path()).args(command).arg("--help"))
        .expect(0)
        .stdout
}

#[test]
fn every_command_explains_itself() {
    insta::assert_snapshot!("help", help(&[]));
    for command in COMMANDS {
        insta::assert_snapshot!(format!("help_{command}"), help(&[command]));
    }
}

/// `code meaning` of each line of a table, cells divided by bars.
fn rows(table: &str) -> Vec<String> {
    let rows = table.lines().map(|line| {
        let cells = line.split('|').map(str::trim);
        cells.collect::<Vec<_>>().join(" ").trim().to_owned()
    });
    rows.collect()
}

#[test]
fn the_readme_says_what_the_help_says_about_exit_codes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("cli is in the repository");
    let readme = fs::read_to_string(root.join("README.md")).expect("there is a README");
    let (_, table) = readme
        .split_once("| exit code |")
        .expect("it has a table of exit codes");
    let table = table
        .split("\n\n")
        .next()
        .expect("a table ends with an empty line");
    let table: Vec<_> = rows(table).split_off(2);

    let help = help(&[]);
    let (_, list) = help
        .split_once("Exit codes:\n")
        .expect("the help has a list of exit codes");
    let list = list.lines().map(|line| {
        let (code, meaning) = line.trim().split_once(' ').expect("a code and its meaning");
        format!("{code} {}", meaning.trim())
    });
    assert_eq!(table, list.collect::<Vec<_>>());
    // Each of these codes is what some test of this folder ends with.
    let codes: Vec<_> = table
        .iter()
        .filter_map(|row| row.split(' ').next())
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "5", "6", "7", "130"]);
}

#[test]
fn a_threshold_that_does_not_hold_fails_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let impossible = "deceased-named: 3\n  throughput: at least 1_000_000/s";
    let strict = tiny_but(&[("deceased-named: 3", impossible)]);
    scenario::write(folder.path(), "strict.yaml", strict);
    let ended = run(roadtest(folder.path()).args(["run", "strict.yaml"])).expect(1);
    assert!(
        ended.stdout.contains("FAILED: 10 of 11 thresholds held"),
        "{}",
        ended.stdout
    );
    assert!(
        ended
            .stdout
            .contains("throughput: at least 1_000_000/s does not hold: it was"),
        "{}",
        ended.stdout
    );
    // Where nobody says otherwise, results go to a folder named after time and scenario.
    let runs = fs::read_dir(folder.path().join("reports/runs")).expect("results are kept");
    let names: Vec<_> = runs
        .map(|run| run.expect("it can be read").file_name())
        .collect();
    assert_eq!(names.len(), 1);
    assert!(names[0].to_string_lossy().contains("-tiny-"), "{names:?}");
}

#[test]
fn results_are_never_mixed() {
    let finished = finished_run();
    let before = fs::read(finished.folder.join("run.json")).expect("the record is there");
    let folder = tempfile::tempdir().expect("a temporary folder");
    scenario::write(folder.path(), "tiny.yaml", scenario::TINY);
    for command in ["run", "up"] {
        let mut command_line = roadtest(folder.path());
        command_line.args([command, "tiny.yaml", "--out"]);
        let ended = run(command_line.arg(&finished.folder)).expect(2);
        assert!(
            ended.stderr.contains("is not empty; name a new folder"),
            "{}",
            ended.stderr
        );
    }
    let after = fs::read(finished.folder.join("run.json")).expect("the record is there");
    assert_eq!(after, before);
}

#[test]
fn a_command_line_that_makes_no_sense_starts_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nonsense: [&[&str]; 6] = [
        &[],
        &["drive"],
        &["run"],
        &["run", "a.yaml", "b.yaml"],
        &["evidence", "--run", "."],
        &["evidence", "some-id", "--list", "--run", "."],
    ];
    for line in nonsense {
        let ended = run(roadtest(folder.path()).args(line)).expect(2);
        assert!(
            ended.stderr.contains("Usage: roadtest"),
            "{line:?}: {}",
            ended.stderr
        );
    }
    let left = fs::read_dir(folder.path()).expect("it can be read").count();
    assert_eq!(left, 0);
}

#[test]
fn the_schemas_are_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for subject in ["scenario", "run"] {
        let ended = run(roadtest(folder.path()).args(["schema", subject])).expect(0);
        let schema: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
        assert!(schema["properties"].is_object(), "{subject}");
    }
}

#[test]
fn the_published_schema_of_runs_is_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("cli is in the repository");
    let published = fs::read_to_string(root.join("docs/run.schema.json")).expect("it is there");
    let printed = run(roadtest(root).args(["schema", "run"])).expect(0).stdout;
    assert!(printed == published, "docs/run.schema.json differs");
}

#[test]
fn every_shipped_scenario_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("cli is in the repository");
    let files = fs::read_dir(root.join("scenarios")).expect("there are scenarios");
    let files: Vec<_> = files
        .map(|file| file.expect("it can be read").path())
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    assert!(files.len() >= 3, "{files:?}");
    let ended = run(roadtest(root).arg("check").args(&files)).expect(0);
    assert_eq!(
        ended.stdout.matches(": valid; ").count(),
        files.len(),
        "{}",
        ended.stdout
    );
}
