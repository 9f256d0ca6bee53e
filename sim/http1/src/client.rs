//! The asking side of a connection.

use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};

use bytes::Bytes;
use http::StatusCode;

use crate::answer::push_line;
use crate::body;
use crate::error::{BodyError, ExchangeError, InvalidHeader};
use crate::head::{self, HeadError, ResponseHead};
use crate::headers::Headers;
use crate::wire::{Progress, Stream, Wire};

/// A connection on which one request at a time is sent.
pub struct ClientConnection {
    wire: Wire,
    is_usable: bool,
}

/// A request: head, and a body in pieces. Clones share the bytes.
#[derive(Clone, Debug)]
pub struct OutgoingRequest {
    /// The head first.
    pieces: Vec<Bytes>,
    is_head: bool,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The reason phrase.
    pub reason: String,
    /// The header lines.
    pub headers: Headers,
    /// The body, empty where there is none.
    pub body: Bytes,
}

// === impl OutgoingRequest ===

impl OutgoingRequest {
    /// A request with these header lines, and the length of its body where it has or ought to have
    /// one.
    ///
    /// # Errors
    /// Where method, target or a header would not stay on its line.
    pub fn new<'a>(
        method: &str,
        target: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        body: Vec<Bytes>,
    ) -> Result<Self, InvalidHeader> {
        let is_word =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        for word in [method, target] {
            if !is_word(word) {
                return Err(InvalidHeader(word.escape_debug().to_string()));
            }
        }
        let mut head = Vec::with_capacity(512);
        for piece in [method, " ", target, " HTTP/1.1\r\n"] {
            head.extend_from_slice(piece.as_bytes());
        }
        for (name, value) in headers {
            push_line(&mut head, name, value)?;
        }
        let length: usize = body.iter().map(Bytes::len).sum();
        if length > 0 || !matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS" | "TRACE") {
            push_line(&mut head, "content-length", length.to_string().as_bytes())?;
        }
        head.extend_from_slice(b"\r\n");
        let mut pieces = Vec::with_capacity(1 + body.len());
        pieces.push(head.into());
        pieces.extend(body);
        Ok(Self {
            pieces,
            is_head: method == "HEAD",
        })
    }
}

// === impl ClientConnection ===

impl ClientConnection {
    /// HTTP over `stream`, on which nothing has been sent yet.
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self {
            wire: Wire::new(stream),
            is_usable: true,
        }
    }

    /// Whether a request can be sent, as far as can be told at once.
    pub fn is_open(&mut self) -> bool {
        // What came unasked is looked at once: the next look would find silence.
        self.is_usable = self.is_usable && self.wire.is_silent();
        self.is_usable
    }

    /// Sends `request` and reads the whole answer, whose body may have `max_bytes`.
    ///
    /// Dropped before its end, it leaves a connection that is not open any more.
    ///
    /// # Errors
    /// See [`ExchangeError`]; the connection is of no further use then.
    pub async fn exchange(
        &mut self,
        request: &OutgoingRequest,
        max_bytes: usize,
    ) -> Result<Response, ExchangeError> {
        if !self.is_open() {
            return Err(ExchangeError::NotSent(io::ErrorKind::NotConnected.into()));
        }
        self.is_usable = false;
        let early = self.send(request).await?;
        let was_sent = early.is_none();
        let head = match early {
            Some(head) => head,
            None => self.head(request.is_head).await?,
        };
        let body = body::read(&mut self.wire, head.framing, max_bytes).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge(limit) => ExchangeError::TooLarge(limit),
            BodyError::Malformed(why) => ExchangeError::Malformed(why),
            BodyError::Broken(error) => ExchangeError::Broken(error),
            BodyError::TimedOut => ExchangeError::Broken(io::ErrorKind::TimedOut.into()),
        })?;
        let ends = head.framing == head::Framing::UntilClose;
        self.is_usable = was_sent && head.keep_alive && !ends;
        Ok(Response {
            status: head.status,
            reason: head.reason,
            headers: head.headers,
            body,
        })
    }

    /// Writes the request; where its answer comes before all of it was sent, the answer's head.
    ///
    /// Reads meanwhile: who refuses a long body may answer, and stop reading, before its end.
    async fn send(
        &mut self,
        request: &OutgoingRequest,
    ) -> Result<Option<ResponseHead>, ExchangeError> {
        let mut progress = Progress::default();
        let mut searched = 0;
        let mut failure = None;
        let wire = &mut self.wire;
        poll_fn(|context| {
            if failure.is_none() {
                match wire.poll_write(&request.pieces, &mut progress, context) {
                    Poll::Ready(Ok(())) => return Poll::Ready(Ok(None)),
                    Poll::Ready(Err(error)) if progress.written == 0 => {
                        return Poll::Ready(Err(ExchangeError::NotSent(error)));
                    }
                    // The answer that explains it may have arrived, or be about to.
                    Poll::Ready(Err(error)) => failure = Some(error),
                    Poll::Pending => {}
                }
            }
            loop {
                let end = match ready!(wire.poll_read_more(context)) {
                    Ok(1..) => match final_head(wire, &mut searched, request.is_head) {
                        Ok(None) => continue,
                        answered => return Poll::Ready(answered),
                    },
                    Ok(0) => io::ErrorKind::UnexpectedEof.into(),
                    Err(error) => error,
                };
                return Poll::Ready(Err(ExchangeError::Broken(failure.take().unwrap_or(end))));
            }
        })
        .await
    }

    async fn head(&mut self, to_head: bool) -> Result<ResponseHead, ExchangeError> {
        let mut searched = 0;
        loop {
            if let Some(head) = final_head(&mut self.wire, &mut searched, to_head)? {
                return Ok(head);
            }
            match self.wire.read_more().await {
                Ok(1..) => {}
                Ok(0) => {
                    let end = io::ErrorKind::UnexpectedEof;
                    return Err(ExchangeError::Broken(end.into()));
                }
                Err(error) => return Err(ExchangeError::Broken(error)),
            }
        }
    }
}

/// The final answer's head, once it is whole; interim ones are passed over (RFC 9110, section
/// 15.2).
fn final_head(
    wire: &mut Wire,
    searched: &mut usize,
    to_head: bool,
) -> Result<Option<ResponseHead>, ExchangeError> {
    while let Some(text) = head::cut(&mut wire.buffer, searched)? {
        let head = ResponseHead::parse(&text, to_head)?;
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(ExchangeError::Malformed("it switches protocols"));
        }
        if !head.status.is_informational() {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

impl From<HeadError> for ExchangeError {
    fn from(error: HeadError) -> Self {
        Self::Malformed(match error {
            HeadError::TooLarge => "its head is too large",
            HeadError::Malformed(why) => why,
        })
    }
}
