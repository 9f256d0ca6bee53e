//! Ledger and logs must tell one story.

use crate::country::{Country, now};
use crate::forge::{Chain, Entry, Run, Tracked, chain_documents, request_hash, response};
use crate::{assert_findings, assert_verified};

#[test]
fn what_the_servers_logged_must_be_what_was_asked_and_answered() {
    let country = Country::new();
    let alter = |change: &dyn Fn(&mut Run)| {
        let mut run = Run::genuine(&country);
        change(&mut run);
        run.audit(&country)
    };
    let result = alter(&|run| run.exchanges[5].client = "EE/GOV/8/other".to_owned());
    assert_findings(&result, &[("malformed-question", 1), ("not-as-asked", 2)]);
    let result =
        alter(&|run| run.exchanges[5].target = "GET /r1/EE/GOV/7/people/liveness".to_owned());
    assert_findings(&result, &[("not-as-asked", 2)]);
    let result = alter(&|run| run.exchanges[5].question.push(b' '));
    assert_findings(&result, &[("not-as-asked", 2)]);
    let result = alter(&|run| run.exchanges[5].answer.push(b' '));
    assert_findings(&result, &[("not-as-answered", 2)]);
    let result =
        alter(&|run| run.exchanges[5].request_hash = run.exchanges[6].request_hash.clone());
    assert_findings(&result, &[("request-hash", 2)]);
    assert_verified(&result, 1);
}

#[test]
fn a_response_to_another_request_is_found() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let old = run.find(0, "run-5", 1).1.clone();
    let body = String::from_utf8(old.body.clone().unwrap()).unwrap();
    let hash = request_hash(run.find(0, "run-6", 0).1);
    let signed = run.sign(
        &country.provider,
        vec![response("run-5", &body, &hash)],
        now(),
    );
    let (place, message) = run.find(0, "run-5", 1);
    *message = signed[0].clone();
    run.logs[0].insert(place, Entry::Document(signed[0].document));
    let result = run.audit(&country);
    assert_findings(&result, &[("request-hash", 2), ("servers-differ", 1)]);
}

#[test]
fn records_must_name_what_their_messages_name() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    run.find(0, "run-5", 1).1.own = "EE/GOV/8/other".to_owned();
    run.find(0, "run-6", 1).1.request_id = "another".to_owned();
    run.find(1, "run-7", 0).1.head.truncate(20);
    let result = run.audit(&country);
    let expected = [
        ("malformed-message", 2),
        ("not-as-asked", 1),
        ("parties", 1),
        ("servers-differ", 1),
        ("signature-over-another-message", 1),
    ];
    assert_findings(&result, &expected);
    assert_verified(&result, 3);
}

#[test]
fn a_ledger_must_be_complete() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    run.exchanges.pop();
    let result = run.audit(&country);
    let expected = [
        ("exchange-count", 1),
        ("extra-record", 4),
        ("person-not-asked", 1),
    ];
    assert_findings(&result, &expected);

    let mut run = Run::genuine(&country);
    run.exchanges[1] = run.exchanges[0].clone();
    let result = run.audit(&country);
    let expected = [
        ("extra-record", 4),
        ("message-id-used-twice", 1),
        ("person-asked-twice", 1),
        ("person-not-asked", 1),
    ];
    assert_findings(&result, &expected);
    assert_verified(&result, 2);
}

#[test]
fn exchanges_without_an_answer_are_settled_from_the_logs() {
    let country = Country::new();
    let without_records = |run: &mut Run, number: usize, keep: usize| {
        let id = format!("run-{number}");
        let mut seen = 0;
        for log in &mut run.logs {
            log.retain(|entry| match entry {
                Entry::Message(message) if message.id == id => {
                    seen += 1;
                    seen <= keep
                }
                _ => true,
            });
        }
        let exchange = &mut run.exchanges[number];
        (exchange.status, exchange.answer) = (0, Vec::new());
        exchange.request_hash.clear();
    };
    let mut run = Run::genuine(&country);
    let alive = run.alive();
    for (number, keep, outcome) in [
        (alive, 0, 3),
        (alive + 9, 1, 3),
        (alive + 19, 4, 3),
        (alive + 20, 1, 1),
        (alive + 21, 0, 2),
    ] {
        without_records(&mut run, number, keep);
        run.exchanges[number].outcome = outcome;
    }
    let result = run.audit(&country);
    let expected = [
        ("failed", 1),
        ("refused", 1),
        ("unknown", 1),
        ("unknown-answered", 1),
        ("unknown-never-sent", 1),
    ];
    assert_findings(&result, &expected);
    assert_eq!((result.unknown, result.missing, result.extra), (1, 0, 0));
    assert_verified(&result, 5);
}

#[test]
fn chains_kept_as_documents_are_read_as_xml() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let (_, message) = run.find(0, "run-3", 0);
    let (result, chain) = chain_documents(message);
    // The form in which X-Road's own library writes the chain; the result is signed as it is.
    let chain = chain
        .replace("<hc:HashStep", "\n    <!-- one level -->\n    <hc:HashStep")
        .replace("xmlns:hc=", "xmlns:ns2=")
        .replace("hc:", "ns2:");
    let mut verbatim = |result: String, chain: String| {
        message.chain = Chain::Verbatim(result.into(), chain.into());
    };
    verbatim(result.clone(), chain.clone());
    assert!(run.audit(&country).is_clean());

    let step = chain
        .find("<ns2:StepRef")
        .expect("the batch has several messages");
    for (from, to, kind) in [
        ("URI=\"/attachment1\"", "URI=\"/attachment2\"", "hash-chain"),
        ("URI=\"#STEP1\"", "URI=\"#STEP0\"", "hash-chain"),
        ("xmlenc#sha512", "xmlenc#sha256", "hash-chain"),
    ] {
        let altered = chain.replacen(from, to, 1);
        assert_ne!(altered, chain, "{from}");
        run.find(0, "run-3", 0).1.chain = Chain::Verbatim(result.clone().into(), altered.into());
        assert_findings(&run.audit(&country), &[(kind, 1)]);
    }
    // Steps that lead nowhere but to each other, more of them at every level.
    let steps = (0..200).map(|step| {
        let next = format!("<ns2:StepRef URI=\"#STEP{}\"/>", step + 1);
        format!("<ns2:HashStep id=\"STEP{step}\">{next}{next}</ns2:HashStep>")
    });
    let first = chain.find("<ns2:HashStep").expect("it has steps");
    let endless = format!(
        "{}{}</ns2:HashChain>",
        &chain[..first],
        steps.collect::<String>()
    );
    run.find(0, "run-3", 0).1.chain = Chain::Verbatim(result.clone().into(), endless.into());
    assert_findings(&run.audit(&country), &[("hash-chain", 1)]);
    let cut = format!("{}</ns2:HashStep></ns2:HashChain>", &chain[..step]);
    run.find(0, "run-3", 0).1.chain = Chain::Verbatim(result.clone().into(), cut.into());
    assert_findings(&run.audit(&country), &[("hash-chain", 1)]);
    // A result that is right in itself, but not the one that was signed.
    let result = result.replace("/><ds:", "/> <ds:");
    run.find(0, "run-3", 0).1.chain = Chain::Verbatim(result.into(), chain.into());
    assert_findings(
        &run.audit(&country),
        &[("signature-over-another-message", 1)],
    );
}

#[test]
fn what_others_asked_needs_evidence_and_a_ledger_too() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    run.portal_asks(30);
    let result = run.audit(&country);
    assert_findings(&result, &[]);
    assert_eq!((result.exchanges, result.verified), (40, 40));

    // As somebody else than the ledger is of.
    run.of_portal[3].client = "EE/GOV/8/other".to_owned();
    let result = run.audit(&country);
    assert_findings(
        &result,
        &[
            ("malformed-question", 1),
            ("not-as-asked", 2),
            ("tracked-otherwise", 1),
        ],
    );

    // Logged, but in nobody's ledger.
    run.of_portal.remove(3);
    let result = run.audit(&country);
    assert_eq!(result.extra, 4);

    // In a ledger, but not logged.
    let mut run = Run::genuine(&country);
    run.portal_asks(30);
    run.of_portal[3].id = "run-never".to_owned();
    let result = run.audit(&country);
    assert_eq!((result.missing, result.extra), (4, 4));
}

#[test]
fn every_read_is_tracked_once_and_nothing_else() {
    let country = Country::new();
    let altered = |change: &dyn Fn(&mut Vec<Tracked>)| {
        let mut run = Run::genuine(&country);
        run.portal_asks(30);
        change(&mut run.tracked);
        run.audit(&country)
    };
    assert_findings(&altered(&|_| {}), &[]);
    let result = altered(&|tracked| drop(tracked.remove(4)));
    assert_findings(&result, &[("read-not-tracked", 1)]);
    let result = altered(&|tracked| tracked.push(tracked[4].clone()));
    assert_findings(&result, &[("read-tracked-twice", 1)]);
    let result = altered(&|tracked| tracked.push(("never".to_owned(), "liveness")));
    assert_findings(&result, &[("tracked-without-a-read", 1)]);
    let result = altered(&|tracked| tracked[4].1 = "record");
    assert_findings(&result, &[("tracked-otherwise", 1)]);
}
