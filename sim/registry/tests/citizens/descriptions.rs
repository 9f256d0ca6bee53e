//! What a registry says of itself is so: each operation is there, and no service is untold.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use sim_http_client::{HttpAnswer, once};
use sim_registry::Kind;

use super::country::{BOUNDS, PORTAL, Registry};

const KINDS: [Kind; 10] = [
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
];
/// Methods that a path could have.
const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::PATCH,
];

/// A registry, what it says of itself, and one of its people.
struct Described {
    registry: Registry,
    document: Value,
    id: String,
}

impl Described {
    async fn start(kind: Kind) -> Self {
        let registry = Registry::start(kind).await;
        let (status, document) = registry
            .send(Method::GET, "/openapi.json", "", Value::Null)
            .await;
        assert_eq!(status, 200, "{kind:?}");
        let id = registry.id(registry.somebody(|age| age > 30));
        Self {
            registry,
            document,
            id,
        }
    }

    fn paths(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.document["paths"].as_object().unwrap().iter()
    }

    /// The services whose paths are described.
    fn services(&self) -> BTreeSet<String> {
        let first = |path: &String| path[1..].split('/').next().unwrap().to_owned();
        self.paths().map(|(path, _)| first(path)).collect()
    }

    /// A path of the description with somebody or something in the place of its parameters.
    fn filled(&self, path: &str) -> String {
        let path = path
            .replace("{national_id}", &self.id)
            .replace("{code}", "70008440")
            .replace("{reference}", "0b1c4a57-6a5e-4d2c-9a56-2f4bb9a2f2b1");
        assert!(!path.contains('{'), "{path}: what is this parameter?");
        if path.ends_with("/v2/findUsage") {
            return format!("{path}?userCode=EE{}", self.id);
        }
        path
    }

    /// The example of an operation's body, about the person.
    fn body(&self, operation: &Value) -> String {
        let content = &operation["requestBody"]["content"]["application/json"];
        let mut example = content["example"].clone();
        if example.get("national_id").is_some() {
            example["national_id"] = json!(self.id);
        }
        if example.is_null() {
            return String::new();
        }
        example.to_string()
    }

    async fn send(&self, method: &Method, path: &str, body: String) -> (HttpAnswer, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{}", self.registry.url, self.filled(path)))
            .header("X-Road-Client", PORTAL)
            .header("X-Road-UserId", format!("EE{}", self.id))
            .body(Bytes::from(body))
            .unwrap();
        let answer = once(request, BOUNDS).await.unwrap();
        let told = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer, told)
    }
}

#[tokio::test]
async fn each_operation_is_there_and_answers_as_it_says() {
    for kind in KINDS {
        let described = Described::start(kind).await;
        for (path, operations) in described.paths() {
            for method in &METHODS {
                let name = method.as_str().to_lowercase();
                let Some(operation) = operations.get(&name) else {
                    continue;
                };
                let body = described.body(operation);
                let (answer, told) = described.send(method, path, body).await;
                let status = answer.status.as_u16().to_string();
                let what = format!("{kind:?}: {method} {path} gave {status}: {told}");
                assert!(operation["responses"].get(&status).is_some(), "{what}");
                assert_ne!(told["code"], "not_found", "{what}");
            }
        }
        described.registry.stop().await;
    }
}

#[tokio::test]
async fn each_path_takes_the_methods_that_it_says() {
    for kind in KINDS {
        let described = Described::start(kind).await;
        for (path, operations) in described.paths() {
            let is_described =
                |method: &&Method| operations.get(method.as_str().to_lowercase()).is_some();
            let (told, untold): (Vec<&Method>, Vec<&Method>) =
                METHODS.iter().partition(is_described);
            let told: Vec<&str> = told.iter().map(|method| method.as_str()).collect();
            for method in untold {
                let (answer, _) = described.send(method, path, String::new()).await;
                let what = format!("{kind:?}: {method} {path} gave {}", answer.status);
                assert_eq!(answer.status, 405, "{what}");
                let allow = answer.headers.get("allow").unwrap();
                assert_eq!(allow, told.join(", ").as_bytes(), "{what}");
            }
        }
        described.registry.stop().await;
    }
}

/// What a description forbids is refused: each of these was once taken.
#[tokio::test]
async fn what_is_forbidden_is_refused() {
    let long = format!("{}x", " ".repeat(100));
    for (kind, method, path, body) in [
        (
            Kind::Health,
            Method::PUT,
            "/blocking/{national_id}",
            json!([true]),
        ),
        (
            Kind::Health,
            Method::PUT,
            "/blocking/{national_id}",
            json!({ "blocked": true, "x": 1 }),
        ),
        (
            Kind::Business,
            Method::POST,
            "/companies",
            json!({ "name": "\tTea" }),
        ),
        (
            Kind::Business,
            Method::POST,
            "/companies",
            json!({ "name": long }),
        ),
        (
            Kind::Tax,
            Method::POST,
            "/declarations",
            json!({ "document": "no base64" }),
        ),
        (
            Kind::Tax,
            Method::POST,
            "/declarations",
            json!({ "document": "UEsD===" }),
        ),
        (
            Kind::Tax,
            Method::POST,
            "/declarations",
            json!({ "document": "==" }),
        ),
        (
            Kind::SocialInsurance,
            Method::POST,
            "/applications",
            json!({
                "kind": "child-benefit", "document": "ü"
            }),
        ),
        (
            Kind::SocialInsurance,
            Method::POST,
            "/inquiries",
            json!({
                "register": "Population register", "logtime": "2026-02-05T10:00:00Z",
                "question": format!("Why?{}", " ".repeat(1_000)),
            }),
        ),
    ] {
        let described = Described::start(kind).await;
        let mut body = body;
        if method == Method::POST {
            body["national_id"] = json!(described.id);
        }
        let (answer, told) = described.send(&method, path, body.to_string()).await;
        assert_eq!(answer.status, 400, "{kind:?}: {body}: {told}");
        assert_eq!(told["code"], "malformed_request", "{kind:?}: {body}");
        described.registry.stop().await;
    }
    let bank = Registry::start(Kind::Bank).await;
    let (status, told) = bank.usages(&bank.id(0), "&offset=2147483648").await;
    assert_eq!(status, 400, "{told}");
}

/// Whoever does not say for whom they ask is not told who there is.
#[tokio::test]
async fn nobody_learns_namelessly_who_there_is() {
    let bank = Registry::start(Kind::Bank).await;
    for id in [&bank.id(0), "36805280109"] {
        let path = format!("/accounts/{id}");
        let (status, told) = bank.send(Method::GET, &path, "", Value::Null).await;
        assert_eq!((status, &told["code"]), (400, &json!("no_user")), "{id}");
        let told = bank.send_as("", Method::GET, &path, "EE1", Value::Null);
        let (status, told) = told.await;
        assert_eq!((status, &told["code"]), (400, &json!("no_client")), "{id}");
    }
}

/// Every service that some registry describes is asked for at every other: who has it says so.
#[tokio::test]
async fn no_service_is_untold() {
    let mut described = BTreeMap::new();
    for (number, kind) in KINDS.into_iter().enumerate() {
        described.insert(number, Described::start(kind).await);
    }
    let services: BTreeSet<String> = described.values().flat_map(Described::services).collect();
    assert!(services.len() > 20, "{services:?}");
    for (number, one) in &described {
        let own = one.services();
        for service in &services {
            for path in [format!("/{service}"), format!("/{service}/{}", one.id)] {
                for method in [Method::GET, Method::POST, Method::PUT] {
                    let (_, told) = one.send(&method, &path, String::new()).await;
                    let is_there =
                        told["code"] != "not_found" && told["code"] != "method_not_allowed";
                    assert!(
                        own.contains(service) || !is_there,
                        "{:?} has {method} {path} and does not say so: {told}",
                        KINDS[*number]
                    );
                }
            }
        }
    }
}
