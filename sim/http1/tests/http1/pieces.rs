//! Bytes that arrive in any pieces mean the same.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::Index;
use sim_http1::{ClientConnection, OutgoingRequest};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::serve;

/// A stream that gives one piece a read, and then its end.
struct Pieces {
    left: VecDeque<Vec<u8>>,
    written: Arc<Mutex<Vec<u8>>>,
    /// Gives nothing before something was written.
    waits: bool,
}

impl Pieces {
    /// `bytes`, cut at these places.
    fn new(bytes: &[u8], cuts: &[Index], waits: bool) -> Self {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| bytes[cut[0]..cut[1]].to_vec());
        Self {
            // An empty piece would be the end.
            left: pieces.filter(|piece| !piece.is_empty()).collect(),
            written: Arc::default(),
            waits,
        }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.waits && self.written.lock().unwrap().is_empty() {
            return Poll::Pending;
        }
        if let Some(mut piece) = self.left.pop_front() {
            let rest = piece.split_off(piece.len().min(buffer.remaining()));
            buffer.put_slice(&piece);
            if !rest.is_empty() {
                self.left.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written.lock().unwrap().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn run<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    runtime.block_on(work)
}

/// All that the tests' server says to these bytes, but for the time of day, and how it ends.
fn served(bytes: &[u8], cuts: &[Index]) -> (String, Option<String>) {
    let stream = Pieces::new(bytes, cuts, false);
    let written = Arc::clone(&stream.written);
    let end = run(serve(stream));
    let written = String::from_utf8_lossy(&written.lock().unwrap()).into_owned();
    let lines = written.split_inclusive("\r\n");
    (
        lines.filter(|line| !line.starts_with("date: ")).collect(),
        end,
    )
}

/// What a client makes of an answer of these bytes.
fn answered(bytes: &[u8], cuts: &[Index]) -> String {
    let request = OutgoingRequest::new("GET", "/", [], vec![]).unwrap();
    let mut client = ClientConnection::new(Pieces::new(bytes, cuts, true));
    let answer = run(client.exchange(&request, 100));
    format!("{answer:?}")
}

/// What messages are made of, and what they are not.
fn bytes(lines: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::sample::select(lines).prop_map(|line| line.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 0..8);
    let piece = prop_oneof![
        12 => line,
        1 => noise,
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"\r".to_vec()),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..24)
}

const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\n",
    "POST /x HTTP/1.1\r\n",
    "HEAD / HTTP/1.0\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
    "content-length: 5\r\n",
    "transfer-encoding: chunked\r\n",
    "connection: close\r\n",
    "expect: 100-continue\r\n",
    "a: b\r\n",
    "\r\n",
    "hello",
    "5\r\nhello\r\n",
    "5;x\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nt: x\r\n\r\n",
];

const CHUNKS: &[&str] = &[
    "5\r\nhello\r\n",
    "5;x=y\r\nhello\r\n",
    "a \r\n0123456789\r\n",
    "20\r\n",
    "hello",
    "0\r\n",
    "0\r\n\r\n",
    "t: x\r\n",
    "ffffffffffffffff\r\n",
    "\r\n",
];

proptest! {
    #[test]
    fn requests_mean_the_same_in_any_pieces(bytes in bytes(REQUESTS), cuts in cuts()) {
        prop_assert_eq!(served(&bytes, &cuts), served(&bytes, &[]));
    }

    #[test]
    fn any_bytes_are_answered_the_same_in_any_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        cuts in cuts(),
    ) {
        prop_assert_eq!(served(&bytes, &cuts), served(&bytes, &[]));
        prop_assert_eq!(answered(&bytes, &cuts), answered(&bytes, &[]));
    }

    #[test]
    fn chunked_bodies_mean_the_same_in_any_pieces(chunks in bytes(CHUNKS), cuts in cuts()) {
        let bytes = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &chunks[..]].concat();
        prop_assert_eq!(answered(&bytes, &cuts), answered(&bytes, &[]));
        let request = [b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", &chunks[..]];
        let bytes = request.concat();
        prop_assert_eq!(served(&bytes, &cuts), served(&bytes, &[]));
    }

    #[test]
    fn a_body_arrives_as_it_was_sent(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 0..5),
        cuts in cuts(),
    ) {
        let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for chunk in &chunks {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        let request = OutgoingRequest::new("GET", "/", [], vec![]).unwrap();
        let mut client = ClientConnection::new(Pieces::new(&bytes, &cuts, true));
        let answer = run(client.exchange(&request, 100)).unwrap();
        prop_assert_eq!(answer.body, chunks.concat());
    }
}

#[test]
fn pipelined_requests_cut_anywhere_are_all_answered() {
    let bytes = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nab\
        \r\nPOST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2;x\r\ncd\r\n0\r\nt: x\r\n\r\n\
        GET / HTTP/1.0\r\n\r\n";
    let (whole, end) = served(bytes, &[]);
    assert_eq!(crate::statuses(&whole), ["200", "200", "200"]);
    assert_eq!(end, None);
    let every = (0..bytes.len()).map(|at| (at, [bytes[..at].to_vec(), bytes[at..].to_vec()]));
    for (at, pieces) in every {
        let stream = Pieces {
            left: pieces
                .into_iter()
                .filter(|piece| !piece.is_empty())
                .collect(),
            written: Arc::default(),
            waits: false,
        };
        let written = Arc::clone(&stream.written);
        assert_eq!(run(serve(stream)), None);
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert_eq!(written, whole, "cut at {at}");
    }
}
