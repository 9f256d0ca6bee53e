//! Small stand-ins for what a portal talks to, on real sockets; also used by the example.

// The example has this file by its path, from where the files below would not be found.
#[path = "fakes/carriers.rs"]
pub(crate) mod carriers;
#[path = "fakes/exchange.rs"]
pub(crate) mod exchange;
#[path = "fakes/provider.rs"]
pub(crate) mod provider;
#[path = "fakes/trust.rs"]
pub(crate) mod trust;

use std::net::SocketAddr;

use axum::Router;
use serde_json::{Value, json};
use sim_portal::{
    InquiryService, Language, PortalConfig, PortalServices, RegisterService, RelyingPartyName,
};
use tokio::net::TcpListener;

use carriers::FakeCarriers;
use exchange::FakeExchange;
use provider::FakeProvider;
use trust::Trust;

/// What the portal is called at the provider.
pub(crate) const CLIENT_ID: &str = "portal";
/// With which it shows who it is; has characters that must be encoded.
pub(crate) const CLIENT_SECRET: &str = "se:cret+1";

/// Who logs in, unless the test says otherwise.
pub(crate) const PERSON: &str = "48001010001";

/// Everything around a portal.
pub(crate) struct Fakes {
    pub(crate) provider: FakeProvider,
    pub(crate) exchange: FakeExchange,
    pub(crate) carriers: FakeCarriers,
    pub(crate) trust: Trust,
}

impl Fakes {
    pub(crate) async fn start() -> Self {
        let trust = Trust::start().await;
        let signer = trust.signer(PERSON).await;
        Self {
            provider: FakeProvider::start().await,
            exchange: FakeExchange::start().await,
            carriers: FakeCarriers::start(signer).await,
            trust,
        }
    }

    /// A portal of a country that nobody knows.
    pub(crate) fn config(&self) -> PortalConfig {
        let registry = |title: &str, of: &str, code: &str| RegisterService {
            title: title.to_owned(),
            service: service(of, code),
        };
        let registries = [
            ("Population register", "people"),
            ("Social insurance", "social"),
            ("Tax office", "tax"),
            ("Health information system", "health"),
            ("Business register", "business"),
            ("Education register", "education"),
        ];
        let of_all = |code: &str| {
            registries
                .iter()
                .map(|(title, of)| registry(title, of, code))
                .collect::<Vec<_>>()
        };
        PortalConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            country: "XX".to_owned(),
            name: "Saltmarsh".to_owned(),
            currency: "SAL".to_owned(),
            languages: vec![Language::English, Language::Estonian],
            issuer: self.provider.url.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            exchange_url: self.exchange.url.clone(),
            client: "XX/GOV/700/portal".parse().unwrap(),
            services: PortalServices {
                population_record: Some(service("people", "record")),
                population_relations: Some(service("people", "relations")),
                benefits: Some(service("social", "benefits")),
                applications: Some(service("social", "applications")),
                declaration: Some(service("tax", "declaration")),
                declarations: Some(service("tax", "declarations")),
                health_record: Some(service("health", "record")),
                prescriptions: Some(service("health", "prescriptions")),
                appointments: Some(service("health", "appointments")),
                roles: Some(service("business", "roles")),
                companies: Some(service("business", "companies")),
                company: Some(service("business", "company")),
                studies: Some(service("education", "studies")),
                consents: Some(service("consents", "consents")),
                insurance_offer: Some(service("insurer", "offer")),
            },
            trackers: of_all("findUsage"),
            blocking: vec![registry("Health information system", "health", "blocking")],
            inquiries: vec![
                InquiryService {
                    title: "Social insurance".to_owned(),
                    service: service("social", "inquiries"),
                    member_code: "600".to_owned(),
                    subsystem_code: "desk".to_owned(),
                },
                InquiryService {
                    title: "Saltmarsh Mutual".to_owned(),
                    service: service("insurer", "inquiries"),
                    member_code: "10000003".to_owned(),
                    subsystem_code: "policies".to_owned(),
                },
            ],
            carriers_url: self.carriers.url.clone(),
            carrier_rp: RelyingPartyName {
                uuid: carriers::UUID.to_owned(),
                name: carriers::NAME.to_owned(),
            },
            tsa_url: self.trust.tsa_url.clone(),
            people_ocsp_url: self.trust.ocsp_url.clone(),
            people_ca_pem: self.trust.ca.certificate_pem.clone(),
            ledger: None,
        }
    }
}

fn service(registry: &str, code: &str) -> sim_domain::ServiceId {
    let text = format!("XX/GOV/{registry}/{registry}/{code}");
    text.parse().unwrap()
}

/// Serves `app` on a free port until the runtime ends; returns its URL.
async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A consent that waits for the person, and one that they gave.
pub(crate) const REQUESTED: &str = "0b6c0000-0000-4000-8000-000000000002";
pub(crate) const APPROVED: &str = "0b6c0000-0000-4000-8000-000000000001";

/// A consent to an insurer, as the consent service tells it.
pub(crate) fn consent(reference: &str, status: &str, since: &str, until: Option<&str>) -> Value {
    let mut consent = json!({
        "reference": reference, "receiver": "XX/COM/10000003/policies",
        "purpose": "insurance-offer", "data": "health/record", "status": status, "since": since
    });
    if let Some(until) = until {
        consent["until"] = json!(until);
    }
    consent
}

/// The answers of a country in which everything works.
pub(crate) fn usual_answers() -> Vec<(&'static str, Value)> {
    let relative = |id: &str, given: &str, born: &str| json!({ "national_id": id, "given_name": given, "surname": "Whimbrel", "birth_date": born });
    vec![
        (
            "people/record",
            json!({
                "national_id": "48001010001", "given_name": "Avocet", "surname": "Whimbrel",
                "birth_date": "1980-01-01", "sex": "female", "status": "alive",
                "address": { "street": "Reed Lane", "house": 7, "apartment": 12,
                             "postcode": "10112", "municipality": "Tidewater" }
            }),
        ),
        (
            "people/relations",
            json!({
                "national_id": "48001010001",
                "mother": relative("45503030003", "Plover", "1955-03-03"),
                "partner": relative("37906060006", "Dunlin", "1979-06-06"),
                "children": [
                    relative("51204040004", "Knot", "2012-04-04"),
                    relative("61605050005", "Sanderling", "2016-05-05")
                ]
            }),
        ),
        (
            "social/benefits",
            json!({ "national_id": "48001010001", "benefits": [
                { "kind": "child-benefit", "since": "2012-04-04", "monthly_amount": 8_000, "for": "51204040004" },
                { "kind": "salt-allowance", "since": "2020-01-01", "monthly_amount": 1_250 }
            ] }),
        ),
        (
            "tax/declaration",
            json!({
                "national_id": "48001010001", "year": 2025, "income": 3_214_500, "tax_paid": 642_900,
                "refund": 18_340, "children": 2,
                "employers": [
                    { "code": "10000018", "name": "Tidewater Salt Works", "income": 2_914_500 },
                    { "code": "10000024", "name": "Marsh Ferries", "income": 300_000 }
                ]
            }),
        ),
        (
            "health/record",
            json!({ "national_id": "48001010001", "blocked": false, "diagnoses": [
                { "code": "J30.1", "name": "Allergic rhinitis due to pollen", "since": "2019-05-02" }
            ] }),
        ),
        (
            "health/prescriptions",
            json!({ "national_id": "48001010001", "prescriptions": [
                { "medicine": "Loratadine 10 mg", "until": "2026-11-30" }
            ] }),
        ),
        (
            "business/roles",
            json!({ "national_id": "48001010001", "roles": [
                { "company": { "code": "14000017", "name": "Whimbrel Maps Ltd" }, "role": "owner" }
            ] }),
        ),
        (
            "social/applications",
            json!({ "national_id": "48001010001", "applications": [
                { "id": "1767000000000-0", "kind": "child-benefit", "status": "granted",
                  "submitted_at": "2025-12-29T09:20:00.000Z" }
            ] }),
        ),
        (
            "health/appointments",
            json!({ "national_id": "48001010001", "doctor": 7, "booked": ["2026-02-03T09:20"],
                    "free": ["2026-02-03T10:00", "2026-02-03T10:20", "2026-02-04T13:00"] }),
        ),
        ("health/blocking", json!({ "blocked": false })),
        (
            "consents/consents",
            json!({ "national_id": "48001010001", "consents": [
                consent(APPROVED, "approved", "2026-02-01T08:00:00Z", Some("2026-03-03T08:00:00Z")),
                consent(REQUESTED, "requested", "2026-01-31T18:30:00Z", None),
                consent("0b6c0000-0000-4000-8000-000000000003", "declined", "2026-01-02T10:00:00Z", None),
            ] }),
        ),
        (
            "insurer/offer",
            json!({ "national_id": "48001010001", "monthly_premium": 4_290,
                    "based_on": "health/record" }),
        ),
        (
            "social/inquiries",
            json!({ "national_id": "48001010001", "inquiries": [] }),
        ),
        (
            "insurer/inquiries",
            json!({ "national_id": "48001010001", "inquiries": [] }),
        ),
        (
            "education/studies",
            json!({ "national_id": "48001010001", "studies": [
                { "school": "University of Tidewater", "level": "degree", "completed": "2004-06-18" }
            ] }),
        ),
    ]
}
