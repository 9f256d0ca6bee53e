//! Which path and method does what, and what is refused.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use serde::Serialize;
use sim_population::SchemeName;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::Kind;
use crate::demand::Demand;
use crate::error::StoreError;
use crate::export::{self, ExportBody};
use crate::lies::Liar;
use crate::liveness::Question;
use crate::office::{self, Call, Office};
use crate::openapi;
use crate::persons::Entries;
use crate::register::Register;

/// The longest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// Exports at a time; each has a thread.
const MAX_EXPORTS: usize = 2;

/// The answer of nearly every question about one person.
const NOBODY: &[u8] = br#"{"deceased":[],"unknown":[]}"#;

/// A response's body: whole, or streamed.
pub(crate) type ReplyBody = Either<Full<Bytes>, ExportBody>;
type Reply = Response<ReplyBody>;

/// Answers requests.
pub(crate) struct Service {
    /// Of a population register.
    register: Option<Arc<Register>>,
    /// For citizens.
    office: Option<Office>,
    liar: Option<Liar>,
    demand: Option<Demand>,
    /// How people are numbered.
    scheme: SchemeName,
    /// In OpenAPI.
    description: Bytes,
    exports: Arc<Semaphore>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    persons: AtomicU64,
    refused: AtomicU64,
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("there is no such path")]
    NotFound,
    #[error("this path takes {allow}")]
    Method { allow: &'static str },
    #[error("a body has at most {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error("the body did not arrive")]
    Body,
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    #[error("at most {MAX_EXPORTS} exports at a time")]
    Busy,
    #[error("no thread for an export")]
    Thread(#[source] io::Error),
    #[error("the register cannot be read")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Citizens(#[from] office::Refusal),
}

/// The body of a refusal.
#[derive(Serialize)]
struct RefusalBody<'a> {
    code: &'static str,
    message: &'a str,
}

impl Service {
    pub(crate) fn new(
        register: Option<Register>,
        office: Option<Office>,
        liar: Option<Liar>,
        demand: Option<Demand>,
        scheme: SchemeName,
        kind: Kind,
    ) -> Self {
        Self {
            description: openapi::description(kind, office.is_some(), scheme),
            register: register.map(Arc::new),
            office,
            liar,
            demand,
            scheme,
            exports: Arc::new(Semaphore::new(MAX_EXPORTS)),
            counts: Counts::default(),
        }
    }

    /// Answers any request; a refusal is an answer too.
    pub(crate) async fn reply(&self, request: Request<Incoming>) -> Reply {
        let is_register = self.register.is_some();
        if let Some(demand) = &self.demand
            && is_service(request.uri().path())
        {
            demand.take().await;
        }
        let reply = match (request.uri().path(), request.method()) {
            ("/health", &Method::GET) => Ok(json(Bytes::from_static(br#"{"status":"up"}"#))),
            ("/openapi.json", &Method::GET) => Ok(json(self.description.clone())),
            ("/health" | "/openapi.json", _) => Err(Refusal::Method { allow: "GET" }),
            _ if !is_register => self.citizens(request).await,
            ("/liveness", &Method::POST) => self.liveness(request.into_body()).await,
            ("/person", &Method::POST) => self.persons(request.into_body()).await,
            ("/liveness" | "/person", _) => Err(Refusal::Method { allow: "POST" }),
            ("/export.csv", &Method::GET) => self.export(),
            ("/export.csv", _) => Err(Refusal::Method { allow: "GET" }),
            _ => self.citizens(request).await,
        };
        reply.unwrap_or_else(|refusal| {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            refusal.reply()
        })
    }

    /// A call of a service for citizens, where there are any.
    async fn citizens(&self, request: Request<Incoming>) -> Result<Reply, Refusal> {
        let Some(office) = &self.office else {
            return Err(Refusal::NotFound);
        };
        let (parts, body) = request.into_parts();
        let body = whole(body).await?;
        let call = Call::new(&parts, body)?;
        let answer = office.answer(&call).await?;
        self.counts.answered.fetch_add(1, Ordering::Relaxed);
        let mut reply = json(written(&answer.body));
        *reply.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        Ok(reply)
    }

    /// Ends what is written for citizens, in order.
    pub(crate) fn close(&self) {
        if let Some(office) = &self.office {
            office.close();
        }
    }

    fn register(&self) -> Result<&Arc<Register>, Refusal> {
        self.register.as_ref().ok_or(Refusal::NotFound)
    }

    async fn liveness(&self, body: Incoming) -> Result<Reply, Refusal> {
        let body = whole(body).await?;
        let question = Question::read(&body, self.scheme)?;
        let answer = match &self.liar {
            None => question.answer(self.register()?, |died_on| died_on)?,
            Some(liar) => question.answer(self.register()?, |died_on| liar.report(died_on))?,
        };
        let names = !answer.is_empty();
        let text = if names {
            written(&answer)
        } else {
            Bytes::from_static(NOBODY)
        };
        Ok(self.answered(text, names, &question).await)
    }

    async fn persons(&self, body: Incoming) -> Result<Reply, Refusal> {
        let body = whole(body).await?;
        let question = Question::read(&body, self.scheme)?;
        let entries = match &self.liar {
            None => Entries::of(&question, self.register()?, |died_on| died_on)?,
            Some(liar) => Entries::of(&question, self.register()?, |died_on| liar.report(died_on))?,
        };
        Ok(self.answered(written(&entries), true, &question).await)
    }

    /// Counts the answer, and lets the liar have his way with it, if there is one; `names` says
    /// whether anybody is in it.
    async fn answered(&self, text: Bytes, names: bool, question: &Question) -> Reply {
        let text = match &self.liar {
            None => text,
            Some(liar) => liar.exchange(text, names).await,
        };
        self.counts.answered.fetch_add(1, Ordering::Relaxed);
        self.counts
            .persons
            .fetch_add(question.ids.len() as u64, Ordering::Relaxed);
        json(text)
    }

    fn export(&self) -> Result<Reply, Refusal> {
        let permit = Arc::clone(&self.exports)
            .try_acquire_owned()
            .map_err(|_| Refusal::Busy)?;
        let body = export::start(Arc::clone(self.register()?), permit).map_err(Refusal::Thread)?;
        Ok(typed("text/csv; charset=utf-8", Either::Right(body)))
    }

    /// Questions answered, the IDs they named, and requests refused.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (
            read(&self.counts.answered),
            read(&self.counts.persons),
            read(&self.counts.refused),
        )
    }

    /// Times that were waited as a service demand, and their sum in milliseconds.
    pub(crate) fn waits(&self) -> (u64, u64) {
        self.demand.as_ref().map_or((0, 0), Demand::counts)
    }

    /// Who lies, if anybody.
    pub(crate) const fn liar(&self) -> Option<&Liar> {
        self.liar.as_ref()
    }
}

/// Whether a path is a service, and not for those who run the registry.
fn is_service(path: &str) -> bool {
    !matches!(path, "/health" | "/openapi.json" | "/export.csv")
}

/// Reads a body to its end, within the limits.
async fn whole(body: Incoming) -> Result<Bytes, Refusal> {
    // A length that is announced need not be waited for.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(Refusal::TooLarge);
    }
    let collected = timeout(BODY_PATIENCE, Limited::new(body, MAX_BODY_BYTES).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge),
        Ok(Err(_)) | Err(_) => Err(Refusal::Body),
    }
}

fn written(answer: &impl Serialize) -> Bytes {
    serde_json::to_vec(answer)
        .expect("an answer has nothing JSON cannot hold")
        .into()
}

fn json(text: Bytes) -> Reply {
    typed("application/json", Either::Left(Full::new(text)))
}

fn typed(content_type: &'static str, body: ReplyBody) -> Reply {
    let mut reply = Response::new(body);
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

// === impl Refusal ===

impl Refusal {
    fn reply(&self) -> Reply {
        let (status, code) = self.status_and_code();
        if status.is_server_error() {
            tracing::error!(error = ?self, "request failed");
        }
        let message = self.to_string();
        let body = RefusalBody {
            code,
            message: &message,
        };
        let mut reply = json(
            serde_json::to_vec(&body)
                .expect("two texts are JSON")
                .into(),
        );
        *reply.status_mut() = status;
        if let Self::Method { allow } | Self::Citizens(office::Refusal::Method(allow)) = self {
            reply
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        reply
    }

    const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::Body => (StatusCode::BAD_REQUEST, "incomplete_body"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed_request"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Thread(_) | Self::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            Self::Citizens(refusal) => refusal.status_and_code(),
        }
    }
}
