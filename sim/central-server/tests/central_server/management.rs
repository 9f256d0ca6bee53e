//! Management requests that are refused, each with its status and word.

use hyper::StatusCode;
use sim_evidence::certificate::Certificate;
use sim_global_configuration::registration::{
    ManagementError, Refusal, SecurityServerRegistration, register_security_server,
    remove_authentication_certificate, remove_member,
};
use tempfile::TempDir;

use crate::country::{Authority, TOKEN, config, member, registration, server, subsystem};
use crate::running::Running;

struct Country {
    running: Running,
    authority: Authority,
    _folder: TempDir,
}

impl Country {
    async fn start() -> Self {
        let (folder, authority) = (TempDir::new().unwrap(), Authority::new("Authority"));
        let running = Running::start(config(folder.path(), &authority)).await;
        Self {
            running,
            authority,
            _folder: folder,
        }
    }

    /// Sends a raw request with the token and returns status and word of the refusal.
    async fn refusal(&self, method: &str, path: &str, body: String) -> (u16, String) {
        let token = format!("Bearer {TOKEN}");
        let (status, _, body) = self.running.ask(method, path, Some(&token), body).await;
        let refusal: Refusal = serde_json::from_str(&body).expect(&body);
        assert!(!refusal.message.is_empty());
        (status.as_u16(), refusal.error)
    }

    async fn register(&self, entry: &SecurityServerRegistration) -> Result<(), (u16, String)> {
        refused(register_security_server(&self.running.url(), TOKEN, entry).await)
    }

    fn certificate(&self) -> Certificate {
        self.authority.authentication()
    }
}

fn refused(outcome: Result<(), ManagementError>) -> Result<(), (u16, String)> {
    outcome.map_err(|error| match error {
        ManagementError::Refused { status, refusal } => (status, refusal.error),
        other => panic!("{other:?}"),
    })
}

fn word(status: u16, word: &str) -> Result<(), (u16, String)> {
    Err((status, word.to_owned()))
}

#[tokio::test]
async fn without_the_token_nothing_is_done() {
    let country = Country::start().await;
    for token in [
        None,
        Some("Bearer wrong"),
        Some(TOKEN),
        Some("Bearer "),
        Some(""),
    ] {
        for (method, path) in [
            ("POST", "/management/security-servers"),
            ("POST", "/management/maintenance"),
            ("DELETE", "/management/members/EE/GOV/2"),
            ("GET", "/management/anything"),
        ] {
            let (status, _, body) = country.running.ask(method, path, token, "{}").await;
            assert_eq!(
                status,
                StatusCode::UNAUTHORIZED,
                "{method} {path} {token:?}"
            );
            let refusal: Refusal = serde_json::from_str(&body).unwrap();
            assert_eq!(refusal.error, "unauthorised");
        }
    }
    assert_eq!(
        country.running.configuration().await.shared.members.len(),
        3
    );
    let wrong = remove_member(&country.running.url(), "wrong", &member("2")).await;
    assert_eq!(refused(wrong), word(401, "unauthorised"));
}

#[tokio::test]
async fn registrations_that_contradict_are_refused() {
    let country = Country::start().await;
    let (first, second) = (country.certificate(), country.certificate());
    let entry = registration("1", &first, &[subsystem("1", "pensions")]);
    assert_eq!(country.register(&entry).await, Ok(()));
    assert_eq!(
        country.register(&entry).await,
        Ok(()),
        "the same again changes nothing"
    );
    let other = registration("1", &second, &[subsystem("1", "pensions")]);
    assert_eq!(
        country.register(&other).await,
        word(409, "duplicate_security_server")
    );
    let taken = registration("2", &first, &[]);
    let duplicate = word(409, "duplicate_authentication_certificate");
    assert_eq!(country.register(&taken).await, duplicate);
    let unknown = registration("9", &second, &[]);
    assert_eq!(
        country.register(&unknown).await,
        word(404, "unknown_member")
    );
    for client in [subsystem("1", "nothing"), subsystem("9", "pensions")] {
        let unknown = registration("2", &second, &[client]);
        assert_eq!(
            country.register(&unknown).await,
            word(404, "unknown_client")
        );
    }
    let mut nowhere = registration("2", &second, &[]);
    nowhere.address = "not a host".to_owned();
    assert_eq!(country.register(&nowhere).await, word(422, "bad_address"));
    assert_eq!(
        country
            .running
            .configuration()
            .await
            .shared
            .security_servers
            .len(),
        1
    );
}

#[tokio::test]
async fn certificates_that_cannot_authenticate_are_refused() {
    let country = Country::start().await;
    let bad = word(422, "bad_certificate");
    let signing = registration("1", &country.authority.signing(), &[]);
    assert_eq!(country.register(&signing).await, bad);
    let stranger = Authority::new("Stranger").authentication();
    assert_eq!(
        country.register(&registration("1", &stranger, &[])).await,
        bad
    );
    // The name of the approved authority alone does not help.
    let impostor = Authority::new("Authority").authentication();
    assert_eq!(
        country.register(&registration("1", &impostor, &[])).await,
        bad
    );
    for broken in ["", "*", "AAAA"] {
        let mut entry = registration("1", &country.certificate(), &[]);
        entry.authentication_certificate = broken.to_owned();
        assert_eq!(country.register(&entry).await, bad, "{broken:?}");
    }
}

#[tokio::test]
async fn what_is_not_registered_cannot_be_withdrawn() {
    let country = Country::start().await;
    let url = country.running.url();
    let outcome = remove_member(&url, TOKEN, &member("9")).await;
    assert_eq!(refused(outcome), word(404, "unknown_member"));
    let outcome = remove_authentication_certificate(&url, TOKEN, &server("1")).await;
    assert_eq!(refused(outcome), word(404, "unknown_security_server"));
    let entry = registration("1", &country.certificate(), &[]);
    country.register(&entry).await.unwrap();
    remove_authentication_certificate(&url, TOKEN, &server("1"))
        .await
        .unwrap();
    let outcome = remove_authentication_certificate(&url, TOKEN, &server("1")).await;
    assert_eq!(refused(outcome), word(404, "no_authentication_certificate"));
    // It may come back with a new certificate.
    let entry = registration("1", &country.certificate(), &[]);
    assert_eq!(country.register(&entry).await, Ok(()));
}

#[tokio::test]
async fn identifiers_are_carried_whatever_they_hold() {
    let country = Country::start().await;
    let odd = member("Ämt & Söhne");
    remove_member(&country.running.url(), TOKEN, &odd)
        .await
        .unwrap();
    let left = country.running.configuration().await;
    assert!(left.shared.members.iter().all(|member| member.id != odd));
    assert_eq!(left.shared.members.len(), 2);
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let country = Country::start().await;
    let check = async |method: &str, path: &str, body: &str, expected: (u16, &str)| {
        let path = format!("/management{path}");
        let found = country.refusal(method, &path, body.to_owned()).await;
        assert_eq!(
            (found.0, found.1.as_str()),
            expected,
            "{method} {path} {body}"
        );
    };
    check("POST", "/security-servers", "", (400, "bad_request")).await;
    check("POST", "/security-servers", "{}", (400, "bad_request")).await;
    check(
        "POST",
        "/maintenance",
        r#"{"colour":1}"#,
        (400, "bad_request"),
    )
    .await;
    let three_parts = r#"{"security_server":"EE/GOV/1","enabled":true}"#;
    check("POST", "/maintenance", three_parts, (400, "bad_request")).await;
    let unknown = r#"{"security_server":"EE/GOV/1/ss","enabled":true}"#;
    check(
        "POST",
        "/maintenance",
        unknown,
        (404, "unknown_security_server"),
    )
    .await;
    let long = format!(
        r#"{{"security_server":"EE/GOV/1/ss","enabled":true,"message":"{}"}}"#,
        "x".repeat(1025)
    );
    check("POST", "/maintenance", &long, (422, "bad_message")).await;
    check("DELETE", "/members/EE/GOV/%01", "", (400, "bad_identifier")).await;
    check("DELETE", "/members/EE/GOV", "", (404, "unknown_request")).await;
    check("POST", "/colours", "", (404, "unknown_request")).await;
    check(
        "POST",
        "/maintenance",
        &"x".repeat(4 * 1024 * 1024 + 1),
        (413, "too_large"),
    )
    .await;
    let foreign = registration("1", &country.certificate(), &[]);
    let foreign = serde_json::to_string(&foreign)
        .unwrap()
        .replace("EE/GOV/1/ss", "FI/GOV/1/ss");
    check(
        "POST",
        "/security-servers",
        &foreign,
        (422, "wrong_instance"),
    )
    .await;
}
