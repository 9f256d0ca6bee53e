//! The answering side of a connection.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use sim_clock::Clock;

use crate::body;
use crate::deadline::Deadline;
use crate::error::{BodyError, InvalidHeader, RequestError};
use crate::head::{self, Framing, HeadError, RequestHead};
use crate::wire::{Stream, Wire};

/// Bytes that are read and thrown away of a body nobody wanted, so that the sender gets to see the
/// answer: a connection closed with unread bytes is reset, and the answer may go with it.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// How long that may take.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);
/// How long the other side may take to read an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// Room for the head of most answers.
const HEAD_BYTES: usize = 512;

/// A connection on which requests come in.
pub struct ServerConnection {
    wire: Wire,
    clock: Clock,
    /// Apart, since heads are waited for as long again and again, and bodies differ.
    head_deadline: Deadline,
    deadline: Deadline,
    date: Date,
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

/// An answer: status, header lines, and a body in pieces.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    lines: Vec<u8>,
    body: Vec<Bytes>,
    has_date: bool,
}

/// The `Date` header's value, made once a second.
#[derive(Default)]
struct Date {
    second: i64,
    text: String,
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
        }
    }

    /// The next request; none where the other side has ended the connection in order.
    ///
    /// May be given up between polls without losing anything.
    ///
    /// # Errors
    /// See [`RequestError`]; where the other side deserves an answer it has got one, and the
    /// connection is of no further use.
    pub async fn next(&mut self, within: Duration) -> Result<Option<Incoming<'_>>, RequestError> {
        let Self {
            wire,
            head_deadline,
            ..
        } = self;
        let head = head_deadline.within(within, read_head(wire)).await;
        match head.unwrap_or(Err(RequestError::TimedOut)) {
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
        let pieces = Answer::new(status).into_pieces(&mut self.date, self.clock, true, false);
        let Self { wire, deadline, .. } = self;
        let answered = async {
            // Where it cannot be written, nobody is there to be told.
            if wire.write(&pieces).await.is_ok() && wire.shut_down().await.is_ok() {
                while matches!(wire.read_more().await, Ok(1..)) {
                    wire.buffer.clear();
                }
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
            ..
        } = self.connection;
        let pieces = answer.into_pieces(date, *clock, !goes_on, to_head);
        let written = deadline.within(WRITE_TIMEOUT, wire.write(&pieces)).await;
        written.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()))?;
        if !goes_on {
            let ending = async {
                wire.shut_down().await?;
                // What is still under way would reset the connection, and the answer with it.
                while wire.read_more().await? > 0 {
                    wire.buffer.clear();
                }
                Ok::<_, std::io::Error>(())
            };
            deadline.within(DISCARD_TIMEOUT, ending).await;
        }
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

// === impl Answer ===

impl Answer {
    /// An answer with this status code, without headers and body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            lines: Vec::with_capacity(HEAD_BYTES),
            body: Vec::new(),
            has_date: false,
        }
    }

    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Adds a header line. The length of the body need not be said.
    ///
    /// # Errors
    /// Where the line would not stay one.
    pub fn header(&mut self, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
        push_line(&mut self.lines, name, value)?;
        self.has_date |= name.eq_ignore_ascii_case("date");
        Ok(())
    }

    /// The same answer with this body, one piece behind the other.
    #[must_use]
    pub fn with_body(mut self, pieces: Vec<Bytes>) -> Self {
        self.body = pieces;
        self
    }

    fn into_pieces(
        self,
        date: &mut Date,
        clock: Clock,
        is_last: bool,
        to_head: bool,
    ) -> Vec<Bytes> {
        let mut head = BytesMut::with_capacity(self.lines.len() + HEAD_BYTES).into_writer();
        let reason = StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let length: usize = self.body.iter().map(Bytes::len).sum();
        let is_bodiless = head::is_bodiless(self.status);
        // Writing to a buffer in memory does not fail.
        let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", self.status);
        let _ = head.write_all(&self.lines);
        if !is_bodiless {
            let _ = write!(head, "content-length: {length}\r\n");
        }
        if is_last {
            let _ = head.write_all(b"connection: close\r\n");
        }
        if !self.has_date {
            let _ = write!(head, "date: {}\r\n", date.at(clock));
        }
        let _ = head.write_all(b"\r\n");
        let mut pieces = Vec::with_capacity(1 + self.body.len());
        pieces.push(head.into_inner().freeze());
        if !is_bodiless && !to_head {
            pieces.extend(self.body);
        }
        pieces
    }
}

/// Adds one header line.
pub(crate) fn push_line(
    lines: &mut Vec<u8>,
    name: &str,
    value: &[u8],
) -> Result<(), InvalidHeader> {
    let is_token = !name.is_empty() && name.bytes().all(is_token_byte);
    // Anything but control characters; tabs are blanks (RFC 9110, section 5.5).
    let is_text = value
        .iter()
        .all(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f));
    if !is_token || !is_text {
        return Err(InvalidHeader(name.escape_debug().to_string()));
    }
    lines.extend_from_slice(name.as_bytes());
    lines.extend_from_slice(b": ");
    lines.extend_from_slice(value);
    lines.extend_from_slice(b"\r\n");
    Ok(())
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

// === impl Date ===

impl Date {
    fn at(&mut self, clock: Clock) -> &str {
        let second = clock.now().as_millis().div_euclid(1_000);
        if second != self.second || self.text.is_empty() {
            self.second = second;
            let since_epoch = Duration::from_secs(u64::try_from(second).unwrap_or_default());
            self.text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since_epoch);
        }
        &self.text
    }
}

/// `BufMut::writer` under a name that says what it is for.
trait IntoWriter {
    fn into_writer(self) -> bytes::buf::Writer<BytesMut>;
}

impl IntoWriter for BytesMut {
    fn into_writer(self) -> bytes::buf::Writer<BytesMut> {
        bytes::BufMut::writer(self)
    }
}
