//! Sets of runs: compared, made in turns, and refused.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::finished_run::{finished_run, record};
use crate::roadtest::{roadtest, run};
use crate::scenario;

/// Figures that a slower exchange makes greater.
const TIMES: [&str; 5] = ["mean_us", "p50_us", "p90_us", "p99_us", "p999_us"];

/// A set of records like that of a real run, which took `factor` times as long, give or take a
/// percent or two.
fn records(folder: &Path, runs: u32, factor: f64) {
    for number in 0..runs {
        let mut record = record(&finished_run().folder);
        let factor = factor * (1.0 + 0.01 * f64::from(number % 3));
        record["run_id"] = json!(format!("{}-{number}", folder.display()));
        record["started_at"] = json!(format!("2026-11-26T10:{number:02}:00.000Z"));
        scale(&mut record["load"]["throughput_per_s"], 1.0 / factor);
        for time in TIMES {
            scale(&mut record["load"]["response_time"][time], factor);
        }
        for process in record["processes"].as_array_mut().expect("processes") {
            scale(&mut process["cpu_seconds"], factor);
            scale(&mut process["start_cpu_seconds"], factor);
        }
        let place = folder.join(number.to_string());
        fs::create_dir_all(&place).expect("a folder");
        fs::write(place.join("run.json"), record.to_string()).expect("written");
    }
}

fn scale(value: &mut Value, factor: f64) {
    let scaled = value.as_f64().expect("a figure") * factor;
    *value = if value.is_u64() {
        json!(scaled.round() as u64)
    } else {
        json!(scaled)
    };
}

#[test]
fn a_slower_set_is_told_from_a_faster_and_from_the_same_and_by_exit_code() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    records(&at("before"), 7, 1.0);
    records(&at("same"), 7, 1.002);
    records(&at("slower"), 7, 1.25);
    records(&at("few"), 2, 1.25);
    let compare = |candidate: &str, code| {
        let mut command = roadtest(folder.path());
        command.args(["compare", "before", candidate]);
        run(command.args([
            "--markdown",
            "c.md",
            "--junit",
            "c.xml",
            "--html",
            "c.html",
            "--json",
            "c.json",
        ]))
        .expect(code)
    };
    assert!(compare("same", 0).stdout.starts_with("PASS"));
    assert!(compare("few", 4).stdout.starts_with("INCONCLUSIVE"));
    let slower = compare("slower", 6).stdout;
    assert!(slower.starts_with("REGRESSED"), "{slower}");
    let read = |name: &str| fs::read_to_string(at(name)).expect("it was written");
    assert!(read("c.md").contains("**REGRESSED**"));
    assert!(read("c.xml").contains("<failure"));
    assert!(read("c.html").contains("Regressed"));
    let json: Value = serde_json::from_str(&read("c.json")).expect("JSON");
    assert_eq!(json["verdict"], "regressed");
    let mut turned = roadtest(folder.path());
    run(turned.args(["compare", "slower", "before"])).expect(7);
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    records(&at("before"), 5, 1.0);
    let refused = |candidate: &str, expected: &str| {
        let mut command = roadtest(folder.path());
        let ended = run(command.args(["compare", "before", candidate])).expect(2);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    };
    fs::create_dir(at("empty")).expect("a folder");
    refused("empty", "there is no run.json below empty");
    refused("nowhere", "cannot read nowhere");
    let change = |name: &str, change: &dyn Fn(&mut Value)| {
        records(&at(name), 5, 1.0);
        let file = at(name).join("2/run.json");
        let mut record: Value =
            serde_json::from_str(&fs::read_to_string(&file).expect("text")).expect("JSON");
        change(&mut record);
        fs::write(file, record.to_string()).expect("written");
    };
    change("elsewhere", &|record| {
        record["machine"]["cores"] = json!(99);
    });
    refused("elsewhere", "99");
    change("older", &|record| record["schema_version"] = json!(0));
    refused("older", "schema version 0");
    records(&at("cut"), 5, 1.0);
    let file = at("cut").join("3/run.json");
    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, &text[..text.len() / 2]).expect("written");
    refused("cut", "cut off");
}

#[test]
fn a_bench_makes_its_runs_in_turns_and_says_when_they_are_too_few() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    scenario::write(folder.path(), "tiny.yaml", scenario::TINY);
    let this = env!("CARGO_BIN_EXE_roadtest");
    let mut command = roadtest(folder.path());
    command.args([
        "bench",
        "tiny.yaml",
        "--runs",
        "2",
        "--out",
        "b",
        "--baseline",
        this,
    ]);
    let ended = run(&mut command).expect(4);
    let order: Vec<&str> = ended
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| matches!(*word, "baseline" | "candidate"))
        .take(4)
        .collect();
    assert_eq!(order, ["baseline", "candidate", "candidate", "baseline"]);
    assert!(folder.path().join("b/comparison.html").is_file());
    assert!(folder.path().join("b/candidate/002/run.json").is_file());
    let mut command = roadtest(folder.path());
    let ended = run(command.args(["bench", "tiny.yaml", "--baseline", "/bin/true"])).expect(2);
    assert!(
        ended.stderr.contains("/bin/true is no roadtest"),
        "{}",
        ended.stderr
    );
}
