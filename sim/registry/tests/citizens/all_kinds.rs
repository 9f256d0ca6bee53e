//! A country with one registry of each kind, and all that they tell of one person.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use sim_registry::Kind;

use super::country::{
    CONSENTS, Exchange, HEALTH, INSURER, PEOPLE, POPULATION, Registry, SOCIAL_INSURANCE,
};

/// Every kind of registry, and the services that tell something of one person.
pub(crate) const SERVICES: [(Kind, &[&str]); 10] = [
    (Kind::PopulationRegister, &["record", "relations"]),
    (
        Kind::SocialInsurance,
        &["benefits", "applications", "inquiries"],
    ),
    (Kind::Tax, &["declaration"]),
    (
        Kind::Health,
        &["record", "prescriptions", "appointments", "blocking"],
    ),
    (Kind::Business, &["roles"]),
    (Kind::Education, &["studies"]),
    (Kind::Bank, &["accounts"]),
    (Kind::SchoolJournal, &["journal"]),
    (Kind::Consents, &["consents"]),
    (Kind::Insurer, &["offer", "inquiries"]),
];

/// A country with one registry of each kind.
pub(crate) struct Country {
    registries: Vec<(Kind, Registry)>,
}

/// What one answer says, attribute by attribute: `diagnoses.code`.
pub(crate) type Attributes = BTreeMap<String, Vec<String>>;

impl Country {
    pub(crate) async fn start() -> Self {
        let exchange = Exchange::open().await;
        let mut registries = Vec::new();
        for (kind, _) in SERVICES {
            let subsystem = match kind {
                Kind::SocialInsurance => Some(SOCIAL_INSURANCE),
                Kind::Health => Some(HEALTH),
                Kind::Insurer => Some(INSURER),
                _ => None,
            };
            let registry = match subsystem {
                Some(subsystem) => {
                    Registry::asking(kind, &exchange, subsystem, |side| {
                        if kind == Kind::Health {
                            side.by_consent = vec![INSURER.to_owned()];
                        }
                    })
                    .await
                }
                None => Registry::start(kind).await,
            };
            match kind {
                Kind::PopulationRegister => exchange.leads_to(POPULATION, &registry),
                Kind::Consents => exchange.leads_to(CONSENTS, &registry),
                _ => {}
            }
            registries.push((kind, registry));
        }
        Self { registries }
    }

    pub(crate) fn of(&self, kind: Kind) -> &Registry {
        let mut registries = self.registries.iter();
        &registries.find(|(found, _)| *found == kind).unwrap().1
    }

    pub(crate) async fn tell(&self, kind: Kind, service: &str, id: &str) -> Value {
        self.of(kind).own(service, id).await
    }

    /// Makes every kind of record of somebody: an application, an inquiry, a company, a consent.
    pub(crate) async fn live(&self, id: &str) {
        let user = format!("EE{id}");
        let post = async |kind: Kind, path: &str, body: Value| {
            let (status, told) = self.of(kind).send(Method::POST, path, &user, body).await;
            assert_eq!(status, 201, "{path}: {told}");
            told
        };
        let document = "UEsDBA==";
        post(
            Kind::SocialInsurance,
            "/applications",
            json!({ "national_id": id, "kind": "child-benefit", "document": document }),
        )
        .await;
        for kind in [Kind::SocialInsurance, Kind::Insurer] {
            post(
                kind,
                "/inquiries",
                json!({
                    "national_id": id, "register": "Population register",
                    "logtime": "2026-02-05T10:00:00Z", "question": "Why?",
                }),
            )
            .await;
        }
        post(
            Kind::Business,
            "/companies",
            json!({ "national_id": id, "name": format!("Company of {id}") }),
        )
        .await;
        let slots = self.tell(Kind::Health, "appointments", id).await;
        post(
            Kind::Health,
            "/appointments",
            json!({ "national_id": id, "slot": slots["free"][0] }),
        )
        .await;
        let path = format!("/offer/{id}");
        let insurer = self.of(Kind::Insurer);
        let (status, _) = insurer.send(Method::GET, &path, &user, Value::Null).await;
        assert_eq!(status, 403);
        let list = self.tell(Kind::Consents, "consents", id).await;
        let body = json!({ "reference": list["consents"][0]["reference"], "status": "approved" });
        let path = format!("/consents/{id}");
        let consents = self.of(Kind::Consents);
        let (status, _) = consents.send(Method::PUT, &path, &user, body).await;
        assert_eq!(status, 200);
    }

    /// All that each registry tells of somebody.
    pub(crate) async fn told(&self, id: &str) -> Vec<(Kind, &'static str, Attributes)> {
        let mut told = Vec::new();
        for (kind, services) in SERVICES {
            for service in services {
                let answer = self.tell(kind, service, id).await;
                assert!(
                    service == &"blocking" || answer["national_id"] == *id,
                    "{kind:?} {service}: {answer}"
                );
                let mut attributes = Attributes::new();
                walk("", &answer, &mut attributes);
                told.push((kind, *service, attributes));
            }
        }
        told
    }

    pub(crate) fn adult(&self, number: usize) -> u64 {
        let population = &self.of(Kind::Tax).population;
        let mut adults = (0..PEOPLE)
            .filter(|index| (30..50).contains(&population.age(*index)))
            .filter(|index| !population.is_deceased(*index));
        adults.nth(number).unwrap()
    }
}

/// Collects what stands below `path`, by the last name of a thing and that of its attribute.
pub(crate) fn walk(path: &str, value: &Value, into: &mut Attributes) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let thing = path.rsplit('.').next().unwrap_or_default();
                let attribute = if thing.is_empty() {
                    key.clone()
                } else {
                    format!("{thing}.{key}")
                };
                walk(&attribute, value, into);
            }
        }
        Value::Array(list) => {
            for value in list {
                walk(path, value, into);
            }
        }
        Value::Null => {}
        Value::String(text) => into.entry(path.to_owned()).or_default().push(text.clone()),
        other => into
            .entry(path.to_owned())
            .or_default()
            .push(other.to_string()),
    }
}

/// What people call it.
pub(crate) const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::PopulationRegister => "population register",
        Kind::SocialInsurance => "social insurance",
        Kind::Tax => "tax",
        Kind::Health => "health",
        Kind::Business => "business",
        Kind::Education => "education",
        Kind::Bank => "bank",
        Kind::SchoolJournal => "school journal",
        Kind::Consents => "consents",
        Kind::Insurer => "insurer",
    }
}
