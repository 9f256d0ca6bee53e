//! Bare HTTP clients: one request again and again, and nothing but its answer's end is looked at.
//! What Roadtest's generator costs beyond them is what makes it one.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_http1::{ClientConnection, OutgoingRequest};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};

use crate::roadtest::CLIENT;

/// The question that all generators but Roadtest's ask; the server does not look at it.
pub(crate) const QUESTION: &str = r#"{"ids":["39001010000"]}"#;
/// Its message ID.
pub(crate) const MESSAGE_ID: &str = "generators-0";
/// Longest answer that is taken.
const MAX_ANSWER_BYTES: usize = 65_536;

/// What asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Library {
    /// Roadtest's own HTTP/1.1, which its generator is built on.
    Http1,
    /// hyper.
    Hyper,
}

/// What a bare client does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BareConfig {
    pub(crate) library: Library,
    /// `host:port`.
    pub(crate) address: String,
    /// Connections, each with one request at a time.
    pub(crate) in_flight: u32,
    /// For how long requests are sent.
    pub(crate) duration: Duration,
}

/// Sends requests until the time is over, and tells how many were answered: the process's main
/// function.
///
/// # Errors
/// Where a connection fails.
pub(crate) fn part(config: &BareConfig) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let clock = Clock::wall();
    let end = clock.monotonic() + config.duration;
    let answered = Rc::new(Cell::new(0));
    LocalSet::new().block_on(&runtime, async {
        let mut lanes = JoinSet::new();
        for _ in 0..config.in_flight {
            let stream = TcpStream::connect(&config.address).await?;
            stream.set_nodelay(true)?;
            let lane = Lane {
                clock,
                end,
                answered: Rc::clone(&answered),
            };
            let host = config.address.clone();
            match config.library {
                Library::Http1 => lanes.spawn_local(lane.over_http1(stream, host)),
                Library::Hyper => lanes.spawn_local(lane.over_hyper(stream, host)),
            };
        }
        while let Some(ended) = lanes.join_next().await {
            ended??;
        }
        Ok(answered.get())
    })
}

/// One connection.
struct Lane {
    clock: Clock,
    end: Instant,
    answered: Rc<Cell<u64>>,
}

// === impl Lane ===

impl Lane {
    fn goes_on(&self) -> bool {
        self.clock.monotonic() < self.end
    }

    fn count(&self, status: http::StatusCode) -> Result<()> {
        ensure!(status.is_success(), "answered with {status}");
        self.answered.set(self.answered.get() + 1);
        Ok(())
    }

    async fn over_http1(self, stream: TcpStream, host: String) -> Result<()> {
        let mut connection = ClientConnection::new(stream);
        while self.goes_on() {
            let headers = headers(&host).map(|(name, value)| (name, value.as_bytes()));
            let question = Bytes::from_static(QUESTION.as_bytes());
            let request = OutgoingRequest::new("POST", "/", headers, vec![question])?;
            let answer = connection.exchange(&request, MAX_ANSWER_BYTES).await?;
            self.count(answer.status)?;
        }
        Ok(())
    }

    async fn over_hyper(self, stream: TcpStream, host: String) -> Result<()> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with its sender, and what fails in it fails the sender.
        tokio::task::spawn_local(connection);
        while self.goes_on() {
            let mut request = Request::post("/");
            for (name, value) in headers(&host) {
                request = request.header(name, value);
            }
            let question = Full::new(Bytes::from_static(QUESTION.as_bytes()));
            let answer = sender.send_request(request.body(question)?).await?;
            let status = answer.status();
            answer.into_body().collect().await?;
            self.count(status)?;
        }
        Ok(())
    }
}

/// The header lines of Roadtest's generator.
pub(crate) fn headers(host: &str) -> [(&'static str, &str); 4] {
    [
        ("host", host),
        ("x-road-client", CLIENT),
        ("x-road-id", MESSAGE_ID),
        ("content-type", "application/json"),
    ]
}
