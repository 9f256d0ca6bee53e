//! The consumer's information system.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use sim_domain::Dialect;
use sim_domain::fault::FaultCode;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::part::DEADLINE;
use crate::tls::{self, Credential};
use crate::wire::{self, Message};

/// Who asks, unless a test says otherwise.
pub(crate) const CLIENT: &str = "EE/GOV/1/pensions";
/// Where the service lies that does what its path says.
pub(crate) const ECHO: &str = "/r1/EE/GOV/2/population/echo";

/// What information systems are told about codes.
const FAULT_CODES: &str = include_str!("../../../../docs/fault-codes.md");

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// One request, word for word.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
    id: String,
}

impl Ask {
    /// A request by [`CLIENT`], with a message ID of its own.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let id = format!("message-{}", NEXT_ID.fetch_add(1, Ordering::Relaxed));
        let own = [("X-Road-Client", CLIENT), ("X-Road-Id", id.as_str())];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: own.to_vec(),
            body: None,
            id,
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A GET of `path` below [`ECHO`].
    pub(crate) fn echo(path: &str) -> Self {
        Self::get(&format!("{ECHO}{path}"))
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes every header of this name away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self
    }

    /// Asks as another client.
    pub(crate) fn from(self, client: &str) -> Self {
        self.without("X-Road-Client")
            .header("X-Road-Client", client)
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The message ID that is sent, or would be.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: here\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        [head.as_bytes(), self.body.as_deref().unwrap_or_default()].concat()
    }

    /// Sends it over a connection of its own; gives the answer.
    pub(crate) async fn send(&self, to: SocketAddr) -> Message {
        self.exchange(connect(to).await).await
    }

    /// As [`Self::send`], over TLS, showing `own`.
    pub(crate) async fn send_tls(&self, to: SocketAddr, own: Option<&Credential>) -> Message {
        let stream = tls::connect(connect(to).await, own).await.unwrap();
        self.exchange(stream).await
    }

    async fn exchange(&self, stream: impl AsyncRead + AsyncWrite) -> Message {
        let (mut reading, mut writing) = tokio::io::split(stream);
        let request = self.bytes();
        let answered = async {
            // A server that refuses may do so before it has read everything.
            let (_written, answer) = tokio::join!(
                writing.write_all(&request),
                wire::read(&mut reading, self.method == "HEAD")
            );
            answer.unwrap().expect("there is an answer")
        };
        tokio::time::timeout(DEADLINE, answered)
            .await
            .unwrap_or_else(|_| panic!("no answer to {} {}", self.method, self.target))
    }
}

/// A connection on which nothing waits for the acknowledgement of something else.
pub(crate) async fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends bytes over a connection of their own; gives the answer, where there is one.
pub(crate) async fn send_bytes(to: SocketAddr, request: &[u8]) -> Option<Message> {
    let (mut reading, mut writing) = connect(to).await.into_split();
    let exchange = async {
        let (_written, answer) =
            tokio::join!(writing.write_all(request), wire::read(&mut reading, false));
        answer.unwrap()
    };
    tokio::time::timeout(DEADLINE, exchange).await.unwrap()
}

/// Status and code of a refusal in JSON, whose body must say the same as its header.
pub(crate) fn fault_of(answer: &Message) -> (u16, &str) {
    let code = answer.header("x-road-error");
    let code = code.unwrap_or_else(|| panic!("no fault: {answer:?}"));
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["type"], code);
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert_eq!(body["detail"].as_str().unwrap().len(), 36, "a UUID: {body}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/json;charset=utf-8")
    );
    assert_documented(code);
    (answer.status(), code)
}

/// The code must be in the tables of the documentation.
pub(crate) fn assert_documented(code: &str) {
    let code = FaultCode::parse(code);
    let code = code.canonical();
    let (_, after_side) = code.split_at("server.clientproxy.".len());
    let row = if after_side.starts_with("signature_verification.") {
        format!("| `{after_side}` | 500 |")
    } else {
        let status = FaultCode::parse(code).http_status(Dialect::Current);
        format!("| `{code}` | {status} |")
    };
    assert!(FAULT_CODES.contains(&row), "no row begins with {row}");
}
