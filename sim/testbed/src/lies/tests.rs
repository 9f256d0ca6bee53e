//! Each lie in the logs of a small country without processes: only the lie may be wrong.

mod country;
mod inspection;

use std::collections::BTreeSet;

use sim_message_log::{Direction, Side};

use super::{LieError, plant};
use country::{Shape, TestCountry, TestStamper};
use inspection::{Inspected, RecordName};

/// What lies changed in both logs, as an honest reader sees it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Change {
    gone: Vec<RecordName>,
    come: Vec<RecordName>,
    faults: Vec<String>,
}

async fn changed_by(lies: &str, shape: Shape) -> (Change, Vec<String>) {
    let country = TestCountry::new(lies, shape);
    let before = country.inspect();
    assert_eq!(
        before.faults,
        Vec::<String>::new(),
        "honest logs have no fault"
    );
    let planted = plant(&country.scenario, &country.folder, &TestStamper)
        .await
        .expect("the lie is planted");
    let after = country.inspect();
    let names = |inspected: &Inspected| BTreeSet::from_iter(inspected.records.iter().cloned());
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (names(&before), names(&after));
    assert_eq!(new.len(), after.records.len(), "no record twice");
    let change = Change {
        gone: old.difference(&new).cloned().collect(),
        come: new.difference(&old).cloned().collect(),
        faults: after.faults,
    };
    (change, planted)
}

fn record(server: &str, side: Side, direction: Direction, id: &str) -> RecordName {
    RecordName {
        server: server.to_owned(),
        side,
        direction,
        id: id.to_owned(),
    }
}

fn register_request(id: &str) -> RecordName {
    record("register-gateway", Side::Provider, Direction::Request, id)
}

#[tokio::test]
async fn honest_scenarios_change_nothing() {
    for lies in ["", "false-answers every 3", "swapped-answers every 2"] {
        let (change, planted) = changed_by(lies, Shape::default()).await;
        assert_eq!(change, Change::default(), "{lies}");
        assert_eq!(planted.len(), usize::from(!lies.is_empty()));
    }
}

#[tokio::test]
async fn one_request_goes_missing() {
    for shape in Shape::all() {
        let (change, planted) = changed_by("missing-record", shape).await;
        let gone = vec![register_request("run-6")];
        let expected = Change {
            gone,
            ..Change::default()
        };
        assert_eq!(change, expected, "{shape:?}");
        assert!(planted[0].contains("message run-6"), "{planted:?}");
    }
}

#[tokio::test]
async fn one_request_is_added() {
    for shape in Shape::all() {
        let country = TestCountry::new("extra-record", shape);
        let id = format!("{}-12", country.folder.run_id());
        plant(&country.scenario, &country.folder, &TestStamper)
            .await
            .expect("the lie is planted");
        let after = country.inspect();
        assert_eq!(after.faults, Vec::<String>::new(), "{shape:?}");
        let forged = record("pension-gateway", Side::Consumer, Direction::Request, &id);
        assert_eq!(after.records.len(), 4 * 12 + 1);
        assert!(after.records.contains(&forged), "{shape:?}");
    }
}

#[tokio::test]
async fn one_response_has_anothers_signature() {
    for shape in Shape::all() {
        let (change, _) = changed_by("signature-over-another-message", shape).await;
        let fault = "register-gateway: signature of run-6 response is over something else";
        let expected = Change {
            faults: vec![fault.to_owned()],
            ..Change::default()
        };
        assert_eq!(change, expected, "{shape:?}");
    }
}

#[tokio::test]
async fn one_request_is_signed_by_the_provider() {
    for shape in Shape::all() {
        let (change, _) = changed_by("certificate-of-another-member", shape).await;
        let fault = "register-gateway: run-6 request is signed by another member";
        let expected = Change {
            faults: vec![fault.to_owned()],
            ..Change::default()
        };
        assert_eq!(change, expected, "{shape:?}");
    }
}

#[tokio::test]
async fn one_batch_has_anothers_token() {
    for shape in Shape::all() {
        let (change, _) = changed_by("token-of-another-batch", shape).await;
        let [fault] = &change.faults[..] else {
            panic!("{shape:?}: {:?}", change.faults);
        };
        assert!(
            fault.starts_with("register-gateway: token of batch"),
            "{fault}"
        );
        assert_eq!((change.gone, change.come), (Vec::new(), Vec::new()));
    }
}

#[tokio::test]
async fn all_lies_together_are_about_different_messages() {
    let lies = "token-of-another-batch, missing-record, extra-record, \
                signature-over-another-message, certificate-of-another-member";
    for shape in Shape::all() {
        let (change, planted) = changed_by(lies, shape).await;
        assert_eq!(planted.len(), 5);
        assert_eq!((change.gone.len(), change.come.len()), (1, 1));
        assert_eq!(change.faults.len(), 3, "{:?}", change.faults);
        let told = [
            "is over something else",
            "by another member",
            "token of batch",
        ];
        for text in told {
            let told = change.faults.iter().filter(|fault| fault.contains(text));
            assert_eq!(told.count(), 1, "{text} in {:?}", change.faults);
        }
        let messages = planted.iter().filter_map(|told| {
            let (_, rest) = told.split_once("message ")?;
            rest.split([' ', ',']).next()
        });
        assert_eq!(messages.collect::<BTreeSet<_>>().len(), 4, "{planted:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_lied_about() {
    for lie in [
        "missing-record",
        "extra-record",
        "signature-over-another-message",
        "certificate-of-another-member",
        "token-of-another-batch",
    ] {
        let shape = Shape {
            exchanges: 0,
            ..Shape::default()
        };
        let country = TestCountry::new(lie, shape);
        let refused = plant(&country.scenario, &country.folder, &TestStamper).await;
        let Err(LieError::NothingSuitable { lie: named, .. }) = refused else {
            panic!("{lie}: {refused:?}");
        };
        assert_eq!(named, lie);
    }
}
