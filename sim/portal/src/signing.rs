//! Signing an application with a person's own key: on their phone, then to the registry.
//!
//! 1. The carrier gives the person's signing certificate; `container` checks that it is theirs.
//! 2. `container`: which digest is to be signed, for these files and this certificate.
//! 3. The carrier has the person sign it; the page shows the verification code meanwhile.
//! 4. `container`: with OCSP response and time-stamp, a signed document.
//! 5. The registry gets it over the exchange.
//!
//! All of it is one task, so that it goes on when the browser does not.

mod carrier;
mod container;
mod mobile_id;
mod smart_id;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::applications::{Application, Code, Handed, Kind, Progress, Refusal};
use crate::exchange::{Service, Trouble};
use crate::sessions::Person;
use crate::state::Portal;
use crate::texts::Language;

use carrier::CarrierError;
pub(crate) use carrier::Carriers;
use container::ContainerError;
pub(crate) use container::Notary;

/// What the data tracker shows of handing an application over.
const REASON: &str = "The person handed in a signed application";
/// How long the registry may take to accept a document.
const HAND_IN_TIME_LIMIT: Duration = Duration::from_secs(10);

/// With what somebody signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    MobileId { phone_number: String },
    SmartId,
}

/// Why there is no signed application at the registry.
#[derive(Debug, thiserror::Error)]
enum SigningError {
    /// The person did not sign; the code is the carrier's word for it.
    #[error("the person did not sign: {0}")]
    NotSigned(String),
    #[error("ask the carrier")]
    Carrier(#[from] CarrierError),
    #[error("make the signed document")]
    Container(#[from] ContainerError),
    #[error("hand the document in")]
    Registry(#[from] Trouble),
    #[error("no registry takes such applications")]
    NoRegistry,
}

/// What a registry says of an application that it took.
#[derive(Deserialize)]
struct Taken {
    id: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// What a signature is asked for: whose, with what, and what stands on the phone.
struct Order<'a> {
    person: &'a Person,
    means: &'a Means,
    language: Language,
    text: String,
}

/// Signs and hands in, in a task of its own. `application` has just begun to be signed.
pub(crate) fn spawn(
    portal: Arc<Portal>,
    application: Arc<Application>,
    person: Person,
    means: Means,
    language: Language,
) {
    tokio::spawn(async move {
        let order = Order {
            person: &person,
            means: &means,
            language,
            text: shown_on_phone(&application, language),
        };
        match run(&portal, &application, &order).await {
            Ok(handed) => {
                portal.count(|summary| summary.signed += 1);
                application.set(Progress::Done(handed));
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "an application was not handed in");
                application.set(Progress::Refused(error.shown()));
            }
        }
    });
}

/// What the phone says is signed; who asks, it says by itself.
fn shown_on_phone(application: &Application, language: Language) -> String {
    let kind = application.kind.code();
    let what = language.texts().kind(kind).unwrap_or(kind);
    let child = &application.fields["child"];
    match (child["given_name"].as_str(), child["surname"].as_str()) {
        (Some(given_name), Some(surname)) => format!("{what}: {given_name} {surname}"),
        _ => what.to_owned(),
    }
}

async fn run(
    portal: &Portal,
    application: &Application,
    order: &Order<'_>,
) -> Result<Handed, SigningError> {
    if *order.means == Means::SmartId {
        set_code(application, smart_id::code_of_choice(), true);
    }
    let certificate = portal.carriers.certificate(order).await?;
    portal
        .notary
        .check(certificate.clone(), order.person)
        .await?;
    let draft = container::draft(application.files.clone(), certificate, portal.clock.now())?;
    let digest = draft.digest_to_sign();
    let asked = portal.carriers.ask_to_sign(order, &digest).await?;
    set_code(application, asked.code.clone(), false);
    let signature = portal.carriers.signature(&asked).await?;
    let document = portal.notary.complete(draft, &signature).await?;
    let encoded = STANDARD.encode(&document);
    let taken = hand_in(portal, application, order.person, encoded).await?;
    Ok(Handed {
        id: taken.id,
        status: taken.status,
        reason: taken.reason,
        document,
    })
}

fn set_code(application: &Application, digits: String, is_for_choice: bool) {
    application.set(Progress::Signing {
        code: Some(Code {
            digits,
            is_for_choice,
        }),
    });
}

async fn hand_in(
    portal: &Portal,
    application: &Application,
    person: &Person,
    document: String,
) -> Result<Taken, SigningError> {
    let (service, body) = destination(portal, application, person, &document);
    let service = service.ok_or(SigningError::NoRegistry)?;
    let question = service.about(person, "", REASON).within(HAND_IN_TIME_LIMIT);
    Ok(portal
        .exchange
        .ask(question.with("POST", &body))
        .await
        .outcome?)
}

fn destination<'a>(
    portal: &'a Portal,
    application: &Application,
    person: &Person,
    document: &str,
) -> (Option<&'a Service>, Value) {
    let services = &portal.services;
    match application.kind {
        Kind::ChildBenefit | Kind::OldAgePension => (
            services.applications.as_ref(),
            json!({
                "national_id": person.national_id,
                "kind": application.kind.code(),
                "fields": application.fields,
                "document": document,
            }),
        ),
        Kind::TaxDeclaration => (
            services.declarations.as_ref(),
            json!({ "national_id": person.national_id, "document": document }),
        ),
    }
}

// === impl SigningError ===

impl SigningError {
    /// For the page: a code that it has words for, and what the other side said.
    fn shown(&self) -> Refusal {
        let (code, detail) = match self {
            Self::NotSigned(code) => (code.as_str(), String::new()),
            Self::Carrier(_) => ("CARRIER", String::new()),
            Self::Container(error) => (error.code(), String::new()),
            Self::Registry(trouble) => ("REGISTRY", trouble.to_string()),
            Self::NoRegistry => ("NO_REGISTRY", String::new()),
        };
        Refusal {
            code: code.to_owned(),
            detail,
        }
    }
}
