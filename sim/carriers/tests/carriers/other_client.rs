//! A client that shares no code with the carriers: Python, written from the specifications, with
//! the cryptography of another library.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tokio::process::Command;

use crate::lab::{Lab, NAME, UUID, phones};

/// Which Python; one of a virtual environment, where the machine's has no `cryptography`.
const INTERPRETER: &str = "ROADTEST_PYTHON";

fn python() -> Command {
    Command::new(std::env::var(INTERPRETER).unwrap_or_else(|_| "python3".to_owned()))
}

/// Whether Python has `cryptography`, which is not in its own library.
async fn has_cryptography() -> bool {
    let tried = python().args(["-c", "import cryptography"]).output().await;
    tried.expect("python3 is installed").status.success()
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
    python().arg(script).arg(&file).output().await.unwrap()
}

#[tokio::test]
async fn another_client_logs_people_in_and_has_them_sign() {
    if !has_cryptography().await {
        println!("skipped: {INTERPRETER} or python3 has no `cryptography`");
        return;
    }
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
    if !has_cryptography().await {
        println!("skipped: {INTERPRETER} or python3 has no `cryptography`");
        return;
    }
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
    if !has_cryptography().await {
        println!("skipped: {INTERPRETER} or python3 has no `cryptography`");
        return;
    }
    let mut lab = Lab::start().await;
    lab.ca = Lab::start().await.ca.clone();
    let output = run(&lab, lab.alive(0), "OK").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not issued by"), "{said}");
}
