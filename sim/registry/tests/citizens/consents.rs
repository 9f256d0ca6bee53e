//! Consents, the insurer that needs one, and health, which asks whether there is one.

use http::Method;
use serde_json::{Value, json};
use sim_registry::Kind;

use super::country::{CONSENTS, Exchange, HEALTH, INSURER, PORTAL, Registry, records};

/// Kind of an exchange's record in a ledger.
const EXCHANGE: u8 = 4;

struct Country {
    consents: Registry,
    health: Registry,
    insurer: Registry,
}

impl Country {
    async fn start() -> Self {
        let exchange = Exchange::open().await;
        let consents = Registry::start(Kind::Consents).await;
        exchange.leads_to(CONSENTS, &consents);
        let health = Registry::asking(Kind::Health, &exchange, HEALTH, |side| {
            side.by_consent = vec![INSURER.to_owned()];
            side.legal_exceptions = vec!["EE/GOV/70000740/inspection".to_owned()];
        })
        .await;
        let insurer = Registry::asking(Kind::Insurer, &exchange, INSURER, |_| {}).await;
        Self {
            consents,
            health,
            insurer,
        }
    }

    async fn offer(&self, id: &str) -> (u16, Value) {
        let path = format!("/offer/{id}");
        let user = format!("EE{id}");
        self.insurer
            .send(Method::GET, &path, &user, Value::Null)
            .await
    }

    async fn decide(&self, id: &str, reference: &Value, status: &str) -> (u16, Value) {
        let path = format!("/consents/{id}");
        let user = format!("EE{id}");
        let body = json!({ "reference": reference, "status": status });
        self.consents.send(Method::PUT, &path, &user, body).await
    }
}

#[tokio::test]
async fn an_offer_is_made_by_consent_and_withdrawal_works_at_once() {
    let country = Country::start().await;
    let id = country
        .consents
        .id(country.consents.somebody(|age| age > 60));
    let (status, refused) = country.offer(&id).await;
    assert_eq!((status, &refused["code"]), (403, &json!("no_consent")));
    // Asking again adds nothing.
    assert_eq!(country.offer(&id).await.0, 403);
    let list = country.consents.own("consents", &id).await;
    let list = list["consents"].as_array().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["receiver"], INSURER);
    assert_eq!(list[0]["data"], "health/record");
    assert_eq!(list[0]["status"], "requested");
    let reference = &list[0]["reference"];

    let (status, given) = country.decide(&id, reference, "approved").await;
    assert_eq!(
        (status, &given["status"]),
        (200, &json!("approved")),
        "{given}"
    );
    assert!(given["until"].is_string());
    let (status, offer) = country.offer(&id).await;
    assert_eq!(status, 200, "{offer}");
    let record = country.health.own("record", &id).await;
    let diagnoses = record["diagnoses"].as_array().unwrap().len() as u64;
    assert_eq!(offer["monthly_premium"], 1_900 + 650 * diagnoses);
    assert_eq!(offer["based_on"], "health/record");
    // The person sees who read the record.
    let (_, usages) = country.health.usages(&id, "").await;
    let read = &usages["usages"][1];
    assert_eq!(read["receiverCode"], "10000003");
    assert_eq!(read["receiverSystem"], "policies");

    let (status, _) = country.decide(&id, reference, "withdrawn").await;
    assert_eq!(status, 200);
    assert_eq!(country.offer(&id).await.0, 403);
    // With the old reference, the insurer reads nothing either.
    let path = format!(
        "/record/{id}?consentReference={}",
        reference.as_str().unwrap()
    );
    let (status, refused) = country
        .health
        .send_as(INSURER, Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!((status, &refused["code"]), (403, &json!("no_consent")));
    let list = country.consents.own("consents", &id).await;
    let statuses: Vec<&str> = list["consents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|consent| consent["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["requested", "withdrawn"]);

    // All that was asked is in the ledgers: four times for a consent and once for the record, and
    // whether there is one whenever the record was wanted.
    let folder = country.insurer.stop().await;
    assert_eq!(records(&folder.path().join("ledger"), EXCHANGE), 5);
    let folder = country.health.stop().await;
    assert_eq!(records(&folder.path().join("ledger"), EXCHANGE), 2);
}

#[tokio::test]
async fn a_consent_is_for_one_person_one_receiver_and_one_service() {
    let country = Country::start().await;
    let (first, second) = (country.consents.id(1), country.consents.id(2));
    country.offer(&first).await;
    let list = country.consents.own("consents", &first).await;
    let reference = &list["consents"][0]["reference"];
    country.decide(&first, reference, "approved").await;
    let reference = reference.as_str().unwrap();
    let read = async |client: &str, id: &str, path: &str| {
        country
            .health
            .send_as(client, Method::GET, path, &format!("EE{id}"), Value::Null)
            .await
            .0
    };
    let path = |id: &str| format!("/record/{id}?consentReference={reference}");
    assert_eq!(read(INSURER, &first, &path(&first)).await, 200);
    assert_eq!(read(INSURER, &second, &path(&second)).await, 403);
    for other in [
        format!("/record/{first}"),
        format!("/record/{first}?consentReference=x%2F..%2Fy"),
        format!("/record/{first}?consentReference=00000000-0000-4000-8000-000000000000"),
        format!("/prescriptions/{first}?consentReference={reference}"),
        format!("/appointments/{first}"),
    ] {
        assert_eq!(read(INSURER, &first, &other).await, 403, "{other}");
    }
    // Who needs none is asked for none.
    assert_eq!(read(PORTAL, &first, &format!("/record/{first}")).await, 200);
    // Another receiver's consent, for the same purpose.
    let ask = json!({ "idCode": format!("EE{second}"), "purpose": "insurance-offer" });
    let (status, asked) = country
        .consents
        .send_as("EE/COM/1/other", Method::POST, "/consent", "EE1", ask)
        .await;
    assert_eq!(status, 201, "{asked}");
    let others = &asked["consentReference"];
    country.decide(&second, others, "approved").await;
    let path = format!(
        "/record/{second}?consentReference={}",
        others.as_str().unwrap()
    );
    assert_eq!(read(INSURER, &second, &path).await, 403);
}

#[tokio::test]
async fn consents_are_the_persons_own_and_go_one_way() {
    let consents = Registry::start(Kind::Consents).await;
    let (id, stranger) = (consents.id(3), format!("EE{}", consents.id(4)));
    let user = format!("EE{id}");
    let ask = async |body: Value| {
        consents
            .send_as(INSURER, Method::POST, "/consent", &user, body)
            .await
    };
    for (body, expected) in [
        (json!({ "idCode": user, "purpose": "curiosity" }), 400),
        (json!({ "idCode": id, "purpose": "insurance-offer" }), 404),
        (json!({ "idCode": user }), 400),
        (Value::Null, 400),
    ] {
        assert_eq!(ask(body.clone()).await.0, expected, "{body}");
    }
    let wanted = json!({ "idCode": user, "purpose": "insurance-offer" });
    let (status, asked) = ask(wanted.clone()).await;
    assert_eq!((status, &asked["status"]), (201, &json!("requested")));
    let (status, again) = ask(wanted.clone()).await;
    assert_eq!((status, &again), (200, &asked));

    let reference = asked["consentReference"].as_str().unwrap();
    let validation = format!("/validation/{reference}");
    let validate = async || {
        consents
            .send_as(HEALTH, Method::GET, &validation, &user, Value::Null)
            .await
    };
    assert_eq!(validate().await.0, 404);
    let path = format!("/consents/{id}");
    let put = async |user: &str, reference: &str, status: &str| {
        let body = json!({ "reference": reference, "status": status });
        consents.send(Method::PUT, &path, user, body).await.0
    };
    assert_eq!(put(&stranger, reference, "approved").await, 403);
    let (status, _) = consents
        .send(Method::GET, &path, &stranger, Value::Null)
        .await;
    assert_eq!(status, 403);
    assert_eq!(put(&user, "no-such-consent", "approved").await, 404);
    assert_eq!(put(&user, reference, "requested").await, 400);
    assert_eq!(put(&user, reference, "withdrawn").await, 409);
    assert_eq!(put(&user, reference, "approved").await, 200);
    assert_eq!(put(&user, reference, "approved").await, 409);
    let (status, valid) = validate().await;
    assert_eq!(status, 200);
    assert_eq!(valid["idCode"], user);
    assert_eq!(valid["receiver"], INSURER);
    assert_eq!(valid["purpose"], "insurance-offer");
    let (status, again) = ask(wanted.clone()).await;
    assert_eq!((status, &again["status"]), (200, &json!("approved")));
    assert_eq!(put(&user, reference, "withdrawn").await, 200);
    assert_eq!(validate().await.0, 404);
    let (status, next) = ask(wanted).await;
    assert_eq!(status, 201);
    assert_ne!(next["consentReference"], asked["consentReference"]);
    assert_eq!(
        put(
            &user,
            next["consentReference"].as_str().unwrap(),
            "declined"
        )
        .await,
        200
    );
    for (method, path) in [
        (Method::GET, "/consent"),
        (Method::POST, validation.as_str()),
        (Method::DELETE, path.as_str()),
    ] {
        let (status, _) = consents.send(method, path, &user, Value::Null).await;
        assert_eq!(status, 405, "{path}");
    }
}

#[tokio::test]
async fn a_closed_record_is_closed_to_consent_but_not_to_the_law() {
    let country = Country::start().await;
    let id = country.consents.id(5);
    let user = format!("EE{id}");
    country.offer(&id).await;
    let list = country.consents.own("consents", &id).await;
    country
        .decide(&id, &list["consents"][0]["reference"], "approved")
        .await;
    let inspection = "EE/GOV/70000740/inspection";
    let path = format!("/record/{id}");
    let inspect = async || {
        country
            .health
            .send_as(inspection, Method::GET, &path, "EE1", Value::Null)
            .await
    };
    assert_eq!(inspect().await.0, 200);
    let (_, usages) = country.health.usages(&id, "").await;
    assert_eq!(usages["usages"][0]["action"], "Health: record");

    let block = format!("/blocking/{id}");
    let (status, _) = country
        .health
        .send(Method::PUT, &block, &user, json!({ "blocked": true }))
        .await;
    assert_eq!(status, 200);
    let (status, refused) = country.offer(&id).await;
    assert_eq!((status, &refused["code"]), (403, &json!("blocked")));
    let (status, record) = inspect().await;
    assert_eq!((status, &record["blocked"]), (200, &json!(true)));
    let (_, usages) = country.health.usages(&id, "").await;
    assert_eq!(
        usages["usages"][0]["action"],
        "Health: record (closed record, read under a legal exception)"
    );
    assert_eq!(usages["usages"][0]["receiverSystem"], "inspection");
}

#[tokio::test]
async fn without_a_way_to_the_consents_nothing_is_told() {
    let health = Registry::with(Kind::Health, |side| {
        side.by_consent = vec![INSURER.to_owned()];
    })
    .await;
    let id = health.id(6);
    let path = format!("/record/{id}?consentReference=00000000-0000-4000-8000-000000000000");
    let (status, _) = health
        .send_as(INSURER, Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!(status, 502);
    let insurer = Registry::start(Kind::Insurer).await;
    let path = format!("/offer/{id}");
    let (status, _) = insurer
        .send(Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!(status, 502);
    let (status, _) = insurer.send(Method::GET, &path, "EE1", Value::Null).await;
    assert_eq!(status, 403);
    // A consent service that is away is no consent.
    let exchange = Exchange::open().await;
    let health = Registry::asking(Kind::Health, &exchange, HEALTH, |side| {
        side.by_consent = vec![INSURER.to_owned()];
    })
    .await;
    let path = format!("/record/{id}?consentReference=00000000-0000-4000-8000-000000000000");
    let (status, refused) = health
        .send_as(INSURER, Method::GET, &path, &format!("EE{id}"), Value::Null)
        .await;
    assert_eq!((status, &refused["code"]), (502, &json!("elsewhere")));
}
