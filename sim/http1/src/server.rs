//! The answering side of a connection.

use std::time::Duration;

use bytes::Bytes;
use sim_clock::Clock;

use crate::answer::{Answer, Date};
use crate::body;
use crate::deadline::Deadline;
use crate::error::{BodyError, RequestError};
use crate::head::{self, Framing, HeadError, RequestHead};
use crate::wire::{Stream, Wire};

/// Bytes that are read and thrown away of a body nobody wanted, so that the sender gets to see the
/// answer: a connection closed with unread bytes is reset, and the answer may go with it.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// How long that may take.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the other side may take to read an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection on which requests come in.
pub struct ServerConnection {
    wire: Wire,
    clock: Clock,
    /// Apart, since heads are waited for as long again and again, and bodies differ.
    head_deadline: Deadline,
    deadline: Deadline,
    date: Date,
    /// The bytes that come next are a head: no request waits for its answer.
    is_open: bool,
}

/// One request that waits for its answer.
pub struct Incoming<'connection> {
    /// Its head.
    pub head: RequestHead,
    connection: &'connection mut ServerConnection,
    body: BodyState,
}

/// What has become of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyState {
    /// The client waits for leave to send it.
    Withheld,
    Unread,
    Read,
    /// Nobody knows where it ends any more.
    Lost,
}

// === impl ServerConnection ===

impl ServerConnection {
    /// HTTP over `stream`.
    pub fn new(stream: impl Stream + 'static, clock: Clock) -> Self {
        Self {
            wire: Wire::new(stream),
            clock,
            head_deadline: Deadline::new(clock),
            deadline: Deadline::new(clock),
            date: Date::default(),
            is_open: true,
        }
    }

    /// The next request; none where the other side has ended the connection in order, or where the
    /// request before was not answered, or was the last one.
    ///
    /// May be given up between polls without losing anything.
    ///
    /// # Errors
    /// See [`RequestError`]; where the other side deserves an answer it has got one, and the
    /// connection is of no further use.
    pub async fn next(&mut self, within: Duration) -> Result<Option<Incoming<'_>>, RequestError> {
        if !self.is_open {
            return Ok(None);
        }
        let Self {
            wire,
            head_deadline,
            ..
        } = self;
        let head = head_deadline.within(within, read_head(wire)).await;
        let head = head.unwrap_or(Err(RequestError::TimedOut));
        self.is_open = false;
        match head {
            Ok(None) => Ok(None),
            Ok(Some(head)) => {
                let body = match head.framing {
                    Framing::Empty => BodyState::Read,
                    _ if head.expects_continue => BodyState::Withheld,
                    _ => BodyState::Unread,
                };
                Ok(Some(Incoming {
                    head,
                    connection: self,
                    body,
                }))
            }
            Err(error) => {
                self.refuse(&error).await;
                Err(error)
            }
        }
    }

    /// A bare answer to what is no request.
    async fn refuse(&mut self, error: &RequestError) {
        let status = match error {
            RequestError::TooLarge => 431,
            RequestError::Malformed(_) => 400,
            RequestError::Io(_) | RequestError::Truncated | RequestError::TimedOut => return,
        };
        let date = self.date.at(self.clock);
        let pieces = Answer::new(status).into_pieces(date, Some("close"), false);
        let Self { wire, deadline, .. } = self;
        let answered = async {
            // Where it cannot be written, nobody is there to be told.
            if wire.write(&pieces).await.is_ok() {
                wire.end(MAX_DISCARDED_BYTES).await;
            }
        };
        deadline.within(DISCARD_TIMEOUT, answered).await;
    }
}

async fn read_head(wire: &mut Wire) -> Result<Option<RequestHead>, RequestError> {
    let mut searched = 0;
    loop {
        match head::cut(&mut wire.buffer, &mut searched)? {
            Some(text) => return Ok(Some(RequestHead::parse(&text)?)),
            None if wire.read_more().await? > 0 => {}
            None if wire.buffer.is_empty() => return Ok(None),
            None => return Err(RequestError::Truncated),
        }
    }
}

impl From<HeadError> for RequestError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::TooLarge => Self::TooLarge,
            HeadError::Malformed(why) => Self::Malformed(why),
        }
    }
}

// === impl Incoming ===

impl Incoming<'_> {
    /// The whole body, empty where there is none; a client that waits for leave to send it gets it.
    ///
    /// # Errors
    /// See [`BodyError`]. A body that is too long by its own word is not read at all.
    pub async fn body(&mut self, max_bytes: usize, within: Duration) -> Result<Bytes, BodyError> {
        let framing = self.head.framing;
        if let Framing::Length(length) = framing
            && length > max_bytes as u64
        {
            return Err(BodyError::TooLarge(max_bytes));
        }
        let ServerConnection { wire, deadline, .. } = &mut *self.connection;
        let is_withheld = self.body == BodyState::Withheld;
        let reading = async {
            if is_withheld {
                let leave = Bytes::from_static(b"HTTP/1.1 100 Continue\r\n\r\n");
                wire.write(&[leave]).await.map_err(BodyError::Broken)?;
            }
            body::read(wire, framing, max_bytes).await
        };
        self.body = BodyState::Lost;
        let body = deadline.within(within, reading).await;
        let body = body.unwrap_or(Err(BodyError::TimedOut))?;
        self.body = BodyState::Read;
        Ok(body)
    }

    /// Sends `answer`; whether the connection can be used for another request, which `is_last`
    /// rules out.
    ///
    /// # Errors
    /// Where it could not be sent in time; the connection is of no further use.
    pub async fn answer(mut self, answer: Answer, is_last: bool) -> std::io::Result<bool> {
        if self.body == BodyState::Unread {
            self.discard().await;
        }
        let goes_on = !is_last && self.head.keep_alive && self.body == BodyState::Read;
        let to_head = self.head.method == "HEAD";
        let ServerConnection {
            wire,
            deadline,
            date,
            clock,
            is_open,
            ..
        } = self.connection;
        let connection = if !goes_on {
            Some("close")
        } else if self.head.is_http_11 {
            None
        } else {
            // HTTP/1.0: kept only where both sides say so.
            Some("keep-alive")
        };
        let pieces = answer.into_pieces(date.at(*clock), connection, to_head);
        let written = deadline.within(WRITE_TIMEOUT, wire.write(&pieces)).await;
        written.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()))?;
        if !goes_on {
            let ending = wire.end(MAX_DISCARDED_BYTES);
            deadline.within(DISCARD_TIMEOUT, ending).await;
        }
        *is_open = goes_on;
        Ok(goes_on)
    }

    async fn discard(&mut self) {
        let ServerConnection { wire, deadline, .. } = &mut *self.connection;
        let skipping = body::skip(wire, self.head.framing, MAX_DISCARDED_BYTES);
        self.body = match deadline.within(DISCARD_TIMEOUT, skipping).await {
            Some(true) => BodyState::Read,
            Some(false) | None => BodyState::Lost,
        };
    }
}
