//! Who looked at my data, and asking them why.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Page;
use crate::fakes::exchange::Reply;
use crate::harness::Running;

fn usage(time: &str, action: &str, receiver: &str, name: Option<&str>) -> Value {
    let mut usage = json!({
        "logtime": time, "action": action, "receiverCode": receiver, "receiverSystem": "desk"
    });
    if let Some(name) = name {
        usage["receiverName"] = json!(name);
    }
    usage
}

fn usages(usages: &[Value]) -> Reply {
    Reply::Json(
        200,
        json!({ "totalUsages": usages.len(), "usages": usages }),
    )
}

/// The ticket of a look by this member.
pub(crate) fn ticket_of(page: &Page, receiver: &str) -> String {
    let row = page.between(&format!("data-receiver=\"{receiver}\""), "</tr>");
    let (_, link) = row.split_once("href=\"/tracker/ask?look=").unwrap();
    link.split_once('"').unwrap().0.to_owned()
}

pub(crate) fn with_looks(portal: &Running) {
    let exchange = &portal.fakes.exchange;
    exchange.set(
        "people/findUsage",
        usages(&[
            usage(
                "2026-02-02T10:00:00+02:00",
                "Pension check",
                "600",
                Some("Pension Office"),
            ),
            usage("2026-01-01T00:00:00Z", "Census", "601", None),
        ]),
    );
    exchange.set(
        "health/findUsage",
        usages(&[
            usage("2026-02-02T08:30:00Z", "Own look", "700", Some("Portal")),
            usage("2026-01-15T12:00:00Z", "Treatment", "602", Some("Clinic")),
        ]),
    );
}

#[tokio::test]
async fn the_looks_of_all_registries_come_newest_first() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker?own=show")).await;
    let table = page.between("<table id=\"usages\">", "</table>");
    let places: Vec<_> = ["Own look", "Pension check", "Treatment", "Census"]
        .map(|why| table.find(why).unwrap_or_else(|| panic!("{why}: {table}")))
        .into();
    assert!(places.is_sorted(), "{places:?}");
    assert!(
        table.contains("2026-02-02 08:00:00"),
        "times are in one zone: {table}"
    );
    assert!(table.contains("you, in this portal"));
    let asked = portal.fakes.exchange.asked("tax/findUsage");
    assert_eq!(
        asked[0].target,
        "/r1/XX/GOV/tax/tax/findUsage/v2/findUsage?userCode=XX48001010001&offset=0&limit=50"
    );
    assert_eq!(asked[0].headers["x-road-userid"], "XX48001010001");
}

#[tokio::test]
async fn the_looks_of_others_are_not_lost_among_ones_own() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let exchange = &portal.fakes.exchange;
    let own = |minute: usize| {
        let time = format!("2026-02-02T08:{minute:02}:00Z");
        usage(&time, "Own look", "700", Some("Portal"))
    };
    let mut looks: Vec<_> = (0..60).rev().map(own).collect();
    exchange.set("health/findUsage", usages(&looks));
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(!page.text.contains("Own look") && !page.text.contains("<table"));
    assert!(page.text.contains("Nobody but you has looked"));
    looks.push(usage("2026-01-15T12:00:00Z", "Treatment", "602", None));
    exchange.set("health/findUsage", usages(&looks));
    // The newest and the default: behind more of one's own than a page has.
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(!page.text.contains("Own look") && page.text.contains("Treatment"));
    assert!(page.text.contains("href=\"/tracker?own=show\""));
    let asked = portal.fakes.exchange.asked("health/findUsage");
    assert!(asked[0].target.ends_with("&offset=0&limit=1000"));
    let page = browser.visit(&portal.at("/tracker?own=show")).await;
    assert!(page.text.contains("Own look") && !page.text.contains("Treatment"));
    assert!(page.text.contains("href=\"/tracker\""));
    assert!(page.text.contains("href=\"/tracker?page=2&amp;own=show\""));
    let page = browser.visit(&portal.at("/tracker?page=2&own=show")).await;
    assert!(page.text.contains("Treatment"));
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_named() {
    let portal = Running::start().await;
    with_looks(&portal);
    portal.fakes.exchange.set("tax/findUsage", Reply::Silence);
    portal.fakes.exchange.set(
        "health/findUsage",
        Reply::Json(500, json!({ "message": "<b>" })),
    );
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(page.text.contains("Pension check"));
    for (register, trouble) in [
        ("Tax office", "timed_out"),
        ("Health information system", "registry"),
    ] {
        let expected = format!("data-register=\"{register}\" data-trouble=\"{trouble}\"");
        assert!(page.text.contains(&expected), "{register}");
        assert!(
            page.text
                .contains(&format!("{register} did not answer; its looks are missing"))
        );
    }
    assert!(!page.text.contains("<b>"));
}

#[tokio::test]
async fn many_looks_are_shown_in_pages() {
    let portal = Running::start().await;
    let looks = |from: usize, to: usize| -> Vec<Value> {
        let look = |number: usize| {
            let time = format!("2026-01-01T{:02}:{:02}:00Z", number / 60, number % 60);
            usage(&time, &format!("Look {number};"), "600", None)
        };
        (from..to).rev().map(look).collect()
    };
    let answer = |shown: &[Value]| Reply::Json(200, json!({ "totalUsages": 70, "usages": shown }));
    portal
        .fakes
        .exchange
        .set("people/findUsage", answer(&looks(20, 70)));
    let mut browser = portal.logged_in().await;
    // One's own and all others: no more are asked for than are needed.
    let page = browser.visit(&portal.at("/tracker?own=show")).await;
    assert!(page.text.contains("Look 69;") && page.text.contains("Look 20;"));
    assert!(page.text.contains("href=\"/tracker?page=2&amp;own=show\""));
    portal
        .fakes
        .exchange
        .set("people/findUsage", answer(&looks(0, 70)));
    let page = browser.visit(&portal.at("/tracker?page=2")).await;
    assert!(page.text.contains("Look 19;") && !page.text.contains("Look 20;"));
    assert!(page.text.contains("href=\"/tracker?page=1\""));
    assert!(!page.text.contains("href=\"/tracker?page=3\""));
    for odd in [
        "/tracker?page=0",
        "/tracker?page=99999999",
        "/tracker?page=-1",
        "/tracker?own=x",
    ] {
        assert_eq!(
            browser.visit(&portal.at(odd)).await.status,
            StatusCode::OK,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn a_question_that_nobody_takes_is_kept_and_said_so() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker?own=show")).await;
    // Nobody asks themselves.
    assert_eq!(page.text.matches("/tracker/ask?look=").count(), 3);
    let link = ticket_of(&page, "601");
    let page = browser
        .visit(&portal.at(&format!("/tracker/ask?look={link}")))
        .await;
    assert!(page.text.contains("Census") && page.text.contains("601"));
    assert!(page.text.contains("data-result=\"kept\""), "{}", page.text);
    let (csrf, look) = (page.csrf(), page.value("look"));
    let question = "Why? <script>alert(1)</script>";
    let form = [
        ("csrf", csrf.as_str()),
        ("look", &look),
        ("question", question),
    ];
    let sent = browser.post(&portal.at("/tracker/ask"), &form).await;
    assert_eq!(sent.header("location"), "/tracker#questions");
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(page.text.contains("Why? &#60;script&#62;") && !page.text.contains("<script"));
    assert!(page.text.contains("data-status=\"sent\""));
    assert!(page.text.contains("takes no questions yet"));
    assert!(
        portal
            .fakes
            .exchange
            .asked("social/inquiries")
            .iter()
            .all(|asked| { asked.method == http::Method::GET })
    );
    // Others do not see it.
    portal.fakes.provider.log_in_as("XX37906060006");
    let page = portal.logged_in().await.visit(&portal.at("/tracker")).await;
    assert!(!page.text.contains("Why?"));
    assert_eq!(portal.stop().await.questions, 1);
}

#[tokio::test]
async fn only_a_look_that_a_registry_told_of_can_be_asked_about() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker")).await;
    let ticket = page.between("href=\"/tracker/ask?look=", "\"");
    portal.fakes.provider.log_in_as("XX37906060006");
    let mut other = portal.logged_in().await;
    let token = other.visit(&portal.at("/tracker")).await.csrf();
    for forged in ["", "e30.x", &ticket, &ticket.replace('.', "A.")] {
        let page = other
            .visit(&portal.at(&format!("/tracker/ask?look={forged}")))
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{forged}");
        let form = [
            ("csrf", token.as_str()),
            ("look", forged),
            ("question", "why?"),
        ];
        let page = other.post(&portal.at("/tracker/ask"), &form).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{forged}");
    }
}

#[tokio::test]
async fn a_question_is_neither_empty_nor_endless_and_there_are_not_too_many() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/tracker")).await;
    let (csrf, look) = (page.csrf(), ticket_of(&page, "601"));
    let form = |question: &str| {
        [
            ("csrf", csrf.clone()),
            ("look", look.clone()),
            ("question", question.to_owned()),
        ]
    };
    let as_texts = |form: &[(&'static str, String); 3]| {
        form.each_ref().map(|(name, value)| (*name, value.clone()))
    };
    let long = "ä".repeat(1_001);
    for question in ["", "  \n", long.as_str()] {
        let form = as_texts(&form(question));
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let page = browser.post(&portal.at("/tracker/ask"), &form).await;
        assert!(page.text.contains("at least one character"), "{question}");
    }
    for number in 0..=50 {
        let form = as_texts(&form("why?"));
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let page = browser.post(&portal.at("/tracker/ask"), &form).await;
        assert_eq!(
            page.status == StatusCode::SEE_OTHER,
            number < 50,
            "{number}"
        );
    }
}
