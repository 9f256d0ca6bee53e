//! What the page says, as people read it. To accept changed words: `INSTA_UPDATE=always`.

use insta::assert_snapshot;
use sim_metrics::{Doubt, DoubtKind, GeneratorHealth, KeptLogs, LawCheck, TimesOverTime};

use crate::fixture;
use crate::fragment::{page, words};
use crate::parts::process;

/// The words of several parts, each under its ID.
fn told(page: &str, parts: &[&str]) -> String {
    let part = |id: &&str| format!("=== {id}\n{}", words(page, id));
    parts.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_run_that_passed() {
    let page = page(&fixture::passed());
    let parts = [
        "verdict",
        "glance",
        "proof",
        "thresholds",
        "answers",
        "response-time",
        "rate",
        "services",
        "stages",
        "evidence",
        "audit",
        "time",
        "caveats",
        "run",
    ];
    assert_snapshot!("passed", told(&page, &parts));
    assert!(page.contains("<title>Passed: pension-liveness – Roadtest</title>"));
}

#[test]
fn a_run_whose_register_lied() {
    let page = page(&fixture::failed());
    let parts = [
        "verdict",
        "proof",
        "thresholds",
        "answers",
        "audit",
        "caveats",
    ];
    assert_snapshot!("failed", told(&page, &parts));
}

#[test]
fn a_run_that_was_interrupted() {
    let page = page(&fixture::interrupted());
    let parts = ["verdict", "answers", "caveats"];
    assert_snapshot!("interrupted", told(&page, &parts));
}

#[test]
fn a_run_that_broke_early() {
    let page = page(&fixture::broken());
    let parts = [
        "verdict",
        "glance",
        "proof",
        "thresholds",
        "answers",
        "response-time",
        "rate",
        "processes",
        "evidence",
        "audit",
        "time",
        "caveats",
    ];
    assert_snapshot!("broken", told(&page, &parts));
}

#[test]
fn where_the_time_goes_beside_another_run() {
    let page = reports::html_beside(&fixture::passed(), &fixture::dearer()).unwrap();
    assert_snapshot!("beside", told(&page, &["stages"]));
}

#[test]
fn a_record_without_stages_says_so() {
    let mut record = fixture::passed();
    record.stages.clear();
    let told = words(&page(&record), "stages");
    assert!(
        told.ends_with("no security server said what it spent its time on."),
        "{told}"
    );
    // A record that measured nothing has no bars to stand beside.
    let page = reports::html_beside(&fixture::passed(), &record).unwrap();
    assert!(!page.contains("times as much"));
}

#[test]
fn a_load_at_a_rate_of_its_own() {
    let page = page(&fixture::paced());
    let parts = ["response-time", "rate", "caveats"];
    assert_snapshot!("paced", told(&page, &parts));
}

#[test]
fn several_services_of_several_members() {
    let page = page(&fixture::several());
    assert_snapshot!("several", told(&page, &["services"]));
}

#[test]
fn a_record_that_does_not_know_members_still_tells_services() {
    let mut record = fixture::several();
    record.scenario.members.clear();
    let told = words(&page(&record), "services");
    assert!(told.contains("EE/GOV/00000003/refunds"), "{told}");
    assert!(!told.contains("Security server"), "{told}");
    // Who asked whom is all that could be told of two members.
    let load = record.load.as_mut().unwrap();
    load.services.truncate(1);
    let told = words(&page(&record), "services");
    assert!(
        told.contains("EE/GOV/00000001/pensions asked one service, liveness of"),
        "{told}"
    );
    assert!(
        !told.contains("Was asked") && !told.contains("Share"),
        "{told}"
    );
    let load = record.load.as_mut().unwrap();
    load.services.clear();
    let told = words(&page(&record), "services");
    assert!(told.contains("Not told apart"), "{told}");
}

#[test]
fn forty_services_are_told_the_busiest_first_and_add_up() {
    let record = fixture::many();
    let page = page(&record);
    let told = words(&page, "services");
    let rows: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("get-entry-by-identifier-"))
        .collect();
    assert_eq!(rows.len(), 40, "{told}");
    assert_eq!(rows[0], "get-entry-by-identifier-0");
    assert_eq!(rows[39], "get-entry-by-identifier-39");
    let load = record.load.unwrap();
    let all: u64 = load.services.iter().map(|asked| asked.started).sum();
    let sum = format!("all together | {all} | ");
    assert!(told.replace(',', "").contains(&sum), "{sum}: {told}");
    assert!(!told.contains("not shown"), "{told}");
}

#[test]
fn a_thousand_people_in_each_question() {
    let mut record = fixture::passed();
    record.scenario.exchanges = 500;
    record.scenario.ids_per_exchange = 1_000;
    let load = record.load.as_mut().unwrap();
    (load.started, load.completed, load.outcomes.ok) = (500, 500, 500);
    let audit = record.audit.as_mut().unwrap();
    (audit.exchanges, audit.verified, audit.messages) = (500, 500, 2_000);
    let page = page(&record);
    assert_snapshot!("batched", told(&page, &["verdict", "answers"]));
}

#[test]
fn a_load_without_audit_proves_nothing() {
    let mut record = fixture::passed();
    record.audit = None;
    let verdict = words(&page(&record), "verdict");
    assert!(
        verdict.contains("980 of 500,000 were named as deceased; none of it is proven"),
        "{verdict}"
    );
}

#[test]
fn findings_fail_a_run_whose_thresholds_held() {
    let mut record = fixture::failed();
    record.thresholds.clear();
    let verdict = words(&page(&record), "verdict");
    assert!(
        verdict.contains("the audit found what no threshold can waive"),
        "{verdict}"
    );
}

#[test]
fn a_slow_generator_is_named() {
    let mut record = fixture::paced();
    let load = record.load.as_mut().unwrap();
    load.start_delay.p99_us = load.response_time.p99_us / 20;
    let (late, waited) = (
        "The load generator was late itself.",
        "Questions waited to be sent.",
    );
    let told = page(&record);
    assert!(!told.contains(late) && !told.contains(waited));
    // Whoever waits for a place in flight is not the generator's doing.
    let load = record.load.as_mut().unwrap();
    load.start_delay.p99_us = load.response_time.p99_us / 5;
    let told = page(&record);
    assert!(!told.contains(late) && told.contains(waited));
    let load = record.load.as_mut().unwrap();
    load.pacer_lag.p99_us = load.response_time.p99_us / 5;
    let told = page(&record);
    assert!(told.contains(late) && !told.contains(waited));
}

#[test]
fn a_threshold_that_decides_nothing_says_why() {
    let mut record = fixture::passed();
    record.thresholds[2].doubt = Some(Doubt {
        kind: DoubtKind::Inconclusive,
        reason: "of 42.0 ms at this percentile the load generator may have made 9.0 ms".to_owned(),
    });
    let told = words(&page(&record), "thresholds");
    assert!(told.contains("Of 42.0 ms at this percentile"), "{told}");
}

#[test]
fn the_measurement_is_measured_and_laws_that_broke_are_marked() {
    let mut record = fixture::paced();
    let told = words(&page(&record), "measurement");
    assert!(told.contains("Not measured"), "{told}");
    let load = record.load.as_mut().unwrap();
    load.generator = Some(GeneratorHealth {
        busy: 0.25,
        waiting: 0.05,
        idle: 0.7,
        scheduling_delay: load.pacer_lag.clone(),
        looks: 1_460,
        mean_in_flight: 61.2,
    });
    record.laws = vec![LawCheck {
        text: "Little: 61.2 in flight, counted 1460 times; 34.8 by rate times time".to_owned(),
        held: false,
    }];
    assert_snapshot!("measurement", words(&page(&record), "measurement"));
}

#[test]
fn a_record_without_spectrum_and_times_over_time_has_a_page() {
    let mut record = fixture::paced();
    let load = record.load.as_mut().unwrap();
    load.response_times = TimesOverTime::default();
    load.response_time.spectrum.clear();
    load.service_time.spectrum.clear();
    let told = words(&page(&record), "response-time");
    assert!(told.contains("Response time over the load"), "{told}");
    assert!(
        !told.contains("by percentile") && !told.contains("Every answer"),
        "{told}"
    );
}

#[test]
fn a_sample_without_time_does_not_dwarf_the_others() {
    let mut record = fixture::passed();
    record.processes[0].series[0].cpu_share = 2_500.0;
    let told = words(&page(&record), "processes");
    assert!(told.contains("At most 1.9"), "{told}");
    assert!(!told.contains("2,500"), "{told}");
}

#[test]
fn the_process_that_audits_is_shown_with_what_all_held() {
    let mut record = fixture::passed();
    let told = words(&page(&record), "processes");
    assert!(!told.contains("audit included"), "{told}");
    record.conductor = Some(process("roadtest", "conductor", 1.2, 400));
    let told = words(&page(&record), "processes");
    assert!(
        told.contains("Driving them and auditing what they left took"),
        "{told}"
    );
    assert!(told.contains("together, the audit included."), "{told}");
    assert!(told.contains("roadtest"), "{told}");
}

#[test]
fn the_page_says_what_is_left_of_the_logs() {
    let mut record = fixture::passed();
    assert!(!words(&page(&record), "evidence").contains("dropped"));
    record.evidence.kept = KeptLogs::None;
    let told = words(&page(&record), "evidence");
    assert!(told.contains("the logs were dropped."), "{told}");
    record.evidence.kept = KeptLogs::Sample {
        seed: 7,
        of: 500_000,
        message_ids: vec!["run-1".to_owned(), "run-2".to_owned()],
    };
    let told = words(&page(&record), "evidence");
    assert!(
        told.contains("2 exchanges, drawn from 500,000 by the seed 7"),
        "{told}"
    );
}
