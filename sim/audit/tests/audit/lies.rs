//! Every lie that a run can tell must be found, counted, and called by its name.

use crate::country::{Country, now, signing_params};
use sim_audit::AskedAbout;

use crate::forge::{Asked, Chain, DECEASED, Entry, PEOPLE, Run, Stamp, answer, request};
use crate::{assert_findings, assert_verified};

#[test]
fn a_genuine_run_is_proven_in_full() {
    let country = Country::new();
    let run = Run::genuine(&country);
    let result = run.audit(&country);
    assert_findings(&result, &[]);
    assert!(result.is_clean(), "{result:#?}");
    assert_eq!((result.exchanges, result.verified), (PEOPLE, PEOPLE));
    assert_eq!(result.messages, 4 * PEOPLE);
    // Six batches of requests, each answered in two, on both sides.
    assert_eq!((result.signatures, result.time_stamps), (2 * 18, 2 * 2));
    assert_eq!(result.deceased_named, DECEASED);
}

#[test]
fn several_people_in_a_question_are_proven_alike() {
    let country = Country::new();
    let run = Run::answering(&country, 7, |_, asked| answer(asked));
    let result = run.audit(&country);
    assert!(result.is_clean(), "{result:#?}");
    assert_eq!(
        (result.exchanges, result.deceased_named),
        (PEOPLE.div_ceil(7), DECEASED)
    );
}

#[test]
fn entries_of_persons_are_held_against_the_truth() {
    let country = Country::new();
    let entry = |asked: &Asked, sex: &str| {
        serde_json::json!({
            "id": asked.id, "born_on": asked.born_on, "sex": sex, "died_on": asked.died_on,
        })
    };
    let run = |change: &dyn Fn(usize, Vec<serde_json::Value>) -> Vec<serde_json::Value>| {
        let mut run = Run::answering(&country, 7, |number, asked| {
            let entries = asked.iter().map(|asked| entry(asked, asked.sex)).collect();
            serde_json::json!({ "persons": change(number, entries), "unknown": [] }).to_string()
        });
        run.subject = AskedAbout::Persons;
        run.audit(&country)
    };
    let genuine = run(&|_, entries| entries);
    assert!(genuine.is_clean(), "{genuine:#?}");
    assert_eq!(genuine.deceased_named, DECEASED);
    type Lie = fn(&mut Vec<serde_json::Value>);
    let lies: [(&str, Lie); 5] = [
        ("somebody is left out", |entries| drop(entries.pop())),
        ("somebody is there twice", |entries| {
            entries.push(entries[0].clone());
        }),
        ("another sex", |entries| entries[1]["sex"] = "other".into()),
        ("another day of birth", |entries| {
            entries[1]["born_on"] = "1950-01-01".into();
        }),
        ("another day of death", |entries| {
            entries[1]["died_on"] = "2024-12-23".into();
        }),
    ];
    for (what, lie) in lies {
        let result = run(&|number, mut entries| {
            if number == 3 {
                lie(&mut entries);
            }
            entries
        });
        assert_findings(&result, &[("wrong-answer", 1)]);
        assert_eq!(result.wrong, 1, "{what}");
    }
    // An answer of the other service is none.
    let mut other = Run::answering(&country, 7, |_, asked| answer(asked));
    other.subject = AskedAbout::Persons;
    let result = other.audit(&country);
    assert_eq!(result.wrong, PEOPLE.div_ceil(7));
}

#[test]
fn a_register_that_answers_falsely_is_found() {
    let country = Country::new();
    let honest = Run::genuine(&country);
    for liar in [honest.deceased(), honest.alive()] {
        let run = Run::answering(&country, 1, |number, asked| {
            let truth = answer(asked);
            match (number == liar, asked[0].died_on.is_some()) {
                (false, _) => truth,
                (true, true) => r#"{"deceased":[],"unknown":[]}"#.to_owned(),
                (true, false) => format!(
                    r#"{{"deceased":[{{"id":"{}","died_on":"2024-12-24"}}],"unknown":[]}}"#,
                    asked[0].id
                ),
            }
        });
        let result = run.audit(&country);
        assert_findings(&result, &[("wrong-answer", 1)]);
        assert_eq!((result.wrong, result.unproven), (1, 0));
        assert_verified(&result, 1);
        let example = &result.examples[0];
        assert_eq!(
            example.message_id.as_deref(),
            Some(format!("run-{liar}").as_str())
        );
    }
}

#[test]
fn a_wrong_day_of_death_is_a_wrong_answer() {
    let country = Country::new();
    let liar = Run::genuine(&country).deceased();
    let run = Run::answering(&country, 1, |number, asked| {
        let truth = answer(asked);
        if number == liar {
            truth.replace("\"20", "\"19")
        } else {
            truth
        }
    });
    let result = run.audit(&country);
    assert_findings(&result, &[("wrong-answer", 1)]);
    assert_eq!(result.deceased_named, DECEASED);
}

#[test]
fn swapped_answers_are_told_from_false_ones() {
    let country = Country::new();
    let honest = Run::genuine(&country);
    let (one, other) = (honest.deceased(), honest.alive());
    let answers: Vec<Vec<u8>> = honest
        .exchanges
        .iter()
        .map(|exchange| exchange.answer.clone())
        .collect();
    let run = Run::answering(&country, 1, |number, _| {
        let number = match number {
            number if number == one => other,
            number if number == other => one,
            number => number,
        };
        String::from_utf8(answers[number].clone()).unwrap()
    });
    let result = run.audit(&country);
    assert_findings(&result, &[("swapped-answer", 2)]);
    assert_eq!((result.wrong, result.deceased_named), (2, DECEASED));
    assert_verified(&result, 2);
}

#[test]
fn an_answer_that_is_none_is_found() {
    let country = Country::new();
    let run = Run::answering(&country, 1, |number, asked| match number {
        3 => "{\"deceased\":[]}".to_owned(),
        _ => answer(asked),
    });
    let result = run.audit(&country);
    assert_findings(&result, &[("malformed-answer", 1)]);
    assert_eq!(result.wrong, 1);
}

#[test]
fn a_record_missing_on_either_side_is_found() {
    let country = Country::new();
    for log in [0, 1] {
        for direction in [0, 1] {
            let mut run = Run::genuine(&country);
            let (place, _) = run.find(log, "run-9", direction);
            run.logs[log].remove(place);
            let result = run.audit(&country);
            assert_findings(&result, &[("missing-record", 1)]);
            assert_eq!((result.missing, result.extra), (1, 0));
            assert_verified(&result, 1);
            assert_eq!(result.examples[0].message_id.as_deref(), Some("run-9"));
        }
    }
}

#[test]
fn a_whole_log_missing_is_found() {
    let country = Country::new();
    let run = Run::genuine(&country);
    let folder = tempfile::tempdir().unwrap();
    run.write(&country, folder.path());
    std::fs::remove_dir_all(folder.path().join("logs/provider")).unwrap();
    let result = sim_audit::audit(folder.path(), &run.plan(), &mut |_, _| {}).unwrap();
    assert_findings(
        &result,
        &[("log-missing", 1), ("missing-record", 2 * PEOPLE)],
    );
    assert_eq!((result.missing, result.verified), (2 * PEOPLE, 0));
}

#[test]
fn a_record_that_nobody_asked_for_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let extra = run.sign(
        &country.consumer,
        vec![request("run-40", "{\"ids\":[]}")],
        now(),
    );
    run.logs[0].push(Entry::Document(extra[0].document));
    run.logs[0].push(Entry::Message(extra[0].clone()));
    run.logs[0].push(Entry::Stamp(Stamp::default()));
    let result = run.audit(&country);
    assert_findings(&result, &[("extra-record", 1)]);
    assert_eq!((result.extra, result.verified), (1, PEOPLE));
    assert!(!result.is_clean());
    let example = &result.examples[0];
    assert_eq!(example.message_id.as_deref(), Some("run-40"));
    assert_eq!(example.server.as_deref(), Some("consumer"));
}

#[test]
fn a_record_written_twice_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let (place, message) = run.find(1, "run-2", 0);
    let again = Entry::Message(message.clone());
    run.logs[1].insert(place + 1, again);
    let result = run.audit(&country);
    assert_findings(&result, &[("duplicate-record", 1)]);
    assert_eq!(result.extra, 1);
    assert_verified(&result, 1);
}

#[test]
fn a_record_in_the_wrong_log_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let (place, _) = run.find(1, "run-2", 0);
    let Entry::Message(message) = run.logs[1].remove(place) else {
        unreachable!()
    };
    let after = run.find(0, "run-2", 0).0;
    run.logs[0].insert(after + 1, Entry::Message(message));
    let result = run.audit(&country);
    assert_findings(
        &result,
        &[("missing-record", 1), ("record-at-wrong-server", 1)],
    );
}

#[test]
fn a_signature_over_another_message_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    // The right key signs, but not what is then logged with it.
    let signed = run.sign(
        &country.consumer,
        vec![request("run-3", "{\"ids\":[\"1\"]}")],
        now(),
    );
    let (place, message) = run.find(0, "run-3", 0);
    message.document = signed[0].document;
    message.chain = Chain::Compact(Vec::new());
    run.logs[0].insert(place, Entry::Document(signed[0].document));
    let result = run.audit(&country);
    assert_findings(&result, &[("signature-over-another-message", 1)]);
    assert_eq!((result.unproven, result.wrong), (1, 0));
    assert_verified(&result, 1);
    assert_eq!(result.examples[0].message_id.as_deref(), Some("run-3"));
}

#[test]
fn a_chain_of_another_message_of_the_batch_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let other = run.find(0, "run-4", 0).1.chain.clone();
    run.find(0, "run-3", 0).1.chain = other;
    let result = run.audit(&country);
    assert_findings(&result, &[("signature-over-another-message", 1)]);
}

#[test]
fn a_certificate_of_another_member_is_found() {
    let country = Country::new();
    let other = country.member(&signing_params("9", 9));
    let mut run = Run::genuine(&country);
    let message = run.find(1, "run-3", 1).1.clone();
    let signed = run.sign(&other, vec![message], now());
    let (place, message) = run.find(1, "run-3", 1);
    *message = signed[0].clone();
    run.logs[1].insert(place, Entry::Document(signed[0].document));
    let result = run.audit(&country);
    assert_findings(&result, &[("certificate-of-another-member", 1)]);
    assert_eq!(result.unproven, 1);
    assert_verified(&result, 1);
    assert!(
        result.examples[0].text.contains("EE/GOV/9"),
        "{}",
        result.examples[0].text
    );
}

#[test]
fn a_token_of_another_batch_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    for entry in run.logs[1].iter_mut().rev().take(1) {
        *entry = Entry::Stamp(Stamp {
            of_another_batch: true,
            ..Stamp::default()
        });
    }
    let result = run.audit(&country);
    assert_findings(&result, &[("token-of-another-batch", 1)]);
    // The second batch holds everything after the first fourteen exchanges.
    assert_eq!((result.unproven, result.unstamped), (PEOPLE - 14, 0));
    assert_verified(&result, PEOPLE - 14);
}

#[test]
fn messages_without_a_time_stamp_are_counted() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    run.logs[0].pop();
    let result = run.audit(&country);
    let messages = 2 * (PEOPLE - 14);
    assert_findings(&result, &[("unstamped", messages)]);
    assert_eq!(result.unstamped, messages);
    assert_verified(&result, PEOPLE - 14);
}
