//! A relying party of somebody else's making: Authlib, a Python library, in a small web application.

use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::process::Command;

use crate::services::AFTERWARDS;
use crate::world::{PHONE, REDIRECT_URI, World};

const SECRET: &str = "7dd3a0c3b1e94f0b";

fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("target/judges/bin/python");
    assert!(
        path.exists(),
        "there is no target/judges/bin/python: run ci/test once, which installs the outside judges"
    );
    path
}

#[tokio::test]
async fn another_relying_party_logs_people_in() {
    let world = World::with(|config| {
        for client in &mut config.relying_parties {
            client.post_logout_redirect_uris = vec![AFTERWARDS.to_owned()];
            // Authlib does not encode secrets before it sends them (RFC 6749, section 2.3.1).
            SECRET.clone_into(&mut client.client_secret);
        }
    });
    let world = world.await;
    let person = world.person(0);
    let told = json!({
        "issuer": world.ready.issuer,
        "sign_on_issuer": world.ready.sign_on_issuer,
        "client_id": "portal",
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "afterwards": AFTERWARDS,
        "phone_number": PHONE,
        "national_id": person.national_id.as_str(),
        "subject": format!("EE{}", person.national_id.as_str()),
        "given_name": person.given_name,
        "family_name": person.surname,
        "birth_date": person.birth_date.to_string(),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/relying_party.py");
    let output = Command::new(python())
        .arg(script)
        .arg(told.to_string())
        .env("AUTHLIB_INSECURE_TRANSPORT", "1")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let done = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        done.lines().collect::<Vec<_>>(),
        ["log-in", "sign-on", "wrong state"]
    );
    let summary = world.stop().await;
    assert_eq!(
        (summary.tokens, summary.refreshed, summary.logouts),
        (3, 1, 1)
    );
}
