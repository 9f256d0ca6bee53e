//! People log in, and relying parties learn who they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;

use crate::browser::{Browser, Page};
use crate::carrier::Answer;
use crate::world::{PHONE, REDIRECT_URI, STATE, World, wait};

/// The rule of Mobile-ID: six bits from the front of the hash, seven from its end.
fn code_of(hash: &str) -> String {
    let hash = STANDARD.decode(hash).unwrap();
    let bits: String = hash.iter().map(|byte| format!("{byte:08b}")).collect();
    let code = format!("{}{}", &bits[..6], &bits[bits.len() - 7..]);
    format!("{:04}", u16::from_str_radix(&code, 2).unwrap())
}

#[tokio::test]
async fn the_provider_describes_itself() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.url);
    let one = browser
        .get("/.well-known/openid-configuration")
        .await
        .json();
    let other = browser
        .get("/oidc/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(one, other);
    assert_eq!(one["issuer"], world.url);
    assert_eq!(one["token_endpoint"], format!("{}/oidc/token", world.url));
    let keys = browser.get("/oidc/jwks").await.json();
    assert_eq!(keys["keys"][0]["kty"], "RSA");
    assert_eq!(keys["keys"][0]["use"], "sig");
    assert!(
        keys["keys"][0].get("d").is_none(),
        "the private part stays here"
    );
}

#[tokio::test]
async fn mobile_id_from_the_page_to_the_token() {
    let world = World::new().await;
    world.carrier.hold();
    let changes = [
        ("nonce", "n-1"),
        ("scope", "openid phone"),
        ("acr_values", "high"),
    ];
    let (mut browser, path, page) = world.begin(&changes).await;
    assert!(page.text.contains("id=\"mobile-id\""), "{}", page.text);

    let person = world.person(0);
    let id = person.national_id;
    let fields = [
        ("csrf", page.csrf()),
        ("national_id", id.as_str()),
        ("phone_number", PHONE),
    ];
    let asked = browser.post(&format!("{path}/mobile-id"), &fields).await;
    assert_eq!(asked.location(), format!("{path}/wait"));
    let waiting = browser.get(asked.location()).await;
    assert_eq!(
        (waiting.status, waiting.header("refresh")),
        (StatusCode::OK, "1")
    );
    let shown = waiting.after("<output id=\"verification-code\">");
    while world.carrier.asked.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let request = world.carrier.asked.lock()[0].clone();
    assert_eq!(shown, code_of(request["hash"].as_str().unwrap()));
    assert_eq!(request["phoneNumber"], PHONE);
    assert_eq!(request["nationalIdentityNumber"], id.as_str());
    assert_eq!(
        (&request["hashType"], &request["language"]),
        (&"SHA256".into(), &"ENG".into())
    );

    world.carrier.let_answer();
    let back = wait(&mut browser, &path).await;
    assert!(
        back.location()
            .starts_with(&format!("{REDIRECT_URI}?code="))
    );
    assert_eq!(back.sent("state").as_deref(), Some(STATE));

    let answer = world.redeem(&back.sent("code").unwrap()).await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (StatusCode::OK, "no-store")
    );
    let answer = answer.json();
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&"bearer".into(), &40.into())
    );
    let claims = world
        .claims(answer["id_token"].as_str().unwrap(), "portal")
        .await;
    assert_eq!(claims["sub"], format!("EE{}", id.as_str()));
    assert_eq!(
        claims["profile_attributes"]["given_name"],
        person.given_name
    );
    assert_eq!(claims["profile_attributes"]["family_name"], person.surname);
    assert_eq!(
        claims["profile_attributes"]["date_of_birth"],
        person.birth_date.to_string()
    );
    assert_eq!(claims["amr"], serde_json::json!(["mID"]));
    assert_eq!(
        (&claims["acr"], &claims["nonce"]),
        (&"high".into(), &"n-1".into())
    );
    assert_eq!(
        (&claims["state"], &claims["phone_number"]),
        (&STATE.into(), &PHONE.into())
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        40
    );
    assert_eq!(claims["at_hash"].as_str().unwrap().len(), 24);

    let token = answer["access_token"].as_str().unwrap();
    let profile = world.profile(token).await.json();
    assert_eq!(profile["sub"], claims["sub"]);
    assert_eq!(profile["family_name"], person.surname);
    assert_eq!(profile["date_of_birth"], person.birth_date.to_string());
    let by_query = Browser::new(&world.url)
        .get(&format!("/oidc/profile?access_token={token}"))
        .await;
    assert_eq!(by_query.json(), profile);

    let summary = world.stop().await;
    assert_eq!(
        (summary.begun, summary.logged_in_mobile_id, summary.tokens),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn smart_id_in_estonian_with_pkce() {
    let world = World::new().await;
    let changes = [
        ("ui_locales", "ru et"),
        ("scope", "openid smartid phone"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    let (mut browser, path, page) = world.begin(&changes).await;
    assert!(page.text.contains("<html lang=\"et\">") && page.text.contains("Isikukood"));
    assert!(
        !page.text.contains("id=\"mobile-id\""),
        "only what the scope names is offered"
    );
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    browser
        .post(&format!("{path}/smart-id"), &fields)
        .await
        .location();
    let back = wait(&mut browser, &path).await;
    assert_eq!(
        world.carrier.asked.lock()[0]["person"],
        format!("PNOEE-{}", id.as_str())
    );

    let verifier = (
        "code_verifier",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    );
    let answer = world
        .redeem_as("portal", &back.sent("code").unwrap(), &[verifier])
        .await
        .json();
    let claims = world
        .claims(answer["id_token"].as_str().unwrap(), "portal")
        .await;
    assert_eq!(claims["amr"], serde_json::json!(["smartid"]));
    assert!(
        claims.get("phone_number").is_none(),
        "Smart-ID knows no phone number"
    );
}

#[tokio::test]
async fn the_other_service_proves_itself_in_the_form_and_is_answered_at_its_address() {
    let world = World::new().await;
    let redirect_uri = "http://127.0.0.1:1/callback?a=b";
    let changes = [("client_id", "other"), ("redirect_uri", redirect_uri)];
    let back = world.log_in(&changes).await;
    assert!(
        back.location()
            .starts_with("http://127.0.0.1:1/callback?a=b&code=")
    );
    let code = back.sent("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "other"),
        ("client_secret", "secret of other: &%"),
        ("redirect_uri", redirect_uri),
        ("code", &code),
    ];
    let answer = Browser::new(&world.url).post("/oidc/token", &fields).await;
    let claims = world
        .claims(answer.json()["id_token"].as_str().unwrap(), "other")
        .await;
    assert!(
        claims.get("phone_number").is_none(),
        "nobody asked for the scope `phone`"
    );
}

#[tokio::test]
async fn somebody_refuses_and_tries_again() {
    let world = World::new().await;
    *world.carrier.answer.lock() = Answer::Result("USER_CANCELLED");
    let (mut browser, path, page) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let fields = [
        ("csrf", page.csrf()),
        ("national_id", id.as_str()),
        ("phone_number", PHONE),
    ];
    browser
        .post(&format!("{path}/mobile-id"), &fields)
        .await
        .location();
    let refused = wait(&mut browser, &path).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert!(
        refused
            .text
            .contains("<p role=\"alert\" data-result=\"USER_CANCELLED\">")
    );
    assert_eq!(refused.after("id=\"try-again\" href=\""), path);

    *world.carrier.answer.lock() = Answer::Sign;
    let page = browser.get(&path).await;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    browser
        .post(&format!("{path}/smart-id"), &fields)
        .await
        .location();
    assert!(wait(&mut browser, &path).await.sent("code").is_some());
}

#[tokio::test]
async fn somebody_cancels() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[]).await;
    let back = browser
        .post(&format!("{path}/cancel"), &[("csrf", page.csrf())])
        .await;
    assert!(back.location().starts_with(REDIRECT_URI));
    assert_eq!(back.sent("error").as_deref(), Some("user_cancel"));
    assert_eq!(back.sent("state").as_deref(), Some(STATE));
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn carriers_that_fail_are_told_as_such() {
    for (answer, result) in [
        (Answer::NotFound, "NO_ACCOUNT"),
        (Answer::Garbage, "CARRIER_UNAVAILABLE"),
        (Answer::Result("USER_REFUSED"), "USER_REFUSED"),
        (Answer::Result("<script>"), "ANSWER_NOT_ACCEPTED"),
    ] {
        let world = World::new().await;
        *world.carrier.answer.lock() = answer;
        let (mut browser, path, page) = world.begin(&[]).await;
        let id = world.person(0).national_id;
        let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
        browser
            .post(&format!("{path}/smart-id"), &fields)
            .await
            .location();
        let refused = wait(&mut browser, &path).await;
        assert_eq!(refused.after("data-result=\""), result);
    }
}

#[tokio::test]
async fn the_language_is_chosen_on_the_page() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[]).await;
    let fields = [("csrf", page.csrf()), ("language", "et")];
    let chosen = browser.post(&format!("{path}/language"), &fields).await;
    assert_eq!(chosen.location(), path);
    assert!(browser.get(&path).await.text.contains("Logi sisse"));
}

#[tokio::test]
async fn what_is_no_number_is_told_beside_the_form() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[]).await;
    let fields = [
        ("csrf", page.csrf()),
        ("national_id", "1"),
        ("phone_number", "555"),
    ];
    let again = browser.post(&format!("{path}/mobile-id"), &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("role=\"alert\"") && again.text.contains("value=\"555\""));
    // Whoever hears the page is told which field is meant, and that the others are not.
    let field = |page: &Page, id: &str| {
        let (_, field) = page
            .text
            .split_once(&format!("<input id=\"{id}\""))
            .unwrap();
        field.split_once('>').unwrap().0.to_owned()
    };
    let phone = field(&again, "mobile-id-phone-number");
    assert!(phone.contains("aria-invalid=\"true\""), "{phone}");
    assert!(phone.contains("aria-describedby=\"mobile-id-wrong phone-number-hint\""));
    assert!(again.text.contains("id=\"mobile-id-wrong\" role=\"alert\""));
    for other in ["mobile-id-national-id", "smart-id-national-id"] {
        assert!(!field(&again, other).contains("aria-invalid"), "{other}");
    }
    for form in ["mobile-id", "smart-id"] {
        let fields = [
            ("csrf", page.csrf()),
            ("national_id", "../1"),
            ("phone_number", "+37200000766"),
        ];
        let again = browser.post(&format!("{path}/{form}"), &fields).await;
        assert_eq!(again.text.matches("aria-invalid").count(), 1, "{form}");
        let id = field(&again, &format!("{form}-national-id"));
        let described = format!("aria-invalid=\"true\" aria-describedby=\"{form}-wrong\"");
        assert!(id.contains(&described), "{id}");
    }
    assert!(world.carrier.asked.lock().is_empty());
}
