//! Codes are good once, in time, and for those they were given to.

use super::*;
use crate::person::{Method, Person};

const REDEMPTION: Redemption<'static> = Redemption {
    code: "",
    client_id: "portal",
    redirect_uri: "https://portal.example/",
    code_verifier: Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
};

fn at(ms: i64) -> UtcTime {
    UtcTime::from_millis(ms)
}

/// Codes are good for 10 ms, tokens for 20.
fn grants() -> Grants {
    Grants::new(Duration::from_millis(10), Duration::from_millis(20))
}

fn grant() -> Grant {
    Grant {
        request: AuthorizationRequest {
            client_id: "portal".to_owned(),
            redirect_uri: "https://portal.example/".to_owned(),
            state: "12345678".to_owned(),
            nonce: None,
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            methods: vec![Method::MobileId],
            wants_phone: false,
        },
        authenticated: Authenticated {
            person: Person {
                national_id: "38001085718".to_owned(),
                given_name: "Jaan".to_owned(),
                family_name: "Tamm".to_owned(),
            },
            method: Method::MobileId,
            phone_number: None,
            at: at(0),
        },
    }
}

#[test]
fn a_token_lives_its_time() {
    let grants = grants();
    let code = grants.give_code(grant(), at(0)).unwrap();
    let redemption = Redemption {
        code: &code,
        ..REDEMPTION
    };
    let (token, redeemed) = grants.redeem(&redemption, at(9)).unwrap();
    assert_eq!(*redeemed, grant());
    assert!(grants.of_token(&token, at(28)).is_some());
    assert!(grants.of_token(&token, at(29)).is_none());
    assert!(
        grants.of_token(&code, at(9)).is_none(),
        "a code is no token"
    );
}

#[test]
fn a_second_use_takes_the_token_back() {
    let grants = grants();
    let code = grants.give_code(grant(), at(0)).unwrap();
    let redemption = Redemption {
        code: &code,
        ..REDEMPTION
    };
    let (token, _) = grants.redeem(&redemption, at(9)).unwrap();
    // Long after the code has expired, but not yet the token.
    assert_eq!(
        grants.redeem(&redemption, at(28)).err(),
        Some(NotRedeemed::UsedBefore)
    );
    assert!(grants.of_token(&token, at(28)).is_none());
}

#[test]
fn a_code_in_wrong_hands_is_used_up() {
    let right = REDEMPTION;
    let wrong = [
        (
            Redemption {
                client_id: "other",
                ..right
            },
            NotRedeemed::OtherClient,
        ),
        (
            Redemption {
                redirect_uri: "https://portal.example/x",
                ..right
            },
            NotRedeemed::OtherRedirectUri,
        ),
        (
            Redemption {
                code_verifier: None,
                ..right
            },
            NotRedeemed::Verifier,
        ),
        (
            Redemption {
                code_verifier: Some("guess"),
                ..right
            },
            NotRedeemed::Verifier,
        ),
    ];
    for (redemption, why) in wrong {
        let grants = grants();
        let code = grants.give_code(grant(), at(0)).unwrap();
        let redemption = Redemption {
            code: &code,
            ..redemption
        };
        assert_eq!(grants.redeem(&redemption, at(1)).err(), Some(why));
        let redemption = Redemption {
            code: &code,
            ..right
        };
        assert_eq!(
            grants.redeem(&redemption, at(1)).err(),
            Some(NotRedeemed::UsedBefore)
        );
    }
}

#[test]
fn a_verifier_without_a_challenge_is_refused() {
    let grants = grants();
    let mut grant = grant();
    grant.request.code_challenge = None;
    let code = grants.give_code(grant, at(0)).unwrap();
    let redemption = Redemption {
        code: &code,
        ..REDEMPTION
    };
    assert_eq!(
        grants.redeem(&redemption, at(1)).err(),
        Some(NotRedeemed::Verifier)
    );
}

#[test]
fn old_codes_are_refused_and_forgotten() {
    let grants = grants();
    let code = grants.give_code(grant(), at(0)).unwrap();
    let redemption = Redemption {
        code: &code,
        ..REDEMPTION
    };
    assert_eq!(
        grants.redeem(&redemption, at(10)).err(),
        Some(NotRedeemed::Expired)
    );
    assert_eq!(
        grants.redeem(&redemption, at(30)).err(),
        Some(NotRedeemed::Unknown)
    );
    let given = grants.given.lock();
    assert!(given.codes.is_empty() && given.forget_codes.is_empty());
}
