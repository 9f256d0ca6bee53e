//! Clients that ask as fast as they are answered, and remember which of their questions were.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sim_population::Population;
use sim_scenario::Scenario;
use sim_testbed::RunningServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Clients that ask at once.
const CLIENTS: usize = 8;
/// Wait of a client before it connects again.
const BEFORE_RECONNECTING: Duration = Duration::from_millis(5);
/// Between two looks at how many answers there are.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// Ample for the answers that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Clients at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

struct Shared {
    to: SocketAddr,
    /// What stands before the message ID of every request, and behind it.
    request: (String, String),
    /// IDs of the questions that were answered.
    answered: Mutex<BTreeSet<String>>,
    ends: AtomicBool,
}

impl Load {
    /// Sends the clients of the scenario's workload to the first server.
    pub(crate) fn start(scenario: &Scenario, servers: &[RunningServer]) -> Self {
        let plan = scenario.population.plan();
        let population = Population::new(scenario.seed, plan).unwrap();
        let body = format!("{{\"ids\":[\"{}\"]}}", population.national_id(0));
        let workload = &scenario.workload;
        let before = format!(
            "POST /r1/{} HTTP/1.1\r\nHost: here\r\nX-Road-Client: {}\r\nX-Road-Id: ",
            workload.first_service().to_encoded(),
            workload.client.to_encoded(),
        );
        let behind = format!(
            "\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let shared = Arc::new(Shared {
            to: servers[0].ready.client_listen,
            request: (before, behind),
            answered: Mutex::default(),
            ends: AtomicBool::new(false),
        });
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(ask_until_the_end(client, Arc::clone(&shared)));
        }
        Self { shared, clients }
    }

    /// Waits until so many more questions are answered.
    pub(crate) async fn more_answers(&self, count: usize) {
        let wanted = self.answers() + count;
        let waiting = async {
            while self.answers() < wanted {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{} answers, {wanted} wanted", self.answers()));
    }

    fn answers(&self) -> usize {
        self.shared.answered.lock().unwrap().len()
    }

    /// Ends the clients; gives the IDs of all that was answered.
    pub(crate) async fn end(mut self) -> BTreeSet<String> {
        self.shared.ends.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.shared.answered.lock().unwrap())
    }
}

async fn ask_until_the_end(client: usize, shared: Arc<Shared>) {
    let mut number = 0;
    while !shared.ends.load(Ordering::Relaxed) {
        // A server that was killed has nobody at its port for a while.
        if let Ok(mut stream) = TcpStream::connect(shared.to).await {
            // Whatever breaks off was not answered.
            let _ = ask_over(&mut stream, client, &mut number, &shared).await;
        }
        tokio::time::sleep(BEFORE_RECONNECTING).await;
    }
}

/// Asks over one connection until it breaks off.
async fn ask_over(
    stream: &mut TcpStream,
    client: usize,
    number: &mut u64,
    shared: &Shared,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    while !shared.ends.load(Ordering::Relaxed) {
        *number += 1;
        let id = format!("client-{client}-{number}");
        let (before, behind) = &shared.request;
        stream
            .write_all(format!("{before}{id}{behind}").as_bytes())
            .await?;
        let head = read_answer(stream).await?;
        // A fault says that the other server is away; it is no answer.
        if !head.contains("\r\nx-road-error:") {
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            let mut lines = head.lines();
            let named = lines.find_map(|line| line.strip_prefix("x-road-id:"));
            assert_eq!(named.map(str::trim), Some(id.as_str()), "{head}");
            assert!(shared.answered.lock().unwrap().insert(id));
        }
    }
    Ok(())
}

/// Reads one answer to its last byte; gives its head in lower case.
async fn read_answer(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = format!("{}\r\n", head.to_lowercase());
        let length = head.split_once("\r\ncontent-length:").unwrap().1;
        let length = length.lines().next().unwrap().trim();
        if body.len() >= length.parse().unwrap() {
            return Ok(head);
        }
    }
}
