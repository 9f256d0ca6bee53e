//! True answers, and refusals.

use http::StatusCode;
use serde_json::{Value, json};
use sim_population::{Sex, iso_date};
use sim_registry::{Lies, MAX_BODY_BYTES, MAX_IDS};

use crate::running::{DECEASED, PEOPLE, Running};

/// Well-formed, and of nobody in the register: its holder is too young for a pension.
const NOBODY: &str = "60001019906";

#[tokio::test]
async fn everybody_is_answered_truly_one_by_one_and_in_batches() {
    let running = Running::start(Lies::default()).await;
    assert_eq!(running.ready.people, PEOPLE);
    let mut client = running.client().await;
    let ids = running.ids();
    for id in &ids {
        let asked = std::slice::from_ref(id);
        assert_eq!(client.ask(asked).await, running.truth(asked));
    }
    let mut deceased = 0;
    for batch in ids.chunks(300) {
        let answer = client.ask(batch).await;
        assert_eq!(answer, running.truth(batch));
        deceased += answer["deceased"].as_array().unwrap().len() as u64;
    }
    assert_eq!(deceased, DECEASED);

    let summary = running.stop().await;
    assert_eq!(
        (summary.answered, summary.persons),
        (PEOPLE + 7, PEOPLE * 2)
    );
    assert_eq!(
        (
            summary.refused,
            summary.false_answers,
            summary.swapped_answers
        ),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn the_unknown_are_named_and_order_and_repetition_kept() {
    let running = Running::start(Lies::default()).await;
    let mut client = running.client().await;
    let dead: Vec<String> = (0..PEOPLE)
        .filter(|&index| running.population.is_deceased(index))
        .map(|index| running.population.national_id(index).to_string())
        .collect();
    let asked = [&dead[1], NOBODY, &dead[0], &dead[1], NOBODY].map(str::to_owned);
    let answer = client.ask(&asked).await;
    assert_eq!(answer, running.truth(&asked));
    let named: Vec<&Value> = answer["deceased"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| &person["id"])
        .collect();
    assert_eq!(named, [&json!(dead[1]), &json!(dead[0]), &json!(dead[1])]);
    assert_eq!(answer["unknown"], json!([NOBODY, NOBODY]));
    running.stop().await;
}

#[tokio::test]
async fn what_is_malformed_is_refused_with_a_reason() {
    let running = Running::start(Lies::default()).await;
    let mut client = running.client().await;
    let too_many = json!({ "ids": vec![NOBODY; MAX_IDS + 1] }).to_string();
    let bodies = [
        ("", "EOF"),
        ("{\"ids\":[", "EOF"),
        ("[]", "an object"),
        ("{\"ids\":[]}", "1 to 10000"),
        ("{\"ids\":[\"60001019907\"]}", "check digit"),
        ("{\"ids\":[\"../../etc\"]}", "11 characters"),
        (too_many.as_str(), "more than 10000"),
    ];
    for (body, reason) in bodies {
        let reply = client.send("POST", "/liveness", body.to_owned()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert_eq!(reply.content_type, "application/json");
        let refusal = reply.json();
        assert_eq!(refusal["code"], "malformed_request");
        assert!(
            refusal["message"].as_str().unwrap().contains(reason),
            "{refusal}"
        );
    }
    let most = vec![NOBODY.to_owned(); MAX_IDS];
    assert_eq!(
        client.ask(&most).await["unknown"].as_array().unwrap().len(),
        MAX_IDS
    );

    let summary = running.stop().await;
    assert_eq!(
        (summary.answered, summary.refused),
        (1, bodies.len() as u64)
    );
}

#[tokio::test]
async fn bodies_beyond_the_limit_and_wrong_paths_are_refused() {
    let running = Running::start(Lies::default()).await;
    let question = json!({ "ids": [NOBODY] }).to_string();
    let padded = |length: usize| format!("{question}{}", " ".repeat(length - question.len()));
    let reply = running
        .client()
        .await
        .send("POST", "/liveness", padded(MAX_BODY_BYTES))
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    for (method, path, body, status, code) in [
        (
            "POST",
            "/liveness",
            padded(MAX_BODY_BYTES + 1),
            413,
            "body_too_large",
        ),
        ("GET", "/liveness", String::new(), 405, "method_not_allowed"),
        (
            "POST",
            "/export.csv",
            String::new(),
            405,
            "method_not_allowed",
        ),
        ("POST", "/Liveness", question.clone(), 404, "not_found"),
        ("GET", "/", String::new(), 404, "not_found"),
    ] {
        // Each on a connection of its own: one that was refused in the middle of a body closes.
        let reply = running.client().await.send(method, path, body).await;
        assert_eq!(reply.status.as_u16(), status, "{method} {path}");
        assert_eq!(reply.json()["code"], code, "{method} {path}");
    }
    running.stop().await;
}

#[tokio::test]
async fn entries_say_what_is_registered_in_the_order_asked() {
    let running = Running::start(Lies::default()).await;
    let mut client = running.client().await;
    let mut asked = running.ids();
    asked.insert(1, NOBODY.to_owned());
    let body = json!({ "ids": asked }).to_string();
    let reply = client.send("POST", "/person", body).await;
    assert_eq!(reply.status, StatusCode::OK);
    let persons: Vec<Value> = (0..PEOPLE)
        .map(|index| running.population.person(index))
        .map(|person| {
            let died_on = person.status.died_on().map(iso_date::to_text);
            let sex = if person.sex == Sex::Male {
                "male"
            } else {
                "female"
            };
            json!({
                "id": person.national_id.as_str(),
                "born_on": iso_date::to_text(person.birth_date),
                "sex": sex,
                "died_on": died_on,
            })
        })
        .collect();
    assert_eq!(
        reply.json(),
        json!({ "persons": persons, "unknown": [NOBODY] })
    );
    let refused = client.send("POST", "/person", r#"{"ids":[]}"#).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let refused = client.send("GET", "/person", "").await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    running.stop().await;
}
