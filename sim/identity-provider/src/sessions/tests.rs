//! Sessions live while they are used, and refresh tokens are good once.

use super::*;
use crate::flows::{AuthorizationRequest, Protocol};
use crate::person::{Method, Person};

fn at(ms: i64) -> UtcTime {
    UtcTime::from_millis(ms)
}

/// Sessions live for 10 ms after their last use.
fn sessions() -> Sessions {
    Sessions::new(Duration::from_millis(10))
}

fn somebody() -> Authenticated {
    Authenticated {
        person: Person {
            national_id: "38001085718".to_owned(),
            given_name: "Jaan".to_owned(),
            family_name: "Tamm".to_owned(),
        },
        method: Method::SmartId,
        phone_number: None,
        at: at(0),
    }
}

fn grant(sid: &str, client_id: &str) -> Arc<Grant> {
    Arc::new(Grant {
        request: AuthorizationRequest {
            protocol: Protocol::SignOn,
            client_id: client_id.to_owned(),
            redirect_uri: "https://portal.example/".to_owned(),
            state: "12345678".to_owned(),
            nonce: None,
            code_challenge: None,
            methods: vec![Method::SmartId],
            wants_phone: false,
            wants_time: false,
        },
        authenticated: somebody(),
        sid: Some(sid.to_owned()),
    })
}

/// A session that `portal` shares, and its first refresh token.
fn shared(sessions: &Sessions) -> (Begun, String) {
    let begun = sessions.begin(somebody(), at(0)).unwrap();
    assert!(sessions.join(&begun.sid, "portal", at(0)));
    let grant = grant(&begun.sid, "portal");
    let token = sessions.begin_family(&grant, "code", at(0)).unwrap();
    (begun, token)
}

#[test]
fn a_session_lives_while_it_is_used() {
    let sessions = sessions();
    let (begun, token) = shared(&sessions);
    let is_there = |ms| sessions.of_cookie(&begun.cookie, at(ms)).is_some();
    assert!(is_there(9) && !is_there(10));
    let (token, _) = sessions.refresh(&token, "portal", at(9)).unwrap();
    assert!(is_there(18) && !is_there(19));
    assert!(sessions.join(&begun.sid, "other", at(18)));
    assert!(is_there(27));
    // The session lives on through another service; this one's token does not.
    let late = sessions.refresh(&token, "portal", at(20));
    assert_eq!(late.err(), Some(NotRefreshed::Expired));
    assert!(
        is_there(27) && !is_there(28),
        "a refusal keeps nothing alive"
    );
    assert!(!sessions.join(&begun.sid, "other", at(28)));
    sessions.begin(somebody(), at(28)).unwrap();
    let open = sessions.open.lock();
    let left = (open.sessions.len(), open.ends.len(), open.by_cookie.len());
    assert_eq!(
        (left, open.by_family.len(), open.by_code.len()),
        ((1, 1, 1), 0, 0)
    );
}

#[test]
fn a_refresh_token_is_good_once() {
    let sessions = sessions();
    let (_, first) = shared(&sessions);
    let (second, _) = sessions.refresh(&first, "portal", at(1)).unwrap();
    assert_ne!(first, second);
    let again = sessions.refresh(&first, "portal", at(1));
    assert_eq!(again.err(), Some(NotRefreshed::UsedBefore));
    let after = sessions.refresh(&second, "portal", at(1));
    assert_eq!(
        after.err(),
        Some(NotRefreshed::Unknown),
        "what came of it ends"
    );
}

#[test]
fn a_refresh_token_is_of_use_to_nobody_else() {
    let sessions = sessions();
    let (_, token) = shared(&sessions);
    let other = sessions.refresh(&token, "other", at(1));
    assert_eq!(other.err(), Some(NotRefreshed::OtherClient));
    assert!(sessions.refresh(&token, "portal", at(1)).is_err());
    for none in ["", ".", "a.b", &token[1..]] {
        let refused = sessions.refresh(none, "portal", at(1));
        assert_eq!(refused.err(), Some(NotRefreshed::Unknown));
    }
}

#[test]
fn what_a_code_gave_is_taken_back() {
    let sessions = sessions();
    let (_, token) = shared(&sessions);
    let (token, _) = sessions.refresh(&token, "portal", at(1)).unwrap();
    sessions.take_back("another");
    let (token, _) = sessions.refresh(&token, "portal", at(2)).unwrap();
    sessions.take_back("code");
    assert!(sessions.refresh(&token, "portal", at(3)).is_err());
}

#[test]
fn what_has_ended_gives_nothing() {
    let sessions = sessions();
    let (begun, token) = shared(&sessions);
    assert!(sessions.join(&begun.sid, "other", at(1)));
    assert_eq!(sessions.end(&begun.sid), ["other", "portal"]);
    assert!(sessions.end(&begun.sid).is_empty());
    assert!(sessions.of_cookie(&begun.cookie, at(1)).is_none());
    assert!(sessions.refresh(&token, "portal", at(1)).is_err());
    let late = sessions.begin_family(&grant(&begun.sid, "portal"), "code", at(1));
    assert_eq!(late.err(), Some(NotRefreshed::Ended));
}

#[test]
fn a_service_that_left_gets_nothing_more() {
    let sessions = sessions();
    let (begun, token) = shared(&sessions);
    sessions.leave(&begun.sid, "portal");
    assert!(sessions.refresh(&token, "portal", at(1)).is_err());
    assert!(sessions.of_cookie(&begun.cookie, at(1)).is_some());
}
