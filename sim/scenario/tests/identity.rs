//! Where people log in, and the services beside the portal that they log in to.

use sim_scenario::{LogIn, Scenario};

const ESTONIA: &str = include_str!("../../../scenarios/estonia.yaml");
const PROVIDER: &str = "identity-provider: {";

/// `estonia.yaml` with these lines under `relying-parties`.
fn with_parties(lines: &str) -> String {
    let lines = lines.replace('\n', "\n    ");
    let written = ESTONIA
        .lines()
        .map(|line| match line.starts_with(PROVIDER) {
            true => format!("identity-provider:\n  relying-parties:\n    {lines}"),
            false => line.to_owned(),
        });
    let text: Vec<String> = written.collect();
    text.join("\n")
}

/// All that is said of a file.
fn said(text: &str) -> Vec<String> {
    let diagnostics = Scenario::parse("scenario.yaml", text).expect_err("a bad scenario");
    let problems = diagnostics.problems().iter();
    problems.map(|problem| problem.message.clone()).collect()
}

#[test]
fn services_of_ones_own_are_registered() {
    let text = with_parties(
        "tax-app:\n  name: Tax application\n  secret: only for trying\n  \
         redirect-uris: [http://127.0.0.1:9000/back, https://tax.example/back]\n  \
         after-logout: http://127.0.0.1:9000/\n  back-channel-logout: http://127.0.0.1:9000/out\n\
         other: { redirect-uris: http://localhost:9001/ }",
    );
    let scenario = Scenario::parse("scenario.yaml", &text).expect("a scenario");
    let provider = scenario.identity_provider.expect("it has one");
    let [app, other] = provider.relying_parties.as_slice() else {
        panic!("{:?}", provider.relying_parties);
    };
    assert_eq!(
        (app.client_id.as_str(), app.name.as_str()),
        ("tax-app", "Tax application")
    );
    assert_eq!(app.secret.as_deref(), Some("only for trying"));
    let addresses: Vec<_> = app.redirect_uris.iter().map(|it| it.as_str()).collect();
    assert_eq!(
        addresses,
        ["http://127.0.0.1:9000/back", "https://tax.example/back"]
    );
    assert_eq!(app.after_logout.len(), 1);
    let told = app.back_channel_logout.as_ref().map(|it| it.as_str());
    assert_eq!(told, Some("http://127.0.0.1:9000/out"));
    assert_eq!(
        (other.name.as_str(), other.secret.as_deref()),
        ("other", None)
    );
    assert!(other.after_logout.is_empty() && other.back_channel_logout.is_none());
}

#[test]
fn what_nobody_could_be_sent_to_safely_is_refused() {
    let parties = with_parties(
        "a: { redirect-uris: http://service.example/ }\n\
         b: { redirect-uris: [https://b.example/#x] }\n\
         c: { redirect-uris: https://c.example/, back-channel-logout: https://c.example/ }\n\
         d: { name: Without an address }",
    );
    assert_eq!(
        said(&parties),
        [
            "`http://service.example/` is neither https, nor http on a loopback address, or has a fragment",
            "`https://b.example/#x` is neither https, nor http on a loopback address, or has a fragment",
            "`https://c.example/` is not `http://` with a host",
            "the key `redirect-uris` is missing",
        ]
    );
}

#[test]
fn services_have_names_and_addresses_of_their_own() {
    let twice = with_parties(
        "portal: { redirect-uris: [http://127.0.0.1:9/, http://127.0.0.1:8/, http://127.0.0.1:9/] }",
    );
    assert_eq!(
        said(&twice),
        [
            "`portal` is the portal's own name at the identity provider",
            "`http://127.0.0.1:9/` is listed twice",
        ]
    );
}

#[test]
fn nobody_logs_in_where_there_is_no_portal() {
    const SMOKE: &str = include_str!("../../../scenarios/pension-liveness-smoke.yaml");
    let text = format!(
        "{SMOKE}\nidentity-provider: {{ relying-parties: {{ a: {{ redirect-uris: 'https://a.example/' }} }} }}\n"
    );
    assert_eq!(said(&text), ["nobody can log in to it: there is no portal"]);
}

#[test]
fn people_who_log_in_are_of_a_country_with_a_code() {
    for code in ["ee", "EST", "ee-test", "E1"] {
        let text = ESTONIA.replacen("country: EE", &format!("country: {code}"), 1);
        assert_eq!(
            said(&text),
            [format!("people who log in are not of `{code}`")]
        );
    }
    let elsewhere = ESTONIA.replacen("country: EE", "country: XX", 1);
    assert!(Scenario::parse("scenario.yaml", &elsewhere).is_ok());
}

#[test]
fn the_portal_may_share_single_sign_on() {
    let log_in = |text: &str| {
        let scenario = Scenario::parse("scenario.yaml", text).expect("a scenario");
        scenario.portal.expect("it has one").log_in
    };
    let written = "log-in: single-sign-on";
    assert!(ESTONIA.contains(written), "the scenario has another line");
    let with = |word: &str| ESTONIA.replacen(written, &format!("log-in: {word}"), 1);
    assert_eq!(log_in(&with("single-sign-on")), LogIn::SingleSignOn);
    assert_eq!(log_in(&with("each-time")), LogIn::EachTime);
    assert_eq!(
        said(&with("never")).len(),
        1,
        "a word that nobody knows is a problem of its own"
    );
}
