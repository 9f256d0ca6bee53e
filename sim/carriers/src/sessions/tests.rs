//! Sessions without a network: who decides, in what order, and when they are forgotten.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use sim_population::{Ages, PeopleConfig, PopulationPlan, iso_date};

use super::*;
use crate::config::{CarriersConfig, PhoneBehaviour, Troubles};
use crate::digest::HashType;

const SECOND: Duration = Duration::from_secs(1);

/// Nobody answers a phone by themselves, and there is no authority.
fn sessions(human: impl IntoIterator<Item = u64>) -> Arc<Sessions> {
    let phones = PhoneBehaviour {
        median_ms: 1,
        p99_ms: 2,
        refuse_per_mille: 1_000,
        mistype_per_mille: 0,
        absent_per_mille: 0,
    };
    let config = CarriersConfig {
        listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        country: "EE".to_owned(),
        people: PeopleConfig {
            seed: 7,
            plan: PopulationPlan {
                ages: Ages::All,
                ..PopulationPlan::pensioners(50, 0, iso_date::parse("2026-02-05").unwrap())
            },
        },
        ca_url: "http://127.0.0.1:1".to_owned(),
        enrolment_token: String::new(),
        relying_parties: Vec::new(),
        phones,
        human_phones: Vec::new(),
        troubles: Troubles::default(),
    };
    let people = Arc::new(People::new(&config).unwrap());
    let behaviour = Behaviour::of(7, phones, &config.troubles).unwrap();
    Arc::new(Sessions::new(
        people,
        behaviour,
        human.into_iter().collect(),
    ))
}

fn new(details: Details, person: Option<u64>) -> NewSession {
    NewSession {
        prompt: Prompt {
            operation: Operation::Authentication,
            address: String::new(),
            relying_party: String::new(),
            text: String::new(),
            language: None,
            interaction: None,
            verification_code: None,
        },
        details,
        person,
        digest: vec![0; 32],
        ends: None,
    }
}

fn mobile_id(person: Option<u64>) -> NewSession {
    new(Details::MobileId(HashType::Sha256), person)
}

fn smart_id(person: u64) -> NewSession {
    let details = Details::SmartId2 {
        hash_type: None,
        ignored: Vec::new(),
    };
    new(details, Some(person))
}

#[tokio::test]
async fn the_first_decision_counts() {
    let sessions = sessions([3]);
    let session = sessions.begin(mobile_id(Some(3)));
    assert_eq!(sessions.waiting().len(), 1);
    assert!(sessions.decide(&session, Outcome::Refused).await);
    assert!(!sessions.decide(&session, Outcome::Absent).await);
    assert_eq!(session.done().unwrap().result, "USER_CANCELLED");
    assert!(sessions.waiting().is_empty());
    let summary = sessions.summary();
    assert_eq!((summary.begun, summary.ended["USER_CANCELLED"]), (1, 1));
}

#[tokio::test]
async fn without_an_authority_it_is_the_carriers_own_failure() {
    let sessions = sessions([3]);
    let session = sessions.begin(mobile_id(Some(3)));
    assert!(sessions.decide(&session, Outcome::Confirmed).await);
    let done = session.done().unwrap();
    assert_eq!(done.outcome, Outcome::Failed);
    assert!(done.proof.is_none());
    assert_eq!(sessions.summary().certificates_issued, 0);
}

#[tokio::test]
async fn strangers_have_no_phone_that_rings() {
    let sessions = sessions([]);
    let session = sessions.begin(mobile_id(None));
    assert_eq!(session.done().unwrap().result, "NOT_MID_CLIENT");
    assert!(sessions.waiting().is_empty());
}

#[tokio::test]
async fn mobile_id_forgets_five_minutes_after_the_start() {
    let sessions = sessions([3]);
    let session = sessions.begin(mobile_id(Some(3)));
    let after = |time| sessions.find_at(&session.id, session.began + time);
    assert!(after(300 * SECOND).is_some());
    assert!(after(301 * SECOND).is_none());
}

#[tokio::test]
async fn smart_id_forgets_five_minutes_after_the_end() {
    let sessions = sessions([3]);
    let session = sessions.begin(smart_id(3));
    let after = |time| sessions.find_at(&session.id, session.began + time);
    assert!(after(1_000 * SECOND).is_some());
    sessions.decide(&session, Outcome::Refused).await;
    let ended = session.done().unwrap().at;
    let find = |now| sessions.find_at(&session.id, now);
    assert!(find(ended + 300 * SECOND).is_some());
    assert!(find(ended + 301 * SECOND).is_none());
}

#[tokio::test]
async fn people_in_the_room_come_first() {
    let sessions = sessions([3, 4]);
    let first = sessions.begin(mobile_id(Some(3)));
    let second = sessions.begin(smart_id(4));
    // Somebody else's, who is simulated and has not yet had the time to answer.
    let other = sessions.begin(mobile_id(Some(5)));
    let shown = sessions.waiting();
    let numbers: Vec<u64> = shown.iter().map(|session| session.number).collect();
    assert_eq!(numbers, [second.number, first.number, other.number]);
}

#[tokio::test]
async fn closing_sends_every_poll_home() {
    let sessions = sessions([3]);
    let session = sessions.begin(mobile_id(Some(3)));
    let (polled, ()) = tokio::join!(sessions.poll(&session, 600 * SECOND), async {
        sessions.close();
    });
    assert!(polled.is_none());
    assert!(sessions.poll(&session, 600 * SECOND).await.is_none());
    // What is done is told all the same.
    sessions.decide(&session, Outcome::Refused).await;
    assert!(sessions.poll(&session, 600 * SECOND).await.is_some());
}

#[tokio::test]
async fn simulated_people_answer_by_themselves() {
    let sessions = sessions([]);
    let session = sessions.begin(mobile_id(Some(5)));
    let done = sessions.poll(&session, 600 * SECOND).await.unwrap();
    assert_eq!(done.outcome, Outcome::Refused);
}
