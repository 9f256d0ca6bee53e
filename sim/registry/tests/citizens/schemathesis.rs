//! Every description judged by Schemathesis, which makes requests up from it and holds the answers
//! against it; and by another library that reads it as a document.
//!
//! The registries run for real, with an exchange between them.

use std::path::{Path, PathBuf};

use http::Method;
use serde_json::{Value, json};
use sim_registry::Kind;
use tokio::process::Command;

use super::country::{
    CONSENTS, Exchange, HEALTH, INSURER, PEOPLE, POPULATION, PORTAL, Registry, SOCIAL_INSURANCE,
};

/// Requests made up at random for each operation, beside those that go through what the schema
/// allows and forbids, one by one.
const EXAMPLES: &str = "25";
/// Calls that a registry must have answered at least, and refused.
const LEAST: u64 = 30;
/// Seconds after which an answer counts as none.
const PATIENCE: &str = "10";
/// All that hold of a service without accounts and links between its operations.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,\
    positive_data_acceptance,missing_required_header,unsupported_method,allow_header_conformance";

/// Registries that ask each other, and one of them that is judged.
struct Country {
    judged: Registry,
    /// Those that it asks.
    others: Vec<Registry>,
}

/// The interpreter that is named, else that of the virtual environment which `ci/test` makes.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("ROADTEST_JUDGES_PYTHON") {
        return named.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("target/judges/bin/python")
}

/// Runs a judge in a folder that it may write to; the error is what it said where it finds fault.
async fn judge(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<String, String> {
    let python = python();
    let output = Command::new(&python)
        .args(arguments)
        .envs(environment.iter().copied())
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder)
        .kill_on_drop(true)
        .output()
        .await;
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{} cannot be run ({error}): run ci/test once, which installs the outside judges",
            python.display()
        )
    });
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        !said.contains("No module named"),
        "{said}: run ci/test once, which installs the outside judges"
    );
    if output.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

// === impl Country ===

impl Country {
    async fn with(kind: Kind) -> Self {
        let exchange = Exchange::open().await;
        let place = |kind| match kind {
            Kind::PopulationRegister => POPULATION,
            Kind::SocialInsurance => SOCIAL_INSURANCE,
            Kind::Health => HEALTH,
            Kind::Consents => CONSENTS,
            Kind::Insurer => INSURER,
            _ => "EE/COM/10000009/other",
        };
        let asked: &[Kind] = match kind {
            Kind::SocialInsurance => &[Kind::PopulationRegister],
            Kind::Health => &[Kind::Consents],
            Kind::Insurer => &[Kind::Consents, Kind::Health],
            _ => &[],
        };
        let start = |kind| {
            Registry::asking(kind, &exchange, place(kind), |side| {
                side.by_consent = vec![INSURER.to_owned()];
                side.curious_officials = 1;
            })
        };
        let mut others = Vec::new();
        for kind in asked {
            others.push(start(*kind).await);
        }
        Self {
            judged: start(kind).await,
            others,
        }
    }

    /// People of every sort: somebody at work, at school, with a pension, and deceased.
    fn people(&self) -> Vec<String> {
        let population = &self.judged.population;
        let deceased = (0..PEOPLE).find(|index| population.is_deceased(*index));
        let people = [
            self.judged.somebody(|age| (30..50).contains(&age)),
            self.judged.somebody(|age| (8..16).contains(&age)),
            self.judged.somebody(|age| age > 70),
            deceased.unwrap(),
        ];
        people.map(|index| self.judged.id(index)).to_vec()
    }

    /// Values for the formats of the description's own, as they are in this registry.
    async fn formats(&self, kind: Kind, people: &[String]) -> Value {
        let user_codes: Vec<String> = people.iter().map(|id| format!("EE{id}")).collect();
        let mut formats = json!({
            "national-id": people,
            "user-code": user_codes,
            "base64": ["UEsDBA==", "UEsDBBQ"],
        });
        match kind {
            Kind::Health => {
                let offered = self.judged.own("appointments", &people[0]).await;
                formats["slot"] = offered["free"].clone();
            }
            Kind::Business => formats["company-code"] = self.company_codes().await.into(),
            Kind::Insurer => self.let_the_insurer_read(&people[0]).await,
            Kind::Consents => {
                formats["consent-reference"] = self.consent_references(&people[0]).await.into();
            }
            _ => {}
        }
        formats
    }

    /// Those of companies that there are, and of one that there is not.
    async fn company_codes(&self) -> Vec<Value> {
        let mut codes = vec![json!("99999999")];
        for index in 0..PEOPLE {
            let roles = self.judged.own("roles", &self.judged.id(index)).await;
            let roles = roles["roles"].as_array().unwrap().clone();
            codes.extend(roles.iter().map(|role| role["company"]["code"].clone()));
            if codes.len() > 3 {
                break;
            }
        }
        codes
    }

    /// Of consents that were given, that were asked for, and of none.
    async fn consent_references(&self, id: &str) -> Vec<Value> {
        let mut references = vec![json!("0b1c4a57-6a5e-4d2c-9a56-2f4bb9a2f2b1")];
        for client in [
            INSURER,
            PORTAL,
            HEALTH,
            POPULATION,
            SOCIAL_INSURANCE,
            CONSENTS,
        ] {
            let reference = ask_for_consent(&self.judged, client, id).await;
            // The others wait for a word.
            if [INSURER, PORTAL, HEALTH].contains(&client) {
                approve(&self.judged, id, &reference).await;
            }
            references.push(reference);
        }
        references
    }

    /// With a consent there are offers.
    async fn let_the_insurer_read(&self, id: &str) {
        let reference = ask_for_consent(&self.others[0], INSURER, id).await;
        approve(&self.others[0], id, &reference).await;
        let offer = self.judged.own("offer", id).await;
        assert_eq!(offer["based_on"], "health/record");
    }

    /// Ends all; says how many calls the judged one answered and refused.
    async fn stop(self) -> (u64, u64) {
        let (_, summary) = self.judged.stop_and_sum().await;
        for other in self.others {
            other.stop().await;
        }
        (summary.answered, summary.refused)
    }
}

async fn ask_for_consent(consents: &Registry, client: &str, id: &str) -> Value {
    let new = json!({ "idCode": format!("EE{id}"), "purpose": "insurance-offer" });
    let asked = consents.send_as(client, Method::POST, "/consent", "EE1", new);
    asked.await.1["consentReference"].clone()
}

async fn approve(consents: &Registry, id: &str, reference: &Value) {
    let yes = json!({ "reference": reference, "status": "approved" });
    let (path, user) = (format!("/consents/{id}"), format!("EE{id}"));
    let (status, told) = consents.send(Method::PUT, &path, &user, yes).await;
    assert_eq!(status, 200, "{told}");
}

async fn judged(kind: Kind) {
    let country = Country::with(kind).await;
    let people = country.people();
    let formats = country.formats(kind, &people).await.to_string();
    let url = format!("{}/openapi.json", country.judged.url);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    let (_, document) = country
        .judged
        .send(Method::GET, "/openapi.json", "EE1", Value::Null)
        .await;
    std::fs::write(&file, document.to_string()).unwrap();
    let arguments = ["-m", "openapi_spec_validator", file.to_str().unwrap()];
    let valid = judge(folder.path(), &arguments, &[]).await;
    valid.unwrap_or_else(|said| {
        panic!("{kind:?}: the description is not valid\n{said}");
    });

    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis_hooks.py");
    let arguments = [
        "-m",
        "schemathesis.cli",
        "run",
        &url,
        "--checks",
        CHECKS,
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        EXAMPLES,
        "--generation-deterministic",
        "--request-timeout",
        PATIENCE,
        "--continue-on-failure",
        "--warnings",
        "off",
        "--no-color",
    ];
    let environment = [
        ("SCHEMATHESIS_HOOKS", hooks.to_str().unwrap()),
        ("ROADTEST_FORMATS", formats.as_str()),
        ("ROADTEST_COUNTRY", "EE"),
    ];
    let said = judge(folder.path(), &arguments, &environment).await;
    let said = said.unwrap_or_else(|said| panic!("{kind:?}: {said}"));
    let (answered, refused) = country.stop().await;
    // What is refused before it is looked at proves little.
    assert!(
        answered >= LEAST && refused >= LEAST,
        "{kind:?}: {answered} answered, {said}"
    );
}

macro_rules! judged {
    ($($name:ident: $kind:expr,)*) => {$(
        #[tokio::test]
        async fn $name() {
            judged($kind).await;
        }
    )*};
}

judged! {
    the_population_register_keeps_to_its_description: Kind::PopulationRegister,
    social_insurance_keeps_to_its_description: Kind::SocialInsurance,
    the_tax_board_keeps_to_its_description: Kind::Tax,
    health_keeps_to_its_description: Kind::Health,
    the_business_register_keeps_to_its_description: Kind::Business,
    education_keeps_to_its_description: Kind::Education,
    the_bank_keeps_to_its_description: Kind::Bank,
    the_school_journal_keeps_to_its_description: Kind::SchoolJournal,
    the_consent_service_keeps_to_its_description: Kind::Consents,
    the_insurer_keeps_to_its_description: Kind::Insurer,
}
