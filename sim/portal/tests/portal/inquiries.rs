//! Questions that go to the one who looked, and what they answer.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::fakes::exchange::Reply;
use crate::harness::Running;
use crate::tracker::{ticket_of, with_looks};

const TYPED: &str = "Why me? Please say.";

async fn ask(portal: &Running, browser: &mut Browser, question: &str) -> Page {
    let page = browser.visit(&portal.at("/tracker")).await;
    let ticket = ticket_of(&page, "600");
    let page = browser
        .visit(&portal.at(&format!("/tracker/ask?look={ticket}")))
        .await;
    assert!(
        page.text
            .contains("Your question goes to <strong>Social insurance</strong>"),
        "{}",
        page.text
    );
    let (csrf, look) = (page.csrf(), page.value("look"));
    let form = [
        ("csrf", csrf.as_str()),
        ("look", &look),
        ("question", question),
    ];
    browser.post(&portal.at("/tracker/ask"), &form).await
}

#[tokio::test]
async fn a_question_goes_to_the_one_who_looked_and_nothing_is_held_twice() {
    let portal = Running::start().await;
    with_looks(&portal);
    let exchange = &portal.fakes.exchange;
    let answer = json!({ "id": "7", "verdict": "unjustified", "answer": "No case was open.",
                         "case": null, "sanction": "may look at nobody any more" });
    exchange.set("POST social/inquiries", Reply::Json(201, answer.clone()));
    let mut browser = portal.logged_in().await;
    let sent = ask(&portal, &mut browser, TYPED).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    assert_eq!(sent.header("location"), "/tracker#questions");
    let asked = exchange.asked("social/inquiries");
    let posts: Vec<_> = asked
        .iter()
        .filter(|asked| asked.method == http::Method::POST)
        .collect();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].target, "/r1/XX/GOV/social/social/inquiries");
    assert_eq!(posts[0].headers["x-road-userid"], "XX48001010001");
    let body: Value = serde_json::from_slice(&posts[0].body).unwrap();
    assert_eq!(
        body,
        json!({ "national_id": "48001010001", "register": "Population register",
                "logtime": "2026-02-02T10:00:00+02:00", "question": TYPED })
    );
    // It is shown only as the one who looked has it.
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(!page.text.contains(TYPED), "{}", page.text);
    let mut kept = answer;
    for (name, value) in [
        ("register", "Population register"),
        ("logtime", "2026-02-02T10:00:00+02:00"),
        ("question", TYPED),
        ("asked_at", "2026-02-03T11:12:13Z"),
    ] {
        kept[name] = json!(value);
    }
    let list = json!({ "national_id": "48001010001", "inquiries": [kept] });
    exchange.set("GET social/inquiries", Reply::Json(200, list));
    let page = browser.visit(&portal.at("/tracker")).await;
    let shown = page.section("questions");
    for expected in [
        TYPED,
        "data-status=\"answered\" data-verdict=\"unjustified\"",
        "There was no reason to look.",
        "<p data-field=\"answer\">No case was open.</p>",
        "<span data-field=\"sanction\">may look at nobody any more</span>",
        "2026-02-03 11:12:13",
        "Social insurance",
        "2026-02-02 08:00:00",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains("data-field=\"case\""), "{shown}");
    assert_eq!(portal.stop().await.questions, 1);
}

#[tokio::test]
async fn answers_say_whether_there_was_a_case_newest_first() {
    let portal = Running::start().await;
    let inquiry = |asked_at: &str, verdict: &str, case: Value| {
        json!({ "id": asked_at, "register": "Health information system",
                "logtime": "2026-01-30T13:41:55Z", "question": format!("{verdict}?"),
                "asked_at": asked_at, "verdict": verdict, "answer": "See the case.", "case": case })
    };
    let of = |inquiries: &[Value]| Reply::Json(200, json!({ "inquiries": inquiries }));
    let exchange = &portal.fakes.exchange;
    let social = [inquiry(
        "2026-02-01T10:00:00Z",
        "justified",
        json!("1770-0"),
    )];
    let insurer = [
        inquiry("2026-02-03T10:00:00+02:00", "unknown", Value::Null),
        inquiry("2026-01-03T10:00:00Z", "something new", Value::Null),
    ];
    exchange.set("social/inquiries", of(&social));
    exchange.set("insurer/inquiries", of(&insurer));
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker")).await;
    let shown = page.section("questions");
    let places = ["unknown?", "justified?", "something new?"].map(|text| shown.find(text).unwrap());
    assert!(places.is_sorted(), "{places:?}");
    assert!(shown.contains("<span data-field=\"case\">1770-0</span>"));
    assert!(shown.contains("There was a reason.") && shown.contains("Saltmarsh Mutual"));
    assert_eq!(shown.matches("data-verdict=\"unknown\"").count(), 2);
}

#[tokio::test]
async fn a_failure_is_shown_and_loses_nothing_that_was_typed() {
    let portal = Running::start().await;
    with_looks(&portal);
    let exchange = &portal.fakes.exchange;
    let mut browser = portal.logged_in().await;
    let refusal = |message: &str| json!({ "code": "no", "message": message });
    for (reply, expected) in [
        (Reply::Silence, "data-trouble=\"timed_out\""),
        (
            Reply::Fault("Server.ServerProxy.ServiceFailed", "down"),
            "data-trouble=\"exchange\"",
        ),
        (
            Reply::Json(500, refusal("out of order")),
            "data-trouble=\"registry\"",
        ),
        (Reply::Garbage, "data-trouble=\"unreadable\""),
        (Reply::Json(409, refusal("asked before")), "asked before"),
        (Reply::Json(404, refusal("no such look")), "no such look"),
    ] {
        exchange.set("POST social/inquiries", reply);
        let page = ask(&portal, &mut browser, TYPED).await;
        assert_eq!(page.status, StatusCode::OK, "{expected}");
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
        let typed = format!(">{TYPED}</textarea>");
        assert!(page.text.contains(&typed), "{expected}: {}", page.text);
    }
    assert_eq!(portal.stop().await.questions, 0);
}

#[tokio::test]
async fn one_who_does_not_tell_is_named_and_hides_no_other() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    exchange.set(
        "social/inquiries",
        Reply::Json(500, json!({ "message": "<b>" })),
    );
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker")).await;
    assert_eq!(page.status, StatusCode::OK);
    let shown = page.section("questions");
    assert!(
        shown.contains("data-answerer=\"Social insurance\""),
        "{shown}"
    );
    assert!(shown.contains("data-trouble=\"registry\"") && !shown.contains("<b>"));
    assert!(!shown.contains("data-answerer=\"Saltmarsh Mutual\""));
}
