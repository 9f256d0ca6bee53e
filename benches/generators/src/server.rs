//! The server that all generators are sent against: it answers every request with the same true
//! answer after a set delay, and can stall.
//!
//! It is a process of its own with one thread, and does less for a request than any generator.
//! Its timer is the kernel's, in nanoseconds, for that of the runtime counts milliseconds. What it
//! measures inside is the truth that generators are held against: when a request was there, and
//! when its answer was written.

mod alarm;
mod request;

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::{Buf as _, BytesMut};
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use crate::server::alarm::Alarm;

/// The true answer about people of whom none has died.
const NOBODY_DIED: &str = r#"{"deceased":[],"unknown":[]}"#;
/// Requests whose times are kept at most; further ones are only counted.
const MAX_KEPT: usize = 1_000_000;
/// Room for a request, to begin with.
const READ_BYTES: usize = 4_096;

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Behaviour {
    /// From a request's arrival to its answer.
    pub(crate) delay: Duration,
    /// When it answers nothing; absent: never.
    pub(crate) stall: Option<Stall>,
    /// Whether the times of every request are kept, and not only their number.
    pub(crate) keeps_times: bool,
}

/// A time in which the server answers nothing; then it answers all that was due in it at once.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Stall {
    /// Since the first request.
    pub(crate) begin: Duration,
    /// How long.
    pub(crate) length: Duration,
}

/// What the server prints at its end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    /// Requests that were answered.
    pub(crate) answered: u64,
    /// Their times in the order of their answers, where they are kept.
    pub(crate) served: Vec<Served>,
}

/// One request, in time since the first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Served {
    /// When it had been read.
    pub(crate) arrived: Duration,
    /// When its answer had been written.
    pub(crate) answered: Duration,
}

struct Server {
    behaviour: Behaviour,
    answer: Vec<u8>,
    clock: Clock,
    alarm: Alarm,
    /// When the first request was there.
    first: Cell<Option<Instant>>,
    books: RefCell<Books>,
}

/// Serves until standard input closes: the process's main function. `tell` gets the address, as
/// `host:port`, as soon as connections are taken.
///
/// # Errors
/// Where no port or timer is to be had.
pub(crate) fn run(behaviour: Behaviour, tell: impl FnOnce(&str)) -> Result<Books> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no free port")?;
        let clock = Clock::wall();
        let server = Rc::new(Server {
            behaviour,
            answer: answer(),
            clock,
            alarm: Alarm::new(clock).context("no timer")?,
            first: Cell::new(None),
            books: RefCell::default(),
        });
        tell(&listener.local_addr()?.to_string());
        let mut lifeline = tokio::io::stdin();
        let mut nothing = Vec::new();
        tokio::select! {
            ended = lifeline.read_to_end(&mut nothing) => drop(ended?),
            failed = Rc::clone(&server).welcome(listener) => failed.context("cannot accept")?,
            failed = server.alarm.run() => failed.context("the timer failed")?,
        }
        Ok(server.books.take())
    })
}

fn answer() -> Vec<u8> {
    let length = NOBODY_DIED.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n\
         {NOBODY_DIED}"
    )
    .into_bytes()
}

// === impl Stall ===

impl Stall {
    /// When an answer goes out that would be due at `due`, both since the first request.
    pub(crate) fn postponed(&self, due: Duration) -> Duration {
        let end = self.begin + self.length;
        if (self.begin..end).contains(&due) {
            end
        } else {
            due
        }
    }
}

// === impl Server ===

impl Server {
    async fn welcome(self: Rc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let server = Rc::clone(&self);
            // A client that goes away, or is no HTTP client, sees to it itself.
            tokio::task::spawn_local(async move { server.serve(stream).await.ok() });
        }
    }

    /// One connection, one request after the other.
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = BytesMut::with_capacity(READ_BYTES);
        loop {
            while let Some(length) = request::length(&buffer)? {
                let arrived = self.clock.monotonic();
                buffer.advance(length);
                self.wait(arrived).await;
                stream.write_all(&self.answer).await?;
                self.note(arrived);
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Until the answer to what arrived then is due.
    async fn wait(&self, arrived: Instant) {
        let first = self.first.get().unwrap_or(arrived);
        self.first.set(Some(first));
        let due = arrived + self.behaviour.delay;
        let due = match self.behaviour.stall {
            Some(stall) => first + stall.postponed(due.saturating_duration_since(first)),
            None => due,
        };
        if due > arrived {
            self.alarm.until(due).await;
        }
    }

    fn note(&self, arrived: Instant) {
        let mut books = self.books.borrow_mut();
        books.answered += 1;
        if self.behaviour.keeps_times && books.served.len() < MAX_KEPT {
            let first = self.first.get().unwrap_or(arrived);
            let answered = self.clock.monotonic();
            books.served.push(Served {
                arrived: arrived.saturating_duration_since(first),
                answered: answered.saturating_duration_since(first),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_postpones_what_is_due_in_it_to_its_end() {
        let ms = Duration::from_millis;
        let stall = Stall {
            begin: ms(500),
            length: ms(100),
        };
        let postponed = [499, 500, 599, 600].map(|due| stall.postponed(ms(due)).as_millis());
        assert_eq!(postponed, [499, 600, 600, 600]);
    }
}
