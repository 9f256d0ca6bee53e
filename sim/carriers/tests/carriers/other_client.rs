//! A client that shares no code with the carriers: Python, written from the specifications, with
//! the cryptography of another library.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;
use tokio::process::Command;

use crate::lab::{Lab, NAME, UUID, phones};

/// Where `cryptography` is, which Python's own library has not: the interpreter that is named, else
/// that of the virtual environment that `ci/test` makes, else the machine's.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("ROADTEST_JUDGES_PYTHON") {
        return named.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let of_judges = root.join("target/judges/bin/python");
    if of_judges.exists() {
        of_judges
    } else {
        "python3".into()
    }
}

async fn run(lab: &Lab, person: u64, expected: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let person_in = lab.population.person(person);
    let told = json!({
        "url": lab.url, "uuid": UUID, "name": NAME, "expected": expected,
        "ca": lab.ca.to_pem(), "country": "EE",
        "national_id": lab.id(person), "phone_number": lab.population.phone_number(person),
        "given_name": person_in.given_name, "surname": person_in.surname,
    });
    let file = folder.path().join("told.json");
    std::fs::write(&file, told.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/relying_party.py");
    let told = Command::new(python()).arg(script).arg(&file).output().await;
    let output = told.expect("python3 is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.contains("No module named"),
        "{said}: run ci/test once, which installs the outside judges"
    );
    output
}

#[tokio::test]
async fn another_client_logs_people_in_and_has_them_sign() {
    let lab = Lab::start().await;
    let output = run(&lab, lab.alive(0), "OK").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let done = String::from_utf8_lossy(&output.stdout);
    assert_eq!(done.lines().count(), 8, "{done}");
    assert_eq!(lab.stop().await.ended["OK"], 7);
}

#[tokio::test]
async fn another_client_notices_who_refuses() {
    let lab = Lab::with(|config| config.phones = phones(1_000, 0, 0)).await;
    let output = run(&lab, lab.alive(0), "USER_CANCELLED").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // And it would have noticed that nobody did.
    let output = run(&lab, lab.alive(0), "OK").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("USER_CANCELLED"), "{said}");
}

#[tokio::test]
async fn another_client_notices_another_authority() {
    let mut lab = Lab::start().await;
    lab.ca = Lab::start().await.ca.clone();
    let output = run(&lab, lab.alive(0), "OK").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not issued by"), "{said}");
}
