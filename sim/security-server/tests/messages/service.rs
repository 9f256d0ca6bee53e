//! The provider's information system: it does what the path says, and remembers who called.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::wire::{self, Message};

/// What every service begins with.
const BASE: &str = "/base";

/// A running information system.
pub(crate) struct Service {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    calls: Mutex<Vec<Message>>,
    /// What `/gate` waits for.
    gate: Semaphore,
    /// Bytes of answers without end that were taken.
    poured: AtomicU64,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            calls: Mutex::default(),
            gate: Semaphore::new(0),
            poured: AtomicU64::new(0),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // Who goes away in the middle is not this service's problem.
                    let _ = serve(stream, &state).await;
                });
            }
        });
        Self {
            address,
            state,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// Everything that was asked so far.
    pub(crate) fn calls(&self) -> Vec<Message> {
        self.state.calls.lock().clone()
    }

    /// What was asked last.
    pub(crate) fn last_call(&self) -> Message {
        self.state.calls.lock().last().unwrap().clone()
    }

    /// How much of answers without end was taken.
    pub(crate) fn poured(&self) -> u64 {
        self.state.poured.load(Ordering::Relaxed)
    }

    /// Lets so many callers of `/gate` through.
    pub(crate) fn open_gate(&self, callers: usize) {
        self.state.gate.add_permits(callers);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    while let Some(request) = wire::read(&mut stream, false).await? {
        state.calls.lock().push(request.clone());
        let path = request.word(1).split('?').next().unwrap_or_default();
        let path = path.strip_prefix(BASE).unwrap_or_default().to_owned();
        match path.trim_start_matches('/') {
            "close" => return Ok(()),
            "reset" => {
                stream.set_zero_linger()?;
                return Ok(());
            }
            "silence" => std::future::pending().await,
            "gate" => state.gate.acquire().await.unwrap().forget(),
            "endless" => return pour(stream, state, ENDLESS_BODY).await,
            "endless-head" => return pour(stream, state, ENDLESS_HEAD).await,
            "drip" => return drip(stream).await,
            _ => {}
        }
        let answer = answer(path.trim_start_matches('/'), &request);
        stream.write_all(&answer).await?;
        if path.ends_with("short") {
            return Ok(());
        }
    }
    Ok(())
}

/// A head, and what follows it again and again.
type Endless = (&'static [u8], &'static [u8]);

const ENDLESS_BODY: Endless = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"10\r\n0123456789abcdef\r\n",
);
const ENDLESS_HEAD: Endless = (b"HTTP/1.1 200 OK\r\n", b"X-Again: and again and again\r\n");
/// Between two bytes of an answer that drips.
const BETWEEN_BYTES: Duration = Duration::from_millis(50);

/// Answers until nobody takes any more.
async fn pour(mut stream: TcpStream, state: &State, (head, again): Endless) -> std::io::Result<()> {
    stream.write_all(head).await?;
    let block = again.repeat(1_000);
    loop {
        stream.write_all(&block).await?;
        state
            .poured
            .fetch_add(block.len() as u64, Ordering::Relaxed);
    }
}

/// Answers byte by byte, for minutes.
async fn drip(mut stream: TcpStream) -> std::io::Result<()> {
    for byte in respond("200", "OK", &[], &[b'x'; 10_000]) {
        stream.write_all(&[byte]).await?;
        tokio::time::sleep(BETWEEN_BYTES).await;
    }
    Ok(())
}

fn answer(action: &str, request: &Message) -> Vec<u8> {
    let action: Vec<&str> = action.split('/').collect();
    match action[..] {
        ["status", code] => {
            let body = format!("status {code}");
            respond(
                code,
                "Reason Of Its Own",
                &["Content-Type: text/plain"],
                body.as_bytes(),
            )
        }
        ["nothing"] => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        ["redirect"] => respond("302", "Found", &["Location: /elsewhere"], b""),
        ["headers"] => respond("200", "OK", HEADERS, b"headers"),
        ["short"] => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec(),
        ["garbage"] => b"220 this is no HTTP\r\n\r\n".to_vec(),
        ["bytes", count] => respond("200", "OK", &[], &vec![b'x'; count.parse().unwrap()]),
        ["unbounded", count] => {
            let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for _ in 0..count.parse::<usize>().unwrap() {
                answer.extend_from_slice(b"400\r\n");
                answer.extend_from_slice(&[b'x'; 0x400]);
                answer.extend_from_slice(b"\r\n");
            }
            answer.extend_from_slice(b"0\r\n\r\n");
            answer
        }
        _ => {
            let content_type = request.header("content-type").unwrap_or("text/plain");
            let content_type = format!("Content-Type: {content_type}");
            respond("200", "OK", &[&content_type], &request.body)
        }
    }
}

/// Headers of one hop, headers that only security servers set, and ordinary ones.
const HEADERS: &[&str] = &[
    "Date: Thu, 01 Jan 1970 00:00:00 GMT",
    "Server: register/1.0",
    "Connection: keep-alive",
    "Keep-Alive: timeout=5",
    "Set-Cookie: a=1",
    "Set-Cookie: b=2",
    "X-Road-Id: forged",
    "X-Road-Client: EE/GOV/666/forged",
    "X-Road-Request-Id: forged",
    "X-Road-Request-Hash: forged",
    "X-Of-The-Service: ümlaut",
];

fn respond(status: &str, reason: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        answer.push_str(header);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    [answer.as_bytes(), body].concat()
}

/// For tests that compare bodies.
pub(crate) fn bytes(count: usize) -> Bytes {
    (0..count).map(|at| (at % 251) as u8).collect()
}
