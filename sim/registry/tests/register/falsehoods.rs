//! Planted falsehoods do happen, at the rate asked for, and are counted.

use serde_json::Value;
use sim_registry::Lies;

use crate::running::{DECEASED, PEOPLE, Running};

#[tokio::test]
async fn every_hundredth_person_is_reported_wrongly() {
    let lies = Lies {
        false_answer_every: Some(100),
        ..Lies::default()
    };
    let running = Running::start(lies).await;
    let mut client = running.client().await;
    let mut wrong = Vec::new();
    for (at, id) in running.ids().iter().enumerate() {
        let asked = std::slice::from_ref(id);
        if client.ask(asked).await != running.truth(asked) {
            wrong.push(at + 1);
        }
    }
    let expected: Vec<usize> = (100..=2_000).step_by(100).collect();
    assert_eq!(wrong, expected);
    assert_eq!(running.stop().await.false_answers, PEOPLE / 100);
}

/// Two connections ask at the same time; each exchange makes two answers wrong, and every answer
/// given is one that belonged to somebody.
#[tokio::test]
async fn answers_are_exchanged_between_requests() {
    let lies = Lies {
        swap_answers_every: Some(700),
        ..Lies::default()
    };
    let running = Running::start(lies).await;
    let ids = running.ids();
    let (even, odd): (Vec<_>, Vec<_>) = ids.chunks(2).map(|pair| (&pair[0], &pair[1])).unzip();
    let (even, odd) = tokio::join!(answers(&running, &even), answers(&running, &odd));
    let given = [even, odd].concat();
    let wrong = given
        .iter()
        .filter(|(right, answer)| right != answer)
        .count() as u64;

    let sorted = |of: &dyn Fn(&(Value, Value)) -> &Value| {
        let mut texts: Vec<String> = given.iter().map(|pair| of(pair).to_string()).collect();
        texts.sort();
        texts
    };
    let summary = running.stop().await;
    // Exchanges fall due at the 700th and the 1,400th of 2,000 requests.
    assert_eq!((wrong, summary.swapped_answers), (4, 4));
    assert_eq!(
        sorted(&|pair| &pair.0),
        sorted(&|pair| &pair.1),
        "answers got lost or doubled"
    );
    let named: u64 = given
        .iter()
        .map(|(_, answer)| answer["deceased"].as_array().unwrap().len() as u64)
        .sum();
    assert_eq!(named, DECEASED);
}

async fn answers(running: &Running, ids: &[&String]) -> Vec<(Value, Value)> {
    let mut client = running.client().await;
    let mut answers = Vec::new();
    for id in ids {
        let asked = std::slice::from_ref(*id);
        answers.push((running.truth(asked), client.ask(asked).await));
    }
    answers
}
