//! What `roadtest evidence` hands out convinces those who do not trust Roadtest.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::finished_run::finished_run;
use crate::judges::{all_are_convinced, belong_together, unzip};
use crate::roadtest::{roadtest, run, shell};

const SERVERS: [&str; 2] = ["pension-gateway", "register-gateway"];
const DIRECTIONS: [&str; 2] = ["request", "response"];

#[test]
fn the_list_names_every_message_once() {
    let run = finished_run();
    let record = run.record();
    let run_id = record["run_id"].as_str().expect("a run has an ID");
    let asked: BTreeSet<_> = (0..200).map(|index| format!("{run_id}-{index}")).collect();
    let listed: BTreeSet<_> = run.messages.iter().cloned().collect();
    assert_eq!(listed, asked);
    assert_eq!(run.messages.len(), 200, "no ID stands there twice");
}

#[test]
fn a_message_comes_as_four_containers_with_what_is_needed_to_check_them() {
    let evidence = finished_run().evidence(&finished_run().messages[0]);
    let entries = fs::read_dir(&evidence.folder).expect("the folder was made");
    let names: BTreeSet<_> = entries
        .map(|entry| entry.expect("it can be read").file_name().into_string())
        .map(|name| name.expect("names are text"))
        .collect();
    let mut expected: BTreeSet<_> = ["ca.pem", "ocsp.pem", "tsa.pem"].map(str::to_owned).into();
    for server in SERVERS {
        expected.extend(DIRECTIONS.map(|direction| format!("{server}-{direction}.asice")));
    }
    assert_eq!(names, expected);
}

#[test]
fn every_container_convinces_xmlsec_openssl_and_python() {
    let run = finished_run();
    for message in [&run.messages[0], &run.messages[100], &run.messages[199]] {
        let evidence = run.evidence(message);
        let containers = SERVERS.map(|server| DIRECTIONS.map(|to| evidence.container(server, to)));
        all_are_convinced(&containers.concat(), &evidence.folder);
    }
}

#[test]
fn both_servers_kept_the_same_message_under_the_same_signature() {
    let run = finished_run();
    let evidence = run.evidence(&run.messages[42]);
    for direction in DIRECTIONS {
        let [mut of_client, mut of_provider] =
            SERVERS.map(|server| unzip(&evidence.container(server, direction)));
        for stamped_by_each in ["ts-hashchainresult.xml", "ts-hashchain.xml"] {
            of_client.remove(stamped_by_each);
            of_provider.remove(stamped_by_each);
        }
        for (name, content) in &of_client {
            let is_stamp = ["META-INF/ASiCManifest.xml", "META-INF/timestamp.tst"];
            if !is_stamp.contains(&name.as_str()) {
                assert!(
                    of_provider[name] == *content,
                    "{name} of the {direction} differs"
                );
            }
        }
        assert_eq!(
            of_client.len(),
            9,
            "message, body, signature, chain, manifests, token"
        );
    }
}

#[test]
fn a_response_is_bound_to_its_request_and_to_no_other() {
    let run = finished_run();
    let [one, another] = [&run.messages[3], &run.messages[4]].map(|id| run.evidence(id));
    let request = one.container("pension-gateway", "request");
    assert!(belong_together(
        &request,
        &one.container("register-gateway", "response")
    ));
    assert!(!belong_together(
        &request,
        &another.container("register-gateway", "response")
    ));
}

#[test]
fn the_containers_hold_what_was_asked_and_answered() {
    let run = finished_run();
    let mut dead = 0;
    for message in &run.messages[..20] {
        let evidence = run.evidence(message);
        let [question, answer] = DIRECTIONS.map(|direction| {
            let entries = unzip(&evidence.container("pension-gateway", direction));
            let head = String::from_utf8_lossy(&entries["message.xml"]).into_owned();
            assert!(
                head.contains(&format!("\r\nx-road-id:{message}\r\n")),
                "{head}"
            );
            serde_json::from_slice::<Value>(&entries["attachment1"]).expect("a body is JSON")
        });
        let asked = question["ids"]
            .as_array()
            .expect("a question is a list of IDs");
        assert_eq!(asked.len(), 1);
        let named = answer["deceased"]
            .as_array()
            .expect("an answer lists the dead");
        assert!(
            named.iter().all(|named| named["id"] == asked[0]),
            "{answer}"
        );
        assert_eq!(answer["unknown"], Value::Array(Vec::new()));
        dead += named.len();
    }
    assert!(dead <= 3, "no more than have died");
}

#[test]
fn what_is_not_there_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let finished = finished_run();
    let mut command = roadtest(folder.path());
    command.args(["evidence", "nobody-asked-this", "--out", "out", "--run"]);
    let ended = run(command.arg(&finished.folder)).expect(2);
    assert!(
        ended.stderr.contains("has the ID nobody-asked-this"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("--list"),
        "says what to do: {}",
        ended.stderr
    );
    assert!(!folder.path().join("out").exists());

    let mut command = roadtest(folder.path());
    let ended = run(command.args(["evidence", "--list", "--run", "."])).expect(2);
    assert!(
        ended.stderr.contains(". is no folder of a run"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_reader_of_the_list_may_leave_early() {
    let folder = &finished_run().folder;
    // A shell without pipefail tells only of the last command; the first one's code goes to a file.
    let line = "{ \"$0\" evidence --list --run . ; echo \"code $?\" >&2; } | head -n 1";
    let ended = run(&mut shell(folder, line)).expect(0);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(ended.stderr, "code 0\n");
}
