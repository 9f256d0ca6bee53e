//! The command `price-of-evidence` at tiny size: every arm answers everything right. How fast is
//! not asked.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Exchanges of every load.
const EXCHANGES: u64 = 300;

/// Sees to it that the binary that runs the parts stands beside the command. Testing the whole
/// workspace builds it; testing this package alone does not.
fn provide_roadtest() {
    let command = Path::new(env!("CARGO_BIN_EXE_price-of-evidence"));
    if command.with_file_name("roadtest").exists() {
        return;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "roadtest"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "roadtest cannot be built: {status}");
}

fn price_of_evidence(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_price-of-evidence"));
    command
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command
}

#[test]
fn every_arm_answers_everything_right_and_leaves_figures() {
    provide_roadtest();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("measurements.json");
    let exchanges = EXCHANGES.to_string();
    let arguments = [
        "--rounds",
        "1",
        "--in-flight",
        "8",
        "--exchanges",
        &exchanges,
        "--out",
        out.to_str().unwrap(),
    ];
    let ended = price_of_evidence(&arguments).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{told}{complained}");
    for line in [
        "| (a) register | ",
        "| (b) nginx pair | ",
        "| (c) security servers | ",
        "(c)/(b) = ",
    ] {
        assert!(told.contains(line), "no `{line}` in {told}");
    }

    let record: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert!(record["nginx"].as_str().unwrap().starts_with("nginx/"));
    let measurements = record["measurements"].as_array().unwrap();
    let arms: Vec<&str> = measurements
        .iter()
        .map(|one| one["arm"].as_str().unwrap())
        .collect();
    let round = ["direct", "relayed", "evidenced"];
    assert_eq!(arms[..3], round);
    assert!(arms[3..].iter().rev().eq(&round));
    for one in measurements {
        assert_eq!(one["exchanges"], EXCHANGES);
        assert_eq!(one["in_flight"], 8);
        assert!(one["rate_per_s"].as_f64().unwrap() > 0.0);
        let servers = one["cpu_us_by_server"].as_object().unwrap();
        let evidence = &one["evidence"];
        match one["arm"].as_str().unwrap() {
            "direct" => assert_eq!(servers.len(), 1, "{servers:?}"),
            // A master and a worker each.
            "relayed" => assert_eq!(servers.len(), 1 + 4, "{servers:?}"),
            _ => {
                assert_eq!(servers.len(), 1 + 2, "{servers:?}");
                assert_eq!(evidence["verified"], EXCHANGES);
                // Request and response, at the client's and at the provider's server.
                assert_eq!(evidence["messages"], 4 * EXCHANGES);
            }
        }
        assert_eq!(evidence.is_null(), one["arm"] != "evidenced");
    }
}

#[test]
fn nothing_is_started_for_a_scenario_that_is_not_there() {
    provide_roadtest();
    let ended = price_of_evidence(&["scenarios/no-such.yaml"])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(complained.contains("no-such.yaml"), "{complained}");
}
