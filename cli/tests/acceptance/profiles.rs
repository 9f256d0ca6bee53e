//! One scenario under several profiles: every run is a real one, and its evidence convinces
//! others, whatever the keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::finished_run::{Evidence, folder_of_this_process, record};
use crate::judges::{all_are_convinced, unzip};
use crate::roadtest::{Ended, roadtest, run};
use crate::scenario::{self, tiny_but};

const PROFILES: [&str; 4] = ["modern", "xroad-default", "xroad-ee", "xroad-fi"];
/// Of the people asked about: a quarter of the tiny scenario's.
const PEOPLE: u64 = 50;

struct Compared {
    folder: PathBuf,
    ended: Ended,
}

/// The tiny scenario under every profile, once for all tests.
fn compared() -> &'static Compared {
    static COMPARED: OnceLock<Compared> = OnceLock::new();
    COMPARED.get_or_init(|| {
        let around = folder_of_this_process("profiles");
        let scenario = scenario::write(&around, "tiny.yaml", scenario::TINY);
        let folder = around.join("comparison");
        let mut command = roadtest(&around);
        command.arg("compare-profiles").arg(scenario);
        command.args(["--people", &PEOPLE.to_string(), "--out"]);
        let ended = run(command.arg(&folder)).expect(0);
        Compared { folder, ended }
    })
}

fn comparison() -> Value {
    let text = fs::read(compared().folder.join("comparison.json")).expect("it is kept");
    serde_json::from_slice(&text).expect("it is JSON")
}

/// The message IDs of a run.
fn messages(run_folder: &Path) -> Vec<String> {
    let mut command = roadtest(run_folder);
    let listed = run(command.args(["evidence", "--list", "--run", "."])).expect(0);
    listed.stdout.lines().map(str::to_owned).collect()
}

/// What the run of `profile` says of one setting.
fn setting(record: &Value, name: &str) -> String {
    let settings = record["exchange"]["settings"].as_array();
    let mut settings = settings.expect("every setting is listed").iter();
    let setting = settings.find(|setting| setting["name"] == name);
    let value = &setting.unwrap_or_else(|| panic!("no {name}"))["value"];
    value.as_str().expect("values are text").to_owned()
}

#[test]
fn every_profile_is_a_run_of_its_own_that_passes_its_audit() {
    for profile in PROFILES {
        let folder = compared().folder.join(profile);
        let record = record(&folder);
        assert_eq!(record["verdict"]["outcome"], "passed", "{profile}");
        assert_eq!(record["audit"]["verified"], PEOPLE, "{profile}");
        assert_eq!(record["exchange"]["profile"], profile);
        let mut again = roadtest(&folder);
        run(again.args(["audit", "."])).expect(0);
    }
}

#[test]
fn the_comparison_stands_side_by_side_and_in_a_file() {
    let said = &compared().ended.stdout;
    let heads = said
        .lines()
        .find(|line| PROFILES.iter().all(|name| line.contains(name)));
    assert!(heads.is_some(), "{said}");
    for figure in [
        "exchanges a second",
        "signatures made",
        "time-stamps",
        "verdict",
    ] {
        let row = said
            .lines()
            .find(|line| line.trim_start().starts_with(figure));
        let cells = row.map(|row| {
            row.trim_start()
                .trim_start_matches(figure)
                .split_whitespace()
                .count()
        });
        assert!(cells >= Some(PROFILES.len()), "{figure}: {said}");
    }
    let comparison = comparison();
    for (index, profile) in PROFILES.into_iter().enumerate() {
        let figures = &comparison["profiles"][index];
        assert_eq!(figures["profile"], profile);
        assert_eq!(figures["exchanges"], PEOPLE);
        for figure in [
            "exchanges_per_second",
            "response_time_p50_us",
            "response_time_p99_us",
            "server_cpu_us_per_exchange",
            "evidence_bytes_per_record",
        ] {
            assert!(
                figures[figure].as_f64() > Some(0.0),
                "{profile} {figure}: {figures}"
            );
        }
    }
}

#[test]
fn what_a_profile_sets_is_what_was_done() {
    let comparison = comparison();
    let counts = |index: usize, name: &str| {
        let count = comparison["profiles"][index]["counts"][name].as_u64();
        count.unwrap_or_else(|| panic!("no {name}"))
    };
    for (index, profile) in PROFILES.into_iter().enumerate() {
        let record = record(&compared().folder.join(profile));
        let connections = counts(index, "peer_connections");
        match setting(&record, "connections").as_str() {
            // As many as are in flight, and one that looked whether the server is there.
            "kept" => assert!(connections <= 20, "{profile}: {connections}"),
            _ => assert_eq!(connections, PEOPLE, "{profile}"),
        }
        assert_eq!(counts(index, "signed_messages"), 2 * PEOPLE, "{profile}");
        assert!(counts(index, "ocsp_statuses") > 0 && counts(index, "time_stamps") > 0);
    }
}

#[test]
fn what_is_not_as_x_road_has_it_is_said() {
    for (profile, words) in [
        (
            "xroad-ee",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 is offered instead",
        ),
        ("xroad-default", "TLS sessions are not resumed"),
        ("xroad-fi", "the body's digest"),
    ] {
        let record = record(&compared().folder.join(profile));
        let departures = record["exchange"]["departures"].to_string();
        assert!(departures.contains(words), "{profile}: {departures}");
    }
    let modern = record(&compared().folder.join("modern"));
    assert_eq!(modern["exchange"]["departures"], Value::Array(Vec::new()));
}

#[test]
fn containers_signed_with_rsa_convince_the_same_judges() {
    for profile in ["xroad-default", "xroad-ee"] {
        let folder = compared().folder.join(profile);
        let message = messages(&folder).swap_remove(7);
        let evidence = Evidence::extract(&folder, &message);
        let containers = [
            evidence.container("pension-gateway", "request"),
            evidence.container("register-gateway", "response"),
        ];
        let document =
            String::from_utf8_lossy(&unzip(&containers[0])["META-INF/signatures.xml"]).into_owned();
        assert!(document.contains("xmldsig-more#rsa-sha512"), "{profile}");
        all_are_convinced(&containers, &evidence.folder);
    }
}

#[test]
fn bodies_that_are_not_logged_are_nowhere_in_the_logs() {
    let folder = compared().folder.join("xroad-fi");
    let message = messages(&folder).swap_remove(7);
    let evidence = Evidence::extract(&folder, &message);
    let entries = unzip(&evidence.container("pension-gateway", "request"));
    assert!(!entries.contains_key("attachment1"));
    let note = &evidence.note;
    assert!(note.contains("the containers have no attachment"), "{note}");
    let with_bodies = compared().folder.join("modern");
    let message = messages(&with_bodies).swap_remove(7);
    assert_eq!(Evidence::extract(&with_bodies, &message).note, "");
    for server in ["pension-gateway", "register-gateway"] {
        let segment = folder.join("logs").join(server).join("00000000.seg");
        let segment = fs::read(segment).expect("the log is there");
        // How every question and every answer begins.
        for begin in [&b"{\"ids\":"[..], b"\"deceased\":"] {
            assert!(
                !segment.windows(begin.len()).any(|window| window == begin),
                "{server}"
            );
        }
    }
}

#[test]
fn signatures_are_stamped_one_by_one_where_that_is_asked_for() {
    let around = tempfile::tempdir().expect("a temporary folder");
    let text = tiny_but(&[
        ("people: 200", "people: 20"),
        (
            "workload:",
            "exchange: { time-stamps: at-once, signatures: per-message }\n\nworkload:",
        ),
    ]);
    let scenario = scenario::write(around.path(), "at-once.yaml", text);
    let folder = around.path().join("run");
    let mut command = roadtest(around.path());
    run(command.arg("run").arg(scenario).arg("--out").arg(&folder)).expect(0);
    let record = record(&folder);
    assert_eq!(record["exchange"]["profile"], "modern");
    assert_eq!(setting(&record, "time-stamps"), "at-once");
    for server in record["evidence"]["servers"]
        .as_array()
        .expect("two servers")
    {
        assert_eq!(server["signatures"], 40);
        assert_eq!(server["time_stamps"], server["signatures"]);
    }
    assert_eq!(record["exchange_counts"]["time_stamps"], 80);
}

#[test]
fn nothing_is_started_where_a_profile_does_not_fit_the_scenario() {
    let around = tempfile::tempdir().expect("a temporary folder");
    let text = tiny_but(&[(
        "workload:",
        "exchange: { idle-connections: 10 }\n\nworkload:",
    )]);
    let scenario = scenario::write(around.path(), "odd.yaml", text);
    let mut command = roadtest(around.path());
    let refused = run(command.arg("compare-profiles").arg(scenario)).expect(2);
    assert!(
        refused.stderr.contains("`idle-connections` has no meaning"),
        "{}",
        refused.stderr
    );
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    assert!(!around.path().join("reports").exists());

    let tiny = scenario::write(around.path(), "tiny.yaml", scenario::TINY);
    for (profiles, words) in [
        ("modern,modern", "named twice"),
        ("xroad", "possible values"),
    ] {
        let mut command = roadtest(around.path());
        command.arg("compare-profiles").arg(&tiny);
        let refused = run(command.args(["--profiles", profiles])).expect(2);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
}
