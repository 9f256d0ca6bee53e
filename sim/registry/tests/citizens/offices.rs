//! Each office on its own: what it tells, writes down and refuses.

use http::Method;
use serde_json::{Value, json};
use sim_clock::Clock;
use sim_journal::JournalReader;
use sim_population::iso_date;
use sim_registry::Kind;

use super::country::{Exchange, PEOPLE, POPULATION, Registry, SOCIAL_INSURANCE, records};

#[tokio::test]
async fn the_population_register_tells_what_is_true_of_everybody() {
    let registry = Registry::start(Kind::PopulationRegister).await;
    for index in 0..50 {
        let (id, person) = (registry.id(index), registry.population.person(index));
        let record = registry.own("record", &id).await;
        assert_eq!(record["given_name"], person.given_name);
        assert_eq!(record["birth_date"], iso_date::to_text(person.birth_date));
        assert_eq!(record["address"]["municipality"], person.municipality);
        let relations = registry.own("relations", &id).await;
        let relatives = registry.population.relatives(index);
        let children = relations["children"].as_array().unwrap();
        assert_eq!(children.len(), relatives.children.len());
        assert_eq!(relations["mother"].is_null(), relatives.mother.is_none());
    }
    // The question that load generators ask is answered as ever.
    let body = json!({ "ids": [registry.id(0)] });
    let (status, answer) = registry.send(Method::POST, "/liveness", "", body).await;
    assert_eq!(status, 200);
    assert!(answer["deceased"].is_array());
}

#[tokio::test]
async fn every_personal_read_has_one_entry_and_the_reverse() {
    let registry = Registry::start(Kind::PopulationRegister).await;
    let (first, second) = (registry.id(0), registry.id(1));
    for _ in 0..3 {
        registry.own("record", &first).await;
    }
    registry.own("relations", &first).await;
    registry.own("record", &second).await;
    // Neither refusals nor looks into the tracker are looks at data.
    let (status, _) = registry
        .send(Method::GET, "/record/1", "EE1", Value::Null)
        .await;
    assert_eq!(status, 404);
    let (status, refused) = registry
        .send(Method::GET, &format!("/record/{first}"), "", Value::Null)
        .await;
    assert_eq!((status, &refused["code"]), (400, &json!("no_user")));

    let (_, usages) = registry.usages(&first, "").await;
    assert_eq!(usages["totalUsages"], 4);
    let newest = &usages["usages"][0];
    assert_eq!(newest["receiverCode"], "70006317");
    assert_eq!(newest["receiverSystem"], "portal");
    assert_eq!(newest["action"], "Population register: relations");
    let (_, page) = registry.usages(&first, "&offset=3&limit=10").await;
    assert_eq!(page["totalUsages"], 4);
    assert_eq!(page["usages"].as_array().unwrap().len(), 1);
    let (_, past) = registry.usages(&first, "&periodEnd=2020-01-01").await;
    assert_eq!(past["totalUsages"], 0);
    for bad in [
        "&limit=0",
        "&limit=1001",
        "&offset=x",
        "&periodStart=yesterday",
    ] {
        assert_eq!(registry.usages(&first, bad).await.0, 400, "{bad}");
    }
    assert_eq!(registry.usages("1", "").await.0, 400);
    let (_, beat) = registry
        .send(Method::GET, "/findUsage/v2/heartbeat", "EE1", Value::Null)
        .await;
    assert_eq!(beat["status"], "OK");

    let folder = registry.stop().await;
    let records = JournalReader::open(&folder.path().join("tracker")).unwrap();
    let kinds: Vec<u8> = records.map(|record| record.unwrap().kind).collect();
    assert_eq!(kinds, [5, 5, 5, 5, 5, sim_journal::SEAL]);
}

#[tokio::test]
async fn social_insurance_asks_for_children_and_grants_what_is_due() {
    let exchange = Exchange::open().await;
    let register = Registry::start(Kind::PopulationRegister).await;
    exchange.leads_to(POPULATION, &register);
    let kind = Kind::SocialInsurance;
    let insurance = Registry::asking(kind, &exchange, SOCIAL_INSURANCE, |_| {}).await;
    let mother = (0..PEOPLE)
        .find(|index| {
            let children = insurance.population.relatives(*index).children;
            insurance
                .population
                .relatives(children.first().copied().unwrap_or(*index))
                .mother
                == Some(*index)
                && children
                    .iter()
                    .any(|child| insurance.population.age(*child) < 18)
                && insurance.population.age(*index) < 65
        })
        .unwrap();
    let id = insurance.id(mother);
    let benefits = insurance.own("benefits", &id).await;
    let paid = benefits["benefits"].as_array().unwrap();
    assert!(
        !paid.is_empty()
            && paid
                .iter()
                .all(|benefit| benefit["kind"] == "child-benefit")
    );
    let old = insurance.id(insurance.somebody(|age| age > 70));
    let pension = insurance.own("benefits", &old).await;
    assert!(pension["benefits"][0]["monthly_amount"].as_u64().unwrap() >= 50_000);

    let apply = |id: &str, kind: &str| json!({ "national_id": id, "kind": kind, "fields": {}, "document": "UEsDBA==" });
    let user = format!("EE{id}");
    let (status, granted) = insurance
        .send(
            Method::POST,
            "/applications",
            &user,
            apply(&id, "child-benefit"),
        )
        .await;
    assert_eq!(
        (status, &granted["status"]),
        (201, &json!("granted")),
        "{granted}"
    );
    let (_, refused) = insurance
        .send(
            Method::POST,
            "/applications",
            &user,
            apply(&id, "old-age-pension"),
        )
        .await;
    assert_eq!(refused["status"], "refused");
    assert!(refused["reason"].is_string());
    let list = insurance.own("applications", &id).await;
    assert_eq!(list["applications"].as_array().unwrap().len(), 2);
    assert!(list["applications"][0]["document"].is_null());
    // For somebody else, or for nothing that exists.
    let (status, _) = insurance
        .send(
            Method::POST,
            "/applications",
            "EE1",
            apply(&id, "child-benefit"),
        )
        .await;
    assert_eq!(status, 403);
    let (status, _) = insurance
        .send(Method::POST, "/applications", &user, apply(&id, "x"))
        .await;
    assert_eq!(status, 400);
    // Every question to the population register is in the ledger; for a benefit that there is not,
    // nobody is looked at.
    let folder = insurance.stop().await;
    assert_eq!(records(&folder.path().join("ledger"), 4), 4);
}

#[tokio::test]
async fn a_blocked_record_is_shown_to_its_owner_alone() {
    let health = Registry::start(Kind::Health).await;
    let id = health.id(health.somebody(|age| age > 60));
    let (own, doctor) = (format!("EE{id}"), format!("EE{}", health.id(1)));
    let path = format!("/record/{id}");
    let see = |user: String| {
        health.send(
            Method::GET,
            &path,
            Box::leak(user.into_boxed_str()),
            Value::Null,
        )
    };
    assert_eq!(see(doctor.clone()).await.0, 200);
    let block = format!("/blocking/{id}");
    let (status, _) = health
        .send(Method::PUT, &block, &doctor, json!({ "blocked": true }))
        .await;
    assert_eq!(status, 403);
    let (status, _) = health
        .send(Method::PUT, &block, &own, json!({ "blocked": true }))
        .await;
    assert_eq!(status, 200);
    assert_eq!(see(doctor.clone()).await.0, 403);
    let (status, record) = see(own.clone()).await;
    assert_eq!((status, &record["blocked"]), (200, &json!(true)));
    health
        .send(Method::PUT, &block, &own, json!({ "blocked": false }))
        .await;
    assert_eq!(see(doctor).await.0, 200);
    let (status, _) = health
        .send(Method::PUT, &block, &own, json!({ "x": 1 }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_slot_is_booked_once() {
    let health = Registry::start(Kind::Health).await;
    let id = health.id(5);
    let offered = health.own("appointments", &id).await;
    let slot = offered["free"][0].as_str().unwrap();
    // Whatever day the people are of, it lies ahead by the clock.
    let now = Clock::wall().now().rfc3339_seconds();
    assert!(slot > now.as_str(), "{slot} is offered at {now}");
    let book = |id: &str| json!({ "national_id": id, "slot": slot });
    let user = format!("EE{id}");
    assert_eq!(
        health
            .send(Method::POST, "/appointments", &user, book(&id))
            .await
            .0,
        201
    );
    assert_eq!(
        health
            .send(Method::POST, "/appointments", &user, book(&id))
            .await
            .0,
        409
    );
    let after = health.own("appointments", &id).await;
    assert_eq!(after["booked"], json!([slot]));
    assert!(!after["free"].as_array().unwrap().contains(&json!(slot)));
    // No time at all; one that is over; one that no doctor has.
    for (no_slot, status) in [
        ("2026-02-31T09:00", 400),
        ("2025-02-06T09:20", 409),
        ("9999-02-06T09:20", 409),
    ] {
        let bad = json!({ "national_id": id, "slot": no_slot });
        let (refused, said) = health.send(Method::POST, "/appointments", &user, bad).await;
        assert_eq!(refused, status, "{no_slot}: {said}");
    }
    assert_eq!(
        health
            .send(Method::POST, "/appointments", "EE1", book(&id))
            .await
            .0,
        403
    );
}

#[tokio::test]
async fn companies_have_names_and_codes_of_their_own() {
    let business = Registry::start(Kind::Business).await;
    let id = business.id(business.somebody(|age| age > 30));
    let user = format!("EE{id}");
    let new = |name: &str| json!({ "name": name, "national_id": id });
    let (status, made) = business
        .send(Method::POST, "/companies", &user, new("Example Tea"))
        .await;
    assert_eq!(status, 201, "{made}");
    let (status, _) = business
        .send(Method::POST, "/companies", &user, new("example tea"))
        .await;
    assert_eq!(status, 409);
    let (status, _) = business
        .send(Method::POST, "/companies", &user, new(" "))
        .await;
    assert_eq!(status, 400);
    let path = format!("/company/{}", made["code"].as_str().unwrap());
    let (_, found) = business.send(Method::GET, &path, "", Value::Null).await;
    assert_eq!(found["name"], "Example Tea");
    let roles = business.own("roles", &id).await;
    let roles = roles["roles"].as_array().unwrap();
    assert!(
        roles
            .iter()
            .any(|role| role["company"]["code"] == made["code"])
    );
    assert_eq!(
        business
            .send(Method::GET, "/company/1", "", Value::Null)
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn data_fit_the_age_of_the_person() {
    let tax = Registry::start(Kind::Tax).await;
    let education = Registry::start(Kind::Education).await;
    let mut refunds = std::collections::BTreeMap::new();
    for index in 0..200 {
        let (id, age) = (tax.id(index), tax.population.age(index));
        let declaration = tax.own("declaration", &id).await;
        let income = declaration["income"].as_u64().unwrap();
        assert_eq!(
            income > 0,
            !declaration["employers"].as_array().unwrap().is_empty()
        );
        assert!(income == 0 || (18..67).contains(&age));
        assert!(
            declaration["refund"].as_u64().unwrap() <= declaration["tax_paid"].as_u64().unwrap()
        );
        if income > 0 {
            refunds.insert(income, declaration["refund"].as_u64().unwrap());
        }
        let studies = education.own("studies", &id).await;
        let studies = studies["studies"].as_array().unwrap();
        assert_eq!(studies.is_empty(), age < 7);
    }
    // Whoever earns more is given less back, so that hardly two are given the same.
    let by_income: Vec<u64> = refunds.into_values().collect();
    assert!(by_income.len() > 50, "{by_income:?}");
    assert!(by_income.is_sorted_by(|less, more| less >= more));
    assert!(by_income.first() > by_income.last());
    let id = tax.id(0);
    let body = json!({ "national_id": id, "document": "UEsDBA==" });
    let user = format!("EE{id}");
    assert_eq!(
        tax.send(Method::POST, "/declarations", &user, body.clone())
            .await
            .0,
        201
    );
    assert_eq!(
        tax.send(Method::POST, "/declarations", &user, body).await.0,
        409
    );
}

#[tokio::test]
async fn what_does_not_exist_is_said_to() {
    for kind in [
        Kind::PopulationRegister,
        Kind::SocialInsurance,
        Kind::Tax,
        Kind::Health,
        Kind::Business,
        Kind::Education,
        Kind::Bank,
        Kind::SchoolJournal,
        Kind::Consents,
        Kind::Insurer,
    ] {
        let registry = Registry::start(kind).await;
        for path in [
            "/nothing",
            "/",
            "/record/a/b",
            "/findUsage",
            "/findUsage/v3/findUsage",
            "/%ff",
        ] {
            let (status, body) = registry.send(Method::GET, path, "EE1", Value::Null).await;
            assert_eq!(status, 404, "{kind:?} {path}: {body}");
            assert!(body["message"].is_string());
        }
        registry.stop().await;
    }
}
