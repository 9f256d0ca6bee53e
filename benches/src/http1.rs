//! HTTP/1.1 over a pipe in memory, both ends.

use std::time::Duration;

use bytes::Bytes;
use sim_clock::Clock;
use sim_http1::{Answer, ClientConnection, OutgoingRequest, Response, ServerConnection};
use tokio::runtime::Runtime;

use crate::exchange;

/// More than a message here has, so that neither end waits for room.
const PIPE_BYTES: usize = 64 * 1024;
/// Of a body.
const MAX_BYTES: usize = 16 * 1024;
/// Nobody is late.
const WITHIN: Duration = Duration::from_secs(60);

/// A connection that is kept, with a client at one end and a server at the other.
pub struct Pipe {
    runtime: Runtime,
    client: ClientConnection,
    server: ServerConnection,
    request: OutgoingRequest,
}

impl Pipe {
    /// Prepares the pipe, and the request of one exchange.
    ///
    /// # Panics
    ///
    /// When the system has no room for an event loop.
    #[must_use]
    pub fn new() -> Self {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let headers = exchange::request_headers(0);
        let headers = headers
            .iter()
            .filter(|(name, _)| name != "content-length")
            .map(|(name, value)| (name.as_str(), value.as_bytes()));
        let body = Bytes::from(exchange::request_body(0));
        let request = OutgoingRequest::new(exchange::VERB, exchange::TARGET, headers, vec![body]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        Self {
            runtime: runtime.expect("the system has room for an event loop"),
            client: ClientConnection::new(near),
            server: ServerConnection::new(far, Clock::wall()),
            request: request.expect("a request"),
        }
    }

    /// One exchange: the request written, its head and body read, the answer written and read.
    ///
    /// # Panics
    ///
    /// When either end fails.
    pub fn exchange(&mut self) -> Response {
        let Self {
            runtime,
            client,
            server,
            request,
        } = self;
        let (answered, response) = runtime
            .block_on(async { tokio::join!(answer(server), client.exchange(request, MAX_BYTES)) });
        assert!(answered, "the connection is kept");
        response.expect("the client gets an answer")
    }
}

impl Default for Pipe {
    fn default() -> Self {
        Self::new()
    }
}

/// Answers one request; whether the connection can be used for another.
async fn answer(server: &mut ServerConnection) -> bool {
    let incoming = server.next(WITHIN).await.expect("a request");
    let mut incoming = incoming.expect("a request before the end");
    let body = incoming.body(MAX_BYTES, WITHIN).await.expect("its body");
    let status = if body.is_empty() { 400 } else { 200 };
    let mut answer = Answer::new(status);
    let typed = answer.header("content-type", b"application/json");
    typed.expect("a header");
    let answer = answer.with_body(vec![Bytes::from_static(exchange::RESPONSE_BODY.as_bytes())]);
    incoming.answer(answer, false).await.expect("it is sent")
}

#[cfg(test)]
mod tests {
    use super::Pipe;
    use crate::exchange;

    #[test]
    fn the_answer_comes_back_over_a_connection_that_is_kept() {
        let mut pipe = Pipe::new();
        for _ in 0..3 {
            let response = pipe.exchange();
            assert_eq!(response.status, 200);
            assert_eq!(
                response.headers.text("content-type"),
                Some("application/json")
            );
            assert_eq!(response.body, exchange::RESPONSE_BODY);
        }
    }
}
