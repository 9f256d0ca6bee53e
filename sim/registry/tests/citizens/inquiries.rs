//! Officials who look in a case and without one, and inquiries that find it.

use http::Method;
use serde_json::{Value, json};
use sim_journal::JournalReader;
use sim_registry::Kind;

use super::country::{Exchange, INSURER, POPULATION, PORTAL, Registry, SOCIAL_INSURANCE, config};

/// The staff of social insurance.
const STAFF: usize = 12;
const REGISTER: &str = "Population register";

struct Country {
    exchange: Exchange,
    register: Registry,
    insurance: Registry,
}

impl Country {
    async fn start(curious: u32) -> Self {
        let exchange = Exchange::open().await;
        let register = Registry::start(Kind::PopulationRegister).await;
        exchange.leads_to(POPULATION, &register);
        let kind = Kind::SocialInsurance;
        let insurance = Registry::asking(kind, &exchange, SOCIAL_INSURANCE, |side| {
            side.curious_officials = curious;
        })
        .await;
        Self {
            exchange,
            register,
            insurance,
        }
    }

    async fn apply(&self, id: &str) -> (u16, Value) {
        let body = json!({ "national_id": id, "kind": "child-benefit", "document": "UEsDBA==" });
        let user = format!("EE{id}");
        let path = "/applications";
        self.insurance.send(Method::POST, path, &user, body).await
    }

    /// What the population register's tracker tells somebody of looks by social insurance, newest
    /// first.
    async fn looks(&self, id: &str) -> Vec<Value> {
        let (status, usages) = self.register.usages(id, "").await;
        assert_eq!(status, 200);
        let usages = usages["usages"].as_array().unwrap().iter();
        let of_insurance = usages.filter(|usage| usage["receiverSystem"] == "skais2");
        of_insurance.cloned().collect()
    }

    async fn inquire(&self, id: &str, logtime: &Value) -> (u16, Value) {
        ask(&self.insurance, id, &question(id, logtime)).await
    }
}

fn question(id: &str, logtime: &Value) -> Value {
    json!({
        "national_id": id, "register": REGISTER, "logtime": logtime, "question": "Why?",
    })
}

async fn ask(registry: &Registry, id: &str, body: &Value) -> (u16, Value) {
    let user = format!("EE{id}");
    let path = "/inquiries";
    registry.send(Method::POST, path, &user, body.clone()).await
}

#[tokio::test]
async fn a_look_in_a_case_is_justified_by_it() {
    let country = Country::start(0).await;
    let id = country
        .register
        .id(country.register.somebody(|age| age == 35));
    let (status, application) = country.apply(&id).await;
    assert_eq!(status, 201, "{application}");
    let looks = country.looks(&id).await;
    assert_eq!(looks.len(), 1);
    let case = application["id"].as_str().unwrap();
    let expected = format!("Case {case}: application for a benefit");
    assert_eq!(looks[0]["action"], expected);
    let (status, told) = country.inquire(&id, &looks[0]["logtime"]).await;
    assert_eq!(status, 201, "{told}");
    assert_eq!(told["verdict"], "justified");
    assert_eq!(told["case"], application["id"]);
    assert!(told["sanction"].is_null());
    assert!(told["answer"].as_str().unwrap().contains(case));
    // It is kept, for its owner alone.
    let kept = country.insurance.own("inquiries", &id).await;
    let kept = &kept["inquiries"][0];
    for key in ["id", "verdict", "answer", "case", "sanction"] {
        assert_eq!(kept[key], told[key], "{key}");
    }
    assert_eq!(kept["question"], "Why?");
    assert_eq!(kept["register"], REGISTER);
    assert!(kept["asked_at"].is_string());
    let path = format!("/inquiries/{id}");
    let (status, _) = country
        .insurance
        .send(Method::GET, &path, "EE1", Value::Null)
        .await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_curious_official_is_found_and_looks_no_more() {
    let country = Country::start(1).await;
    let adult = |number: usize| {
        let register = &country.register;
        let mut adults =
            (0..2_000).filter(|index| (30..60).contains(&register.population.age(*index)));
        register.id(adults.nth(number).unwrap())
    };
    let (first, second) = (adult(0), adult(1));
    // The curious official is the first to handle a case, and the thirteenth.
    for _ in 0..STAFF {
        assert_eq!(country.apply(&first).await.0, 201);
    }
    assert_eq!(country.looks(&first).await.len(), STAFF);
    assert_eq!(country.apply(&second).await.0, 201);
    let looks = country.looks(&first).await;
    assert_eq!(looks.len(), STAFF + 1);
    assert_eq!(looks[0]["action"], "Population register: relations");
    let (status, told) = country.inquire(&first, &looks[0]["logtime"]).await;
    assert_eq!(status, 201, "{told}");
    assert_eq!(told["verdict"], "unjustified");
    assert!(told["case"].is_null());
    let sanction = told["sanction"].as_str().unwrap();
    // Looks in cases are justified as before, whoever made them.
    for look in &looks[1..] {
        let (_, told) = country.inquire(&first, &look["logtime"]).await;
        assert_eq!(told["verdict"], "justified", "{look}");
    }
    // Asked again, the same look has the same sanction.
    let (_, again) = country.inquire(&first, &looks[0]["logtime"]).await;
    assert_eq!(again["sanction"], sanction);

    // Two more rounds: nobody is curious any more, and no look is by the sanctioned one.
    let folder = {
        let before = country.looks(&first).await.len() + country.looks(&second).await.len();
        for number in 0..2 * STAFF {
            let id = if number.is_multiple_of(2) {
                &first
            } else {
                &second
            };
            assert_eq!(country.apply(id).await.0, 201);
        }
        let after = country.looks(&first).await.len() + country.looks(&second).await.len();
        assert_eq!(after - before, 2 * STAFF);
        country.register.stop().await
    };
    let users = users(&folder.path().join("tracker"));
    let looks: Vec<&String> = users
        .iter()
        .filter(|user| **user != format!("EE{first}"))
        .collect();
    let sanctioned = looks[0];
    // Two cases, and a look without one after each.
    assert_eq!(looks.iter().filter(|user| *user == &sanctioned).count(), 4);
    let last: Vec<_> = looks[looks.len() - 2 * STAFF..].to_vec();
    assert!(!last.contains(&sanctioned));
}

#[tokio::test]
async fn a_sanction_outlives_a_restart_and_somebody_is_left_to_work() {
    let country = Country::start(STAFF as u32).await;
    let adults: Vec<String> = (0..2_000)
        .filter(|index| (30..60).contains(&country.register.population.age(*index)))
        .map(|index| country.register.id(index))
        .take(2)
        .collect();
    // Each application makes the next official look at the applicant before.
    let mut found = 0;
    country.apply(&adults[1]).await;
    for number in 0..STAFF {
        let (about, other) = (&adults[number % 2], &adults[(number + 1) % 2]);
        let (status, _) = country.apply(about).await;
        assert_eq!(status, 201, "{number}");
        let looks = country.looks(other).await;
        let (_, told) = country.inquire(other, &looks[0]["logtime"]).await;
        found += usize::from(told["verdict"] == "unjustified");
    }
    assert_eq!(found, STAFF);
    let (status, refused) = country.apply(&adults[0]).await;
    assert_eq!((status, &refused["code"]), (503, &json!("no_official")));

    let folder = country.insurance.stop().await;
    let mut again = config(Kind::SocialInsurance, folder.path());
    let side = again.citizens.as_mut().unwrap();
    side.tracker = folder.path().join("tracker-2");
    let ledger = folder.path().join("ledger-2");
    side.exchange = Some(country.exchange.access(SOCIAL_INSURANCE, &ledger));
    let insurance = Registry::run(again, folder).await;
    let body = json!({ "national_id": adults[0], "kind": "child-benefit", "document": "UEsDBA==" });
    let user = format!("EE{}", adults[0]);
    let (status, _) = insurance
        .send(Method::POST, "/applications", &user, body)
        .await;
    assert_eq!(status, 503);
    let kept = insurance.own("inquiries", &adults[0]).await;
    assert!(!kept["inquiries"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_look_that_a_machine_made_is_told_from_none() {
    let country = Country::start(3).await;
    let id = country
        .register
        .id(country.register.somebody(|age| age == 40));
    let now = json!("2026-02-05T10:00:00Z");
    let (status, told) = country.inquire(&id, &now).await;
    assert_eq!((status, &told["verdict"]), (201, &json!("unknown")));
    assert!(told["case"].is_null() && told["sanction"].is_null());
    country.insurance.own("benefits", &id).await;
    let looks = country.looks(&id).await;
    assert_eq!(looks[0]["action"], "Children, for a benefit");
    let (_, told) = country.inquire(&id, &looks[0]["logtime"]).await;
    assert_eq!(told["verdict"], "justified", "{told}");
    assert!(told["case"].is_null() && told["sanction"].is_null());
    assert!(told["answer"].as_str().unwrap().contains(PORTAL));
    // Another register told of it, or a person whom nobody looked at.
    let mut elsewhere = question(&id, &looks[0]["logtime"]);
    elsewhere["register"] = "Traffic register".into();
    let (_, told) = ask(&country.insurance, &id, &elsewhere).await;
    assert_eq!(told["verdict"], "unknown");
    let other = country
        .register
        .id(country.register.somebody(|age| age == 41));
    let (_, told) = country.inquire(&other, &looks[0]["logtime"]).await;
    assert_eq!(told["verdict"], "unknown");
}

#[tokio::test]
async fn an_insurer_is_asked_too() {
    let country = Country::start(0).await;
    let insurer = Registry::asking(Kind::Insurer, &country.exchange, INSURER, |_| {}).await;
    let id = insurer.id(7);
    let path = format!("/offer/{id}");
    // Nobody keeps consents here; that it asked stands in its tracker all the same.
    let (status, _) = insurer
        .send(Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!(status, 502);
    let (_, usages) = insurer.usages(&id, "").await;
    let mut body = question(&id, &usages["usages"][0]["logtime"]);
    body["register"] = "State portal".into();
    let (status, told) = ask(&insurer, &id, &body).await;
    assert_eq!((status, &told["verdict"]), (201, &json!("justified")));
    body["register"] = "Population register".into();
    let (_, told) = ask(&insurer, &id, &body).await;
    assert_eq!(told["verdict"], "unknown");
}

#[tokio::test]
async fn questions_that_are_none_are_refused() {
    let country = Country::start(0).await;
    let id = country.register.id(8);
    let good = question(&id, &json!("2026-02-05T10:00:00Z"));
    for (key, bad) in [
        ("question", json!("")),
        ("question", json!("  \n")),
        ("question", json!("a".repeat(1_001))),
        ("register", json!("")),
        ("register", json!("a".repeat(301))),
        ("logtime", json!("yesterday")),
        ("logtime", Value::Null),
        ("more", json!(1)),
    ] {
        let mut body = good.clone();
        body[key] = bad;
        let (status, told) = ask(&country.insurance, &id, &body).await;
        assert_eq!(
            (status, &told["code"]),
            (400, &json!("malformed_request")),
            "{key}"
        );
    }
    let mut longest = good.clone();
    longest["question"] = "õ".repeat(1_000).into();
    assert_eq!(ask(&country.insurance, &id, &longest).await.0, 201);
    // Somebody else's.
    let stranger = country.register.id(9);
    let (status, refused) = ask(&country.insurance, &stranger, &good).await;
    assert_eq!((status, &refused["code"]), (403, &json!("not_theirs")));
    let mut nobody = good;
    nobody["national_id"] = "1".into();
    assert_eq!(ask(&country.insurance, &id, &nobody).await.0, 404);
    // Registries that look into no other have no such service.
    let bank = Registry::start(Kind::Bank).await;
    let path = format!("/inquiries/{id}");
    let (status, _) = bank
        .send(Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!(status, 404);
}

/// On whose behalf each entry of a data tracker was made, in order.
fn users(folder: &std::path::Path) -> Vec<String> {
    let mut users = Vec::new();
    for record in JournalReader::open(folder).unwrap() {
        let record = record.unwrap();
        if record.kind != 5 {
            continue;
        }
        // Behind the fixed fields: message ID, client, user.
        let mut rest = &record.payload[12..];
        let mut texts = Vec::new();
        for _ in 0..3 {
            let (length, after) = rest.split_at(2);
            let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
            let (text, after) = after.split_at(length);
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            rest = after;
        }
        users.push(texts.remove(2));
    }
    users
}
