//! A security server that answers whatever a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use parking_lot::Mutex;
use sim_evidence::digest::Sha512;
use sim_trust_services::Profile;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::addresses::{MESSAGE_PORT, OCSP_PORT};
use crate::country::{Country, member};
use crate::notary::Notary;
use crate::peer::{BODY, OCSP, Parts, REQUEST, RESPONSE, multipart_as, part_of, register, signed};
use crate::tls::{self, Credential};
use crate::wire::{self, Message};

/// The service that the fake provider offers.
pub(crate) const FAKE: &str = "/r1/EE/GOV/5/fake/anything";

/// What the message port answers to a request: raw HTTP (nothing at all where that is empty), or
/// the end of the connection.
type Script = dyn Fn(&Request) -> Option<Vec<u8>> + Send + Sync;

/// A request that came to the message port.
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Option<Bytes>,
}

/// A registered security server of member 5, whose one client is `fake`.
pub(crate) struct Provider {
    pub(crate) signing: Credential,
    state: Arc<State>,
    tasks: Vec<JoinHandle<()>>,
}

struct State {
    authentication: Credential,
    script: Mutex<Arc<Script>>,
    /// What follows an answer again and again; nothing at all where it is empty.
    again: Mutex<Bytes>,
    /// Bytes of that which were taken.
    poured: AtomicU64,
    /// What the OCSP port answers.
    status: Option<Bytes>,
}

impl Provider {
    /// Registers `EE/GOV/5/ss5`, and answers at its address.
    pub(crate) async fn start(country: &Country, notary: &Notary) -> Self {
        let owner = member("5");
        let own = notary.credential(Profile::Authentication, &owner).await;
        let status = Some(notary.good(&own));
        Self::start_as(country, notary, &own.clone(), own, status).await
    }

    /// As [`Self::start`], with one certificate registered, maybe another one shown, and this
    /// answer on the OCSP port.
    pub(crate) async fn start_as(
        country: &Country,
        notary: &Notary,
        registered: &Credential,
        shown: Credential,
        status: Option<Bytes>,
    ) -> Self {
        let signing = notary.credential(Profile::Signing, &member("5")).await;
        let state = Arc::new(State {
            authentication: shown,
            script: Mutex::new(Arc::new(|_: &Request| None)),
            again: Mutex::default(),
            poured: AtomicU64::new(0),
            status,
        });
        let host = country.block.host(5);
        let messages = TcpListener::bind((host, MESSAGE_PORT)).await.unwrap();
        let statuses = TcpListener::bind((host, OCSP_PORT)).await.unwrap();
        let tasks = vec![
            tokio::spawn(accept(messages, Arc::clone(&state), serve_messages)),
            tokio::spawn(accept(statuses, Arc::clone(&state), serve_statuses)),
        ];
        register(country, registered, "5", "ss5", 5, "5/fake").await;
        Self {
            signing,
            state,
            tasks,
        }
    }

    /// From now on every request is answered so.
    pub(crate) fn answer(
        &self,
        script: impl Fn(&Request) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) {
        *self.state.script.lock() = Arc::new(script);
    }

    /// From now on every request is answered so, and then with `again` for ever.
    pub(crate) fn answer_again_and_again(&self, answer: Vec<u8>, again: &'static [u8]) {
        self.answer(move |_| Some(answer.clone()));
        *self.state.again.lock() = again.repeat(1_000).into();
        self.state.poured.store(0, Ordering::Relaxed);
    }

    /// How much of what has no end was taken since.
    pub(crate) fn poured(&self) -> u64 {
        self.state.poured.load(Ordering::Relaxed)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Request {
    /// A header of the message.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The hash that a response to it must carry.
    pub(crate) fn hash(&self) -> String {
        let head = Sha512::of(self.head.as_bytes());
        let hash = match &self.body {
            None => head,
            Some(body) => Sha512::of_parts(&[head.as_bytes(), Sha512::of(body).as_bytes()]),
        };
        STANDARD.encode(hash.as_bytes())
    }

    /// The head of a response without fault, line by line.
    pub(crate) fn response_lines(&self) -> Vec<String> {
        vec![
            "200".to_owned(),
            "OK".to_owned(),
            format!("x-road-id:{}", self.header("x-road-id")),
            format!("x-road-client:{}", self.header("x-road-client")),
            "x-road-service:EE/GOV/5/fake/anything".to_owned(),
            format!("x-road-request-id:{}", self.header("x-road-request-id")),
            format!("x-road-request-hash:{}", self.hash()),
        ]
    }
}

/// The parts of a response with this head, signed by `signing`.
pub(crate) fn response(
    lines: &[String],
    body: Option<&'static str>,
    signing: &Credential,
    status: &[u8],
) -> Parts {
    let head: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    signed(RESPONSE, &head, body, signing, status)
}

/// Parts as the HTTP answer to a message.
pub(crate) fn answer_of(parts: &Parts) -> Vec<u8> {
    let (content_type, body) = multipart_as("multipart/mixed", parts);
    http(200, &content_type, &body)
}

/// An HTTP answer.
pub(crate) fn http(status: u16, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Some Reason\r\nContent-Type: {content_type}\r\n\
         x-hash-algorithm: SHA-512\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn accept<Serving: Future<Output = std::io::Result<()>> + Send + 'static>(
    listener: TcpListener,
    state: Arc<State>,
    serve: fn(TcpStream, Arc<State>) -> Serving,
) {
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        tokio::spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve_messages(stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    let mut stream = tls::accept(stream, &state.authentication).await?;
    while let Some(message) = wire::read(&mut stream, false).await? {
        let request = Request {
            head: text(&part_of(&message, REQUEST).unwrap()),
            body: part_of(&message, BODY),
        };
        let script = Arc::clone(&state.script.lock());
        let Some(answer) = script(&request) else {
            return Ok(());
        };
        stream.write_all(&answer).await?;
        let again = state.again.lock().clone();
        while !again.is_empty() {
            stream.write_all(&again).await?;
            let poured = again.len() as u64;
            state.poured.fetch_add(poured, Ordering::Relaxed);
        }
    }
    Ok(())
}

async fn serve_statuses(mut stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    while let Some(request) = wire::read(&mut stream, false).await? {
        let asked: &Message = &request;
        assert!(asked.word(1).starts_with("/?cert="), "{asked:?}");
        let status = state.status.clone();
        let answer = match status {
            None => http(500, "text/plain", b"no OCSP response"),
            Some(status) => {
                let (content_type, body) = multipart_as("multipart/related", &vec![(OCSP, status)]);
                http(200, &content_type, &body)
            }
        };
        stream.write_all(&answer).await?;
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
