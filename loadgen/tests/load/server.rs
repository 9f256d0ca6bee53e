//! A server that answers as it is told, byte by byte, so that every kind of trouble can be made.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use sim_population::{Population, iso_date};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Answers truly.
    Truth,
    /// Answers truly, and knows nothing of X-Road: none of its headers.
    PlainTruth,
    /// Says that nobody has died, whoever has, and that somebody is unknown.
    Lie,
    /// Answers truly, under another message's ID.
    OtherId,
    /// Refuses with a fault code.
    Refuse,
    /// An error of its own, without a fault code.
    Status500,
    /// Status 200 and half an object.
    BrokenJson,
    /// Bytes that are no HTTP.
    Garble,
    /// Closes the connection instead of answering.
    Close,
    /// Closes the connection in the middle of the answer's body.
    CutBody,
    /// Answers truly, and closes the connection as announced.
    TruthAndClose,
    /// Waits until the gate opens, then answers truly.
    Gated,
}

/// What a request says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) message_id: String,
    /// What follows the last dash of the message ID.
    pub(crate) index: u64,
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Opens for every [`Act::Gated`] answer at once.
    pub(crate) gate: watch::Sender<bool>,
    /// Most requests that were at the server at one time.
    pub(crate) most_at_once: Arc<AtomicUsize>,
    /// Connections that requests could come over: with TLS, handshakes that succeeded.
    pub(crate) connections: Arc<AtomicUsize>,
}

struct Behaviour<F> {
    act: F,
    population: Arc<Population>,
    gate: watch::Receiver<bool>,
    now: AtomicUsize,
    most_at_once: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts one on the current runtime, with TLS if `tls` is there; `act` decides about every
    /// request.
    pub(crate) async fn start(
        population: Arc<Population>,
        tls: Option<TlsAcceptor>,
        act: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (gate, gate_seen) = watch::channel(false);
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let connections = Arc::new(AtomicUsize::new(0));
        let behaviour = Arc::new(Behaviour {
            act,
            population,
            gate: gate_seen,
            now: AtomicUsize::new(0),
            most_at_once: Arc::clone(&most_at_once),
            connections: Arc::clone(&connections),
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = Arc::clone(&behaviour);
                let tls = tls.clone();
                tokio::spawn(async move { behaviour.welcome(stream, tls).await });
            }
        });
        Self {
            address,
            gate,
            most_at_once,
            connections,
        }
    }
}

impl<F: Fn(&Asked) -> Act> Behaviour<F> {
    async fn welcome(&self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let Some(tls) = tls else {
            return self.serve(stream).await;
        };
        // A client that does not trust this server, or is not trusted, sees to it itself.
        if let Ok(stream) = tls.accept(stream).await {
            self.serve(stream).await;
        }
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let mut buffer = Vec::new();
        while let Some((asked, body)) = next_request(&mut stream, &mut buffer).await {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            let act = (self.act)(&asked);
            if act == Act::Gated {
                let mut gate = self.gate.clone();
                if gate.wait_for(|open| *open).await.is_err() {
                    return;
                }
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            let answer = self.answer(act, &asked, &body);
            if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            if matches!(
                act,
                Act::Close | Act::CutBody | Act::TruthAndClose | Act::Garble
            ) {
                return;
            }
        }
    }

    fn answer(&self, act: Act, asked: &Asked, body: &[u8]) -> String {
        let own_id = format!(
            "x-road-id: {}\r\nx-road-request-hash: aGFzaA==\r\n",
            asked.message_id
        );
        let truth = self.truth(body);
        match act {
            Act::Truth | Act::Gated => ok(&own_id, &truth),
            Act::PlainTruth => ok("", &truth),
            Act::TruthAndClose => ok(&format!("{own_id}connection: close\r\n"), &truth),
            Act::Lie => ok(&own_id, r#"{"deceased":[],"unknown":["1"]}"#),
            Act::OtherId => ok("x-road-id: another\r\n", &truth),
            Act::Refuse => message(
                "400 Bad Request",
                "x-road-error: server.clientproxy.unknown_member\r\n",
                r#"{"type":"server.clientproxy.unknown_member"}"#,
            ),
            Act::Status500 => message("500 Internal Server Error", &own_id, "oops"),
            Act::BrokenJson => ok(&own_id, r#"{"deceased":["#),
            Act::Garble => "what?\r\n\r\n".to_owned(),
            Act::Close => String::new(),
            Act::CutBody => {
                let whole = ok(&own_id, &truth);
                whole[..whole.len() - 5].to_owned()
            }
        }
    }

    fn truth(&self, body: &[u8]) -> String {
        let question: Value = serde_json::from_slice(body).expect("questions are JSON");
        let mut deceased = Vec::new();
        let mut unknown = Vec::new();
        for id in question["ids"].as_array().expect("an array of IDs") {
            let id = id.as_str().expect("an ID is text");
            match self
                .population
                .index_of(id)
                .map(|index| self.population.status(index))
            {
                None => unknown.push(id),
                Some(status) => {
                    if let Some(day) = status.died_on() {
                        deceased.push(json!({ "id": id, "died_on": iso_date::to_text(day) }));
                    }
                }
            }
        }
        json!({ "deceased": deceased, "unknown": unknown }).to_string()
    }
}

fn ok(headers: &str, body: &str) -> String {
    message("200 OK", headers, body)
}

fn message(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one request; absent at the end of the connection.
async fn next_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Option<(Asked, Vec<u8>)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).expect("heads are text");
            let length: usize = header(&head, "content-length")?.parse().expect("a number");
            let total = end + 4 + length;
            if buffer.len() >= total {
                let body = buffer[end + 4..total].to_vec();
                buffer.drain(..total);
                let message_id = header(&head, "x-road-id")?;
                let (_, index) = message_id.rsplit_once('-')?;
                let index = index.parse().expect("an index");
                return Some((
                    Asked {
                        head,
                        message_id,
                        index,
                    },
                    body,
                ));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// The value of a header.
pub(crate) fn header(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
