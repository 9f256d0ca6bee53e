//! A country that stays up for people to try, and what is left of their trying.

use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use sim_population::Population;
use sim_scenario::Scenario;

use crate::finished_run::Evidence;
use crate::judges::{all_are_convinced, belong_together, unzip};
use crate::parts;
use crate::roadtest::{Running, roadtest, run, shell};
use crate::scenario;

/// The command that was printed, as it stands, with the lines it goes on in.
fn printed_curl(said: &str) -> String {
    let mut goes_on = false;
    let lines = said
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("curl "));
    let lines = lines.take_while(|line| {
        let is_next = goes_on || line.trim_start().starts_with("curl ");
        goes_on = line.ends_with('\\');
        is_next
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The answer to a command line with `curl -i`: its head and its body.
fn call(folder: &Path, line: &str) -> (String, String) {
    let ended = run(&mut shell(folder, line)).expect(0);
    let answer = ended.stdout.replace('\r', "");
    let (head, body) = answer.split_once("\n\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

fn message_id(head: &str) -> &str {
    let mut lines = head.lines();
    lines
        .find_map(|line| line.strip_prefix("x-road-id:"))
        .expect("an answer names its message")
        .trim()
}

fn who_has_died(file: &Path) -> impl Fn(&Value) -> bool + use<> {
    let scenario = Scenario::load(file).expect("the tiny scenario is valid");
    let plan = scenario.population.plan();
    let population = Population::new(scenario.seed, plan).expect("the plan is possible");
    move |id| {
        let index = population.index_of(id.as_str().expect("an ID is text"));
        population.is_deceased(index.expect("the ID is somebody's"))
    }
}

/// The evidence of one message, which convinces every judge.
fn check_evidence(run_folder: &Path, message_id: &str, has_body: bool) {
    let evidence = Evidence::extract(run_folder, message_id);
    let mut containers = Vec::new();
    for server in ["pension-gateway", "register-gateway"] {
        let [request, response] = ["request", "response"].map(|to| evidence.container(server, to));
        assert!(belong_together(&request, &response));
        let entries = unzip(&request);
        assert_eq!(entries.contains_key("attachment1"), has_body);
        let is_direct = !entries.contains_key("sig-hashchainresult.xml");
        assert_eq!(
            is_direct, !has_body,
            "a lone message without a body is signed as it is"
        );
        containers.extend([request, response]);
    }
    all_are_convinced(&containers, &evidence.folder);
}

#[test]
fn the_printed_curl_line_works_and_leaves_evidence() {
    let around = tempfile::tempdir().expect("a temporary folder");
    let scenario = scenario::write(around.path(), "tiny.yaml", scenario::TINY);
    let mut command = roadtest(around.path());
    let mut up = Running::start(command.args(["up", "tiny.yaml", "--out", "country"]));
    up.wait_for("Ctrl-C ends it");

    // As printed: two people, of whom one has died.
    let line = printed_curl(up.stdout());
    let (head, body) = call(around.path(), &line);
    assert!(head.starts_with("HTTP/1.1 200"), "{line}\n{head}");
    let answer: Value = serde_json::from_str(&body).expect("the answer is JSON");
    let asked = line
        .split_once("-d '")
        .and_then(|(_, rest)| rest.split_once('\''));
    let asked: Value = serde_json::from_str(asked.expect("a body").0).expect("the body is JSON");
    let has_died = who_has_died(&scenario);
    let asked = asked["ids"].as_array().expect("a list of IDs");
    let truth: Vec<_> = asked.iter().filter(|id| has_died(id)).collect();
    let named = answer["deceased"].as_array().expect("a list of the dead");
    let named: Vec<_> = named.iter().map(|named| &named["id"]).collect();
    assert_eq!((asked.len(), truth.len()), (2, 1), "{line}");
    assert_eq!(named, truth);

    // A question without a body, of which the register thinks little.
    let url = line.rsplit_once("http://").expect("a URL").1.trim();
    let client = "X-Road-Client: EE/GOV/00000001/pensions";
    let (without_body, _) = call(
        around.path(),
        &format!("curl -i -H '{client}' http://{url}"),
    );
    assert!(without_body.starts_with("HTTP/1.1 405"), "{without_body}");

    up.signal(Signal::INT);
    let ended = up.end().expect(0);
    let folder = around.path().join("country");
    parts::are_gone(&folder);
    check_evidence(&folder, message_id(&head), true);
    check_evidence(&folder, message_id(&without_body), false);

    // The last thing it says is how to see what was asked.
    let hint = ended
        .stdout
        .lines()
        .rfind(|line| !line.is_empty())
        .expect("it said something");
    let listed = hint
        .trim()
        .strip_prefix("roadtest ")
        .expect("a command of roadtest");
    let list = run(roadtest(around.path()).args(listed.split(' '))).expect(0);
    let expected = format!("{}\n{}\n", message_id(&head), message_id(&without_body));
    assert_eq!(list.stdout, expected);
}

#[test]
fn a_part_that_dies_ends_the_country() {
    let around = tempfile::tempdir().expect("a temporary folder");
    scenario::write(around.path(), "tiny.yaml", scenario::TINY);
    let mut command = roadtest(around.path());
    let mut up = Running::start(command.args(["up", "tiny.yaml", "--out", "country"]));
    up.wait_for("Ctrl-C ends it");
    let folder = around.path().join("country");
    parts::signal(&folder, "central-server", Signal::KILL);
    let ended = up.end().expect(3);
    parts::are_gone(&folder);
    assert!(
        ended.stderr.contains("error: central-server ended early"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_killed_parent_leaves_no_country() {
    let around = tempfile::tempdir().expect("a temporary folder");
    scenario::write(around.path(), "tiny.yaml", scenario::TINY);
    let mut command = roadtest(around.path());
    let mut up = Running::start(command.args(["up", "tiny.yaml", "--out", "country"]));
    up.wait_for("Ctrl-C ends it");
    let folder = around.path().join("country");
    assert_eq!(parts::of(&folder).len(), 7);
    up.signal(Signal::KILL);
    up.end().expect(-1);
    parts::are_gone(&folder);
}
