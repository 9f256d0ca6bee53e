//! Reading a body: of a known length, in chunks, or to the connection's end.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memchr;

use crate::error::BodyError;
use crate::head::Framing;
use crate::wire::Wire;

/// Longest line that begins a chunk, extensions included.
const MAX_CHUNK_LINE_BYTES: usize = 1024;
/// Bytes of all trailer lines together.
const MAX_TRAILER_BYTES: usize = 16 * 1024;
const LINE_END: &[u8] = b"\r\n";

/// Reads the whole body; without a copy where it has a known length.
pub(crate) async fn read(
    wire: &mut Wire,
    framing: Framing,
    max_bytes: usize,
) -> Result<Bytes, BodyError> {
    let mut sink = Collected {
        body: BytesMut::new(),
        max_bytes,
    };
    match framing {
        Framing::Empty => Ok(Bytes::new()),
        Framing::Length(length) => {
            let length = usize::try_from(length)
                .ok()
                .filter(|length| *length <= max_bytes)
                .ok_or(BodyError::TooLarge(max_bytes))?;
            while wire.buffer.len() < length {
                more(wire).await?;
            }
            Ok(wire.buffer.split_to(length).freeze())
        }
        Framing::Chunked => {
            read_chunks(wire, &mut sink).await?;
            Ok(sink.body.freeze())
        }
        Framing::UntilClose => loop {
            let arrived = wire.buffer.split();
            sink.take(&arrived)?;
            if wire.read_more().await.map_err(BodyError::Broken)? == 0 {
                return Ok(sink.body.freeze());
            }
        },
    }
}

/// Reads and forgets at most `max_bytes`; whether the body ended within them.
pub(crate) async fn skip(wire: &mut Wire, framing: Framing, max_bytes: usize) -> bool {
    match framing {
        Framing::Empty => true,
        Framing::Length(length) => {
            let Some(mut left) = usize::try_from(length)
                .ok()
                .filter(|left| *left <= max_bytes)
            else {
                return false;
            };
            loop {
                let here = left.min(wire.buffer.len());
                wire.buffer.advance(here);
                left -= here;
                if left == 0 {
                    return true;
                }
                if more(wire).await.is_err() {
                    return false;
                }
            }
        }
        Framing::Chunked => {
            let mut sink = Counted { left: max_bytes };
            read_chunks(wire, &mut sink).await.is_ok()
        }
        Framing::UntilClose => false,
    }
}

/// Where the content of chunks goes.
trait Sink {
    fn take(&mut self, content: &[u8]) -> Result<(), BodyError>;
}

struct Collected {
    body: BytesMut,
    max_bytes: usize,
}

struct Counted {
    left: usize,
}

impl Sink for Collected {
    fn take(&mut self, content: &[u8]) -> Result<(), BodyError> {
        if content.len() > self.max_bytes - self.body.len() {
            return Err(BodyError::TooLarge(self.max_bytes));
        }
        self.body.extend_from_slice(content);
        Ok(())
    }
}

impl Sink for Counted {
    fn take(&mut self, content: &[u8]) -> Result<(), BodyError> {
        self.left = self
            .left
            .checked_sub(content.len())
            .ok_or(BodyError::TooLarge(0))?;
        Ok(())
    }
}

/// RFC 9112, section 7.1.
async fn read_chunks(wire: &mut Wire, sink: &mut impl Sink) -> Result<(), BodyError> {
    loop {
        let line = line(wire, MAX_CHUNK_LINE_BYTES).await?;
        let mut left = chunk_size(&line)?;
        if left == 0 {
            return skip_trailers(wire).await;
        }
        while left > 0 {
            if wire.buffer.is_empty() {
                more(wire).await?;
            }
            let here = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(wire.buffer.len());
            sink.take(&wire.buffer[..here])?;
            wire.buffer.advance(here);
            left -= here as u64;
        }
        while wire.buffer.len() < LINE_END.len() {
            more(wire).await?;
        }
        if !wire.buffer.starts_with(LINE_END) {
            return Err(BodyError::Malformed("a chunk does not end where it should"));
        }
        wire.buffer.advance(LINE_END.len());
    }
}

/// Hexadecimal digits, then perhaps extensions, which mean nothing here.
fn chunk_size(line: &[u8]) -> Result<u64, BodyError> {
    let malformed = || BodyError::Malformed("a chunk has no size");
    let end = memchr(b';', line).unwrap_or(line.len());
    let digits = line[..end].trim_ascii_end();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(malformed());
    }
    let digits = std::str::from_utf8(digits).map_err(|_| malformed())?;
    u64::from_str_radix(digits, 16).map_err(|_| malformed())
}

async fn skip_trailers(wire: &mut Wire) -> Result<(), BodyError> {
    let mut left = MAX_TRAILER_BYTES;
    loop {
        let line = line(wire, left).await?;
        if line.is_empty() {
            return Ok(());
        }
        left = left.saturating_sub(line.len());
    }
}

/// The next line of at most `max_bytes`, without its end, which must be CR and LF.
async fn line(wire: &mut Wire, max_bytes: usize) -> Result<Bytes, BodyError> {
    let mut searched = 0;
    loop {
        // No farther than the line may go, however much has arrived.
        let window = wire.buffer.len().min(max_bytes + LINE_END.len());
        if let Some(at) = memchr(b'\n', &wire.buffer[searched..window]) {
            let line = wire.buffer.split_to(searched + at + 1).freeze();
            return match line.strip_suffix(LINE_END) {
                Some(content) if memchr(b'\r', content).is_none() => {
                    Ok(line.slice(..content.len()))
                }
                _ => Err(BodyError::Malformed("a line does not end in CR and LF")),
            };
        }
        if window == max_bytes + LINE_END.len() {
            return Err(BodyError::Malformed("a line is too long"));
        }
        searched = window;
        more(wire).await?;
    }
}

async fn more(wire: &mut Wire) -> Result<(), BodyError> {
    match wire.read_more().await {
        Ok(0) => Err(BodyError::Broken(io::ErrorKind::UnexpectedEof.into())),
        Ok(_) => Ok(()),
        Err(error) => Err(BodyError::Broken(error)),
    }
}
