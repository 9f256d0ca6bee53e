//! HTTP/1.1 by hand, so that the tests can also say what no library would.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Longest head that is read here.
const MAX_HEAD_BYTES: usize = 1 << 20;

/// A request or an answer, with its headers as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The request or status line.
    pub(crate) first_line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Message {
    /// The `index`-th word of the first line.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.first_line.split(' ').nth(index).unwrap_or_default()
    }

    /// An answer's status.
    pub(crate) fn status(&self) -> u16 {
        self.word(1).parse().unwrap()
    }

    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        match self.all(name)[..] {
            [] => None,
            [value] => Some(value),
            ref values => panic!("{name} is there more than once: {values:?}"),
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Reads one message with a `Content-Length`, a chunked one, or (an answer without either) up to
/// the end; `None` where the other side closes before its first byte.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    answers_head: bool,
) -> std::io::Result<Option<Message>> {
    let mut buffer = BytesMut::new();
    let end = loop {
        if let Some(end) = find(&buffer, b"\r\n\r\n") {
            break end;
        }
        assert!(buffer.len() < MAX_HEAD_BYTES, "a head without end");
        if stream.read_buf(&mut buffer).await? == 0 {
            return if buffer.is_empty() {
                Ok(None)
            } else {
                Err(std::io::ErrorKind::UnexpectedEof.into())
            };
        }
    };
    let head = buffer.split_to(end + 4);
    let head = String::from_utf8_lossy(&head[..end]).into_owned();
    let mut lines = head.split("\r\n").map(str::to_owned);
    let first_line = lines.next().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.trim_start().to_owned())
    });
    let mut message = Message {
        first_line,
        headers: headers.collect(),
        body: Bytes::new(),
    };
    let status = message.first_line.strip_prefix("HTTP/1.1 ");
    let is_empty =
        status.is_some_and(|status| status.starts_with("204") || status.starts_with("304"));
    if answers_head || is_empty {
        return Ok(Some(message));
    }
    if message.header("transfer-encoding") == Some("chunked") {
        message.body = read_chunks(stream, buffer).await?;
        return Ok(Some(message));
    }
    let length = match message.header("content-length") {
        Some(length) => length.parse().unwrap(),
        None if status.is_some() => usize::MAX,
        None => 0,
    };
    while buffer.len() < length {
        if stream.read_buf(&mut buffer).await? == 0 {
            if length == usize::MAX {
                break;
            }
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    message.body = buffer.freeze();
    Ok(Some(message))
}

async fn read_chunks(
    stream: &mut (impl AsyncRead + Unpin),
    mut buffer: BytesMut,
) -> std::io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        if let Some(end) = find(&buffer, b"\r\n") {
            let size = std::str::from_utf8(&buffer[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if buffer.len() >= end + 2 + size + 2 {
                let mut chunk = buffer.split_to(end + 2 + size + 2);
                body.extend_from_slice(&chunk.split_off(end + 2)[..size]);
                if size == 0 {
                    return Ok(body.freeze());
                }
                continue;
            }
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Where `needle` begins in `hay`.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window == needle)
}
