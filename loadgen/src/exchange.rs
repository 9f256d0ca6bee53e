//! One exchange as HTTP: the request, and what the answer to it is worth.

use bytes::Bytes;
use http::{HeaderValue, Method, Uri};
use sim_http1::{Headers, OutgoingRequest};
use sim_metrics::Outcome;
use sim_workload::{Question, Questions};

use crate::config::{LoadAsk, LoadConfig};
use crate::error::LoadError;

const X_ROAD_CLIENT: &str = "x-road-client";
const X_ROAD_ID: &str = "x-road-id";
const X_ROAD_ERROR: &str = "x-road-error";
const X_ROAD_REQUEST_HASH: &str = "x-road-request-hash";

/// What all requests of a load have in common.
#[derive(Debug)]
pub(crate) struct RequestTemplate {
    run_id: String,
    host: HeaderValue,
    client: HeaderValue,
    /// One for each ask.
    targets: Vec<Target>,
}

/// Where the requests of one ask go.
#[derive(Debug)]
struct Target {
    path: String,
    /// Method, blank, path: as the ledger has it.
    line: String,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

/// What an answer is worth.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Worth {
    pub(crate) outcome: Outcome,
    /// Persons it names as deceased.
    pub(crate) deceased_named: u64,
}

// === impl RequestTemplate ===

impl RequestTemplate {
    /// Requests to `authority`, which is `host:port`.
    pub(crate) fn new(config: &LoadConfig, authority: &str) -> Result<Self, LoadError> {
        let targets = config.asks.iter();
        let targets = targets.map(|ask| Target::new(ask, &config.service_path));
        let header = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| LoadError::Header(text.to_owned()))
        };
        header(&config.run_id)?;
        Ok(Self {
            run_id: config.run_id.clone(),
            host: header(authority)?,
            client: header(&config.client.to_encoded())?,
            targets: targets.collect::<Result<_, _>>()?,
        })
    }

    /// Those of all asks.
    pub(crate) fn targets(&self) -> Vec<String> {
        let lines = self.targets.iter().map(|target| target.line.clone());
        lines.collect()
    }

    /// Method, blank, path of an ask's requests.
    pub(crate) fn target(&self, ask: usize) -> &str {
        &self.targets[ask].line
    }

    /// The message ID of an exchange.
    pub(crate) fn message_id(&self, index: u64) -> Bytes {
        format!("{}-{index}", self.run_id).into()
    }

    /// The service client, as sent.
    pub(crate) fn client(&self) -> &[u8] {
        self.client.as_bytes()
    }

    pub(crate) fn request(&self, message_id: &[u8], question: &Question) -> OutgoingRequest {
        let headers = [
            ("host", self.host.as_bytes()),
            (X_ROAD_CLIENT, self.client.as_bytes()),
            (X_ROAD_ID, message_id),
            ("content-type", b"application/json"),
        ];
        let path = &self.targets[question.ask].path;
        OutgoingRequest::new(
            Method::POST.as_str(),
            path,
            headers,
            vec![question.body.clone()],
        )
        .expect("the run ID was checked, and a dash and digits are visible characters")
    }
}

// === impl Target ===

impl Target {
    fn new(ask: &LoadAsk, service_path: &str) -> Result<Self, LoadError> {
        let service = match &ask.direct_path {
            Some(path) => path.clone(),
            None => format!("/r1/{}", ask.service.to_encoded()),
        };
        let path = service + service_path;
        // Parsed to see that it can be sent; it is sent as it stands, in origin form.
        path.parse::<Uri>().map_err(|source| LoadError::Target {
            target: path.clone(),
            source,
        })?;
        Ok(Self {
            line: format!("{} {path}", Method::POST),
            path,
        })
    }
}

// === impl Answer ===

impl Answer {
    /// The fault code; absent where the answer is no refusal.
    pub(crate) fn fault_code(&self) -> Option<&[u8]> {
        self.headers.get(X_ROAD_ERROR)
    }

    /// The digest of the request that was answered; empty where the answer names none.
    pub(crate) fn request_hash(&self) -> &[u8] {
        self.headers.get(X_ROAD_REQUEST_HASH).unwrap_or_default()
    }

    /// Judges the answer to `question`, which was sent as `message_id`.
    pub(crate) fn worth(
        &self,
        message_id: &[u8],
        question: &Question,
        questions: &Questions,
    ) -> Worth {
        let without_truth = |outcome| Worth {
            outcome,
            deceased_named: 0,
        };
        // Status codes do not tell refusals from a service's own errors: X-Road-Error does.
        if self.fault_code().is_some() {
            return without_truth(Outcome::Refused);
        }
        // The answer to another message is no answer to this one, even if it happens to be true.
        let of_another = self
            .headers
            .get(X_ROAD_ID)
            .is_some_and(|id| id != message_id);
        if self.status != 200 || of_another {
            return without_truth(Outcome::Failed);
        }
        match questions.judge(&self.body, question) {
            Err(_) => without_truth(Outcome::Failed),
            Ok(judgement) => Worth {
                outcome: if judgement.correct {
                    Outcome::Ok
                } else {
                    Outcome::Wrong
                },
                deceased_named: judgement.deceased_named,
            },
        }
    }
}
