//! Smart-ID's public relying-party protocols: version 2, and of version 3 the flows that begin with
//! a notification.
//!
//! Both differ from the real ones in the keys: here they are on P-256 and signatures are raw r and
//! s, there they are RSA keys of 6,144 bits that app and server share; see [`v2`] and [`v3`] for what
//! follows. A relying party is known by identifier and name, not by its address.

mod account;
mod interaction;
mod repeated;
mod v2;
mod v3;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::Carriers;
use crate::outcome::Outcome;
use crate::sessions::{Details, NewSession, Operation, Prompt};
use account::Account;
use interaction::Shown;

pub(crate) use interaction::Interaction;
pub(crate) use repeated::Repeated;
pub(crate) use v3::SignatureProtocol;

/// Bounds of what a poll may say that it waits, in milliseconds; the default is between them.
const MIN_POLL_MS: u64 = 1_000;
const MAX_POLL_MS: u64 = 120_000;
/// Characters of a nonce.
const NONCE_LEN: std::ops::RangeInclusive<usize> = 1..=30;

/// What both versions ask with a poll.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Poll {
    timeout_ms: Option<u64>,
}

/// What a session of either version is about.
struct Asked {
    operation: Operation,
    account: Account,
    relying_party: String,
    /// Nothing where no interaction can be shown, or none is needed.
    shown: Option<Shown>,
    verification_code: Option<String>,
    digest: Vec<u8>,
    details: Details,
}

/// Everything of Smart-ID, with its whole paths: what is nested twice loses its own fallback.
pub(crate) fn routes(is_under_maintenance: bool) -> Router<Arc<Carriers>> {
    if is_under_maintenance {
        let closed = Router::new().fallback(under_maintenance);
        return Router::new().nest("/smart-id-rp", closed);
    }
    Router::new()
        .nest("/smart-id-rp/v1", Router::new().fallback(client_too_old))
        .nest("/smart-id-rp/v2", v2::routes())
        .nest("/smart-id-rp/v3", v3::routes())
}

/// Whoever speaks version 1 must learn another (documentation of version 2, section 2.1.1).
async fn client_too_old() -> Response {
    let text = "The client is too old and not supported any more.\n";
    (status(480), text).into_response()
}

async fn under_maintenance() -> Response {
    let text = "System is under maintenance, retry again later.\n";
    (status(580), text).into_response()
}

/// A status that no standard knows.
fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Whose Smart-ID a document number is; nobody's where it is none.
pub(crate) fn holder(people: &crate::people::People, document_number: &str) -> Option<u64> {
    Account::holder(people, document_number)
}

// === impl Poll ===

impl Poll {
    fn within(&self) -> Duration {
        let default = u64::midpoint(MIN_POLL_MS, MAX_POLL_MS);
        let wanted = self.timeout_ms.unwrap_or(default);
        Duration::from_millis(wanted.clamp(MIN_POLL_MS, MAX_POLL_MS))
    }
}

// === impl Asked ===

impl Asked {
    /// Begins the session; says its ID.
    fn begin(self, carriers: &Carriers) -> String {
        let is_choice = self.operation == Operation::CertificateChoice;
        let ends = if carriers.people.has_locked_smart_id(self.account.person) {
            Some(Outcome::Locked)
        } else if self.shown.is_none() && !is_choice {
            Some(Outcome::OldApp)
        } else {
            None
        };
        let interaction = self.shown.as_ref().map(|shown| shown.interaction);
        let session = carriers.sessions.begin(NewSession {
            prompt: Prompt {
                operation: self.operation,
                address: self.account.document_number,
                relying_party: self.relying_party,
                text: self.shown.map(|shown| shown.text).unwrap_or_default(),
                language: None,
                interaction,
                verification_code: self.verification_code,
            },
            details: self.details,
            person: Some(self.account.person),
            digest: self.digest,
            ends,
        });
        session.id.clone()
    }
}
