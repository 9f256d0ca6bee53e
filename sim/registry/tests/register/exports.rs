//! The export, checked by a script that shares no code with the register.

use std::path::Path;
use std::process::{Command, Output};

use sim_registry::Lies;

use crate::running::{DECEASED, PEOPLE, Running};

fn check(export: &str, people: u64, deceased: u64) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("register.csv");
    std::fs::write(&file, export).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_register.py");
    Command::new("python3")
        .arg(script)
        .arg(&file)
        .args([
            "--people",
            &people.to_string(),
            "--deceased",
            &deceased.to_string(),
        ])
        .output()
        .expect("python3 is installed")
}

fn refused(export: &str, reason: &str) {
    let output = check(export, PEOPLE, DECEASED);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(reason), "{message}");
}

#[tokio::test]
async fn the_export_is_in_order_and_falsified_ones_are_noticed() {
    let running = Running::start(Lies::default()).await;
    let reply = running.client().await.get("/export.csv").await;
    assert_eq!(reply.content_type, "text/csv; charset=utf-8");
    running.stop().await;
    let export = std::str::from_utf8(&reply.body).unwrap();
    assert_eq!(export.lines().count() as u64, PEOPLE + 1);

    let output = check(export, PEOPLE, DECEASED);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(check(export, PEOPLE, DECEASED + 1).status.code(), Some(1));
    assert_eq!(check(export, PEOPLE - 1, DECEASED).status.code(), Some(1));

    let living = export
        .lines()
        .find(|line| line.ends_with(",alive,"))
        .unwrap();
    let dead = export
        .lines()
        .find(|line| line.contains(",deceased,"))
        .unwrap();
    let with = |line: &str, changed: &str| export.replacen(line, changed, 1);
    let last_digit = living.as_bytes()[10] - b'0';
    let other_digit = format!(
        "{}{}{}",
        &living[..10],
        (last_digit + 1) % 10,
        &living[11..]
    );
    let other_day = if living.contains("-01,") {
        "-02,"
    } else {
        "-01,"
    };
    let born_otherwise = format!("{}{other_day}{}", &living[..19], &living[23..]);
    let other_sex = match living.replace(",female,", ",male,") {
        same if same == living => living.replace(",male,", ",female,"),
        changed => changed,
    };
    let resurrected = format!("{},alive,", dead.split(",deceased").next().unwrap());
    let buried = living.replace(",alive,", ",deceased,2026-01-20");
    refused(&with(living, &other_digit), "the check digit must be");
    refused(&with(living, &born_otherwise), "the code says born");
    refused(&with(living, &other_sex), "the code says");
    refused(
        &with(living, &format!("{living}\n{living}")),
        "occurs twice",
    );
    refused(
        &with(&format!("{living}\n"), ""),
        "1999 different people are registered, not 2000",
    );
    refused(&with(dead, &resurrected), "39 of them are deceased, not 40");
    refused(&with(living, &buried), "41 of them are deceased, not 40");
    refused(
        &with(dead, &format!("{}-31", &dead[..dead.len() - 6])),
        "is no day",
    );
    refused(&with("national_id", "id"), "the first line is not");
    refused("", "the first line is not");
}
