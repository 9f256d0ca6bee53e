//! One kept connection to the server, and what became of an exchange on it.

use std::io;
use std::time::{Duration, Instant};

use sim_clock::Clock;
use sim_http1::{ClientConnection, Deadline, ExchangeError, OutgoingRequest};

use crate::connector::{ConnectError, Connector};
use crate::exchange::Answer;
use crate::tls;

/// Longest answer that is taken.
pub(crate) const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A connection without an exchange on it.
pub(crate) struct Connection {
    http: ClientConnection,
    deadline: Deadline,
}

/// Why an exchange has no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nothing of the request has gone out.
    NotSent,
    /// What came back is no HTTP answer, or is longer than any.
    Garbled,
    /// The server refuses who connects, and says why. It has not looked at the request.
    TurnedAway(String),
    /// The connection was lost, or no answer came in time: the request may have been acted on.
    Lost,
}

// === impl Connection ===

impl Connection {
    /// Connects within `limit`.
    pub(crate) async fn open(
        connector: &Connector,
        limit: Duration,
        clock: Clock,
    ) -> Result<Self, ConnectError> {
        Ok(Self {
            http: connector.connect(limit).await?,
            deadline: Deadline::new(clock),
        })
    }

    /// Sends `request` and takes the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        request: &OutgoingRequest,
        until: Instant,
    ) -> Result<Answer, NoAnswer> {
        let Self { http, deadline } = self;
        let exchange = http.exchange(request, MAX_ANSWER_BYTES);
        match deadline.until(until, exchange).await {
            Some(Ok(answer)) => Ok(Answer {
                status: answer.status.as_u16(),
                headers: answer.headers,
                body: answer.body,
            }),
            Some(Err(error)) => Err(NoAnswer::of(&error)),
            None => Err(NoAnswer::Lost),
        }
    }
}

// === impl NoAnswer ===

impl NoAnswer {
    fn of(error: &ExchangeError) -> Self {
        match error {
            // A server may have closed a kept connection; here that still costs nothing.
            ExchangeError::NotSent(error) => Self::refused(error).unwrap_or(Self::NotSent),
            ExchangeError::Broken(error) => Self::refused(error).unwrap_or(Self::Lost),
            ExchangeError::Malformed(_) | ExchangeError::TooLarge(_) => Self::Garbled,
        }
    }

    fn refused(error: &io::Error) -> Option<Self> {
        tls::refusal(error).map(Self::TurnedAway)
    }
}
