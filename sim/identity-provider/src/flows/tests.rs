//! Flows belong to a browser, end in time, and are bounded.

use super::*;

const BROWSER: &str = "browser";

fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        protocol: Protocol::LogIn,
        client_id: "portal".to_owned(),
        redirect_uri: "https://portal.example/".to_owned(),
        state: "12345678".to_owned(),
        nonce: None,
        code_challenge: None,
        methods: vec![Method::MobileId],
        wants_phone: false,
        wants_time: false,
    }
}

fn begin(flows: &Flows, at_ms: i64) -> String {
    let now = UtcTime::from_millis(at_ms);
    let begun = flows.begin(
        (request(), Stage::Choosing),
        Language::English,
        BROWSER,
        now,
    );
    begun.unwrap()
}

fn is_there(flows: &Flows, name: &str, browser: Option<&str>, at_ms: i64) -> bool {
    let now = UtcTime::from_millis(at_ms);
    flows.with(name, browser, now, |_| ()).is_some()
}

#[test]
fn a_flow_belongs_to_its_browser_and_ends_in_time() {
    let flows = Flows::new(Duration::from_millis(10), 9);
    let name = begin(&flows, 0);
    assert!(is_there(&flows, &name, Some(BROWSER), 9));
    assert!(!is_there(&flows, &name, Some("another"), 9));
    assert!(!is_there(&flows, &name, None, 9));
    assert!(!is_there(&flows, &name, Some(BROWSER), 10));
}

#[test]
fn open_flows_are_bounded_and_the_oldest_makes_room() {
    let flows = Flows::new(Duration::from_millis(10), 2);
    let (first, second) = (begin(&flows, 5), begin(&flows, 5));
    let third = begin(&flows, 6);
    let here = |name: &str| is_there(&flows, name, Some(BROWSER), 6);
    assert!(!here(&first) && here(&second) && here(&third));
    assert!(flows.end(&second).is_some());
    begin(&flows, 7);
    assert!(here(&third), "one that ended made room");
}

#[test]
fn what_comes_of_an_earlier_attempt_is_not_heard() {
    let flows = Flows::new(Duration::from_millis(10), 2);
    let name = begin(&flows, 0);
    let now = UtcTime::from_millis(0);
    let attempt = || {
        let begun = |flow: &mut Flow| flow.begin_attempt("1234".to_owned()).unwrap();
        flows.with(&name, Some(BROWSER), now, begun).unwrap()
    };
    let (earlier, later) = (attempt(), attempt());
    let is_pending = || {
        let pending = |flow: &mut Flow| matches!(flow.stage, Stage::Pending(_));
        flows.with(&name, Some(BROWSER), now, pending).unwrap()
    };
    flows.finish_attempt(&name, earlier, Stage::Refused(Refusal::TIMEOUT));
    assert!(is_pending());
    flows.finish_attempt(&name, later, Stage::Refused(Refusal::TIMEOUT));
    assert!(!is_pending());
}

#[test]
fn a_flow_does_not_pester_a_phone_without_end() {
    let flows = Flows::new(Duration::from_millis(10), 2);
    let name = begin(&flows, 0);
    let now = UtcTime::from_millis(0);
    let many = |flow: &mut Flow| {
        (0..50)
            .filter(|_| flow.begin_attempt(String::new()).is_ok())
            .count()
    };
    assert_eq!(flows.with(&name, Some(BROWSER), now, many), Some(8));
}
