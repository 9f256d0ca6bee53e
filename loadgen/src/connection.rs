//! HTTP/1.1 over one kept connection, driven by the task that uses it.
//!
//! hyper wants its connection polled beside the request. Doing both in one task spares a task
//! switch and two wake-ups a request.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::{Sleep, sleep_until};

use crate::connector::{ConnectError, Connector, Stream};
use crate::exchange::Answer;
use crate::tls;

/// Longest answer that is taken.
pub(crate) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A connection without an exchange on it.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
}

/// Why an exchange has no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nothing of the request has gone out; it is given back.
    NotSent(Box<Request<Full<Bytes>>>),
    /// What came back is no HTTP answer, or is longer than any.
    Garbled,
    /// The server refuses who connects, and says why. It has not looked at the request.
    TurnedAway(String),
    /// The connection was lost, or no answer came in time: the request may have been acted on.
    Lost,
}

struct Driver {
    connection: http1::Connection<TokioIo<Stream>, Full<Bytes>>,
    /// The connection's future has ended and must not be polled again.
    ended: bool,
    timer: Timer,
}

/// A deadline that moves with every exchange while the runtime's timer is set only when it fires:
/// most deadlines are never reached.
struct Timer {
    deadline: Instant,
    sleep: Pin<Box<Sleep>>,
}

// === impl Connection ===

impl Connection {
    /// Connects within `limit`.
    pub(crate) async fn open(
        connector: &Connector,
        limit: Duration,
        now: Instant,
    ) -> Result<Self, ConnectError> {
        let stream = connector.connect(limit).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let timer = Timer::new(now + limit);
        Ok(Self {
            sender,
            driver: Driver {
                connection,
                ended: false,
                timer,
            },
        })
    }

    /// Sends `request` and takes the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Answer, NoAnswer> {
        let Self { sender, driver } = self;
        driver.timer.deadline = deadline;
        // A server may have closed a kept connection; here that still costs nothing.
        if !matches!(driver.run(sender.ready()).await, Some(Ok(()))) {
            return Err(NoAnswer::NotSent(Box::new(request)));
        }
        let response = match driver.run(sender.try_send_request(request)).await {
            Some(Ok(response)) => response,
            Some(Err(mut failure)) => {
                return Err(match failure.take_message() {
                    Some(request) => NoAnswer::NotSent(Box::new(request)),
                    None => NoAnswer::after_sending(failure.error()),
                });
            }
            None => return Err(NoAnswer::Lost),
        };
        let (head, body) = response.into_parts();
        let body = driver.run(whole(body)).await.ok_or(NoAnswer::Lost)??;
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }
}

// === impl NoAnswer ===

impl NoAnswer {
    /// Why there is no answer to a request of which something has gone out.
    fn after_sending(error: &hyper::Error) -> Self {
        match tls::refusal(error) {
            Some(alert) => Self::TurnedAway(alert),
            None if error.is_parse() => Self::Garbled,
            None => Self::Lost,
        }
    }
}

/// The whole body; without a copy where it comes in one piece.
async fn whole(mut body: Incoming) -> Result<Bytes, NoAnswer> {
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        let frame = frame.map_err(|error| {
            if error.is_parse() {
                NoAnswer::Garbled
            } else {
                NoAnswer::Lost
            }
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if first.len() + more.len() + data.len() > MAX_ANSWER_BYTES {
            return Err(NoAnswer::Garbled);
        }
        if first.is_empty() {
            first = data;
        } else {
            more.extend_from_slice(&data);
        }
    }
    if more.is_empty() {
        return Ok(first);
    }
    let mut all = BytesMut::with_capacity(first.len() + more.len());
    all.extend_from_slice(&first);
    all.extend_from_slice(&more);
    Ok(all.freeze())
}

// === impl Driver ===

impl Driver {
    /// Polls `future` and the connection it needs; absent when the deadline passes or the
    /// connection ends before the future does.
    async fn run<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            self.poll_connection(context);
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            if self.ended || self.timer.poll_passed(context) {
                return Poll::Ready(None);
            }
            Poll::Pending
        })
        .await
    }

    fn poll_connection(&mut self, context: &mut Context<'_>) {
        if !self.ended {
            // Its error also reaches the request, where it is told apart.
            self.ended = Pin::new(&mut self.connection).poll(context).is_ready();
        }
    }
}

// === impl Timer ===

impl Timer {
    fn new(deadline: Instant) -> Self {
        Self {
            deadline,
            sleep: Box::pin(sleep_until(deadline.into())),
        }
    }

    fn poll_passed(&mut self, context: &mut Context<'_>) -> bool {
        // A deadline that moved nearer cannot wait for the old one to fire.
        if self.deadline < self.sleep.deadline().into_std() {
            self.sleep.as_mut().reset(self.deadline.into());
        }
        while self.sleep.as_mut().poll(context).is_ready() {
            if self.sleep.deadline().into_std() >= self.deadline {
                return true;
            }
            self.sleep.as_mut().reset(self.deadline.into());
        }
        false
    }
}
