//! An exchange that answers what it was told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};

/// The registries that have a data tracker.
pub(crate) const REGISTRIES: [&str; 6] =
    ["people", "social", "tax", "health", "business", "education"];

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    /// A fault of a security server.
    Fault(&'static str, &'static str),
    /// No JSON.
    Garbage,
    /// Nothing, ever.
    Silence,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Default)]
struct Kept {
    /// By `subsystem/service`, or `METHOD subsystem/service` where the method matters.
    replies: Mutex<BTreeMap<String, Reply>>,
    asked: Mutex<Vec<Asked>>,
}

/// The exchange.
pub(crate) struct FakeExchange {
    pub(crate) url: String,
    kept: Arc<Kept>,
}

impl FakeExchange {
    pub(crate) async fn start() -> Self {
        let kept = Arc::new(Kept::default());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&kept));
        let exchange = Self {
            url: super::serve(app).await,
            kept,
        };
        for (service, answer) in super::usual_answers() {
            exchange.set(service, Reply::Json(200, answer));
        }
        for registry in REGISTRIES {
            let nothing = json!({ "totalUsages": 0, "usages": [] });
            exchange.set(&format!("{registry}/findUsage"), Reply::Json(200, nothing));
        }
        exchange
    }

    pub(crate) fn set(&self, service: &str, reply: Reply) {
        self.kept.replies.lock().insert(service.to_owned(), reply);
    }

    /// What was asked of a service so far.
    pub(crate) fn asked(&self, service: &str) -> Vec<Asked> {
        let asked = self.kept.asked.lock();
        let of_service = asked
            .iter()
            .filter(|asked| service_of(&asked.target) == service);
        of_service.cloned().collect()
    }

    pub(crate) fn asked_in_all(&self) -> usize {
        self.kept.asked.lock().len()
    }

    /// Everything that was asked so far.
    pub(crate) fn all_asked(&self) -> Vec<Asked> {
        self.kept.asked.lock().clone()
    }
}

async fn answer(
    State(kept): State<Arc<Kept>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = uri.to_string();
    let service = service_of(&target);
    let reply = {
        let replies = kept.replies.lock();
        replies
            .get(&format!("{method} {service}"))
            .or_else(|| replies.get(&service))
            .cloned()
    };
    kept.asked.lock().push(Asked {
        method,
        target,
        headers,
        body,
    });
    match reply {
        Some(Reply::Json(status, value)) => {
            (StatusCode::from_u16(status).unwrap(), axum::Json(value)).into_response()
        }
        Some(Reply::Fault(code, message)) => {
            let body = json!({ "type": code, "message": message, "detail": "d" });
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [("x-road-error", code)],
                axum::Json(body),
            )
                .into_response()
        }
        Some(Reply::Garbage) => "<html>".into_response(),
        Some(Reply::Silence) => std::future::pending().await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `subsystem/service` of `/r1/INSTANCE/CLASS/MEMBER/SUBSYSTEM/service/…`.
fn service_of(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        ["", "r1", _, _, _, subsystem, service, ..] => format!("{subsystem}/{service}"),
        _ => path.to_owned(),
    }
}
