//! HTTP/1.1 from both ends, against raw bytes and against hyper.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod client;
mod expect;
mod hyper_peer;
mod pieces;
mod refusals;
mod server;

use std::time::Duration;

use sim_clock::Clock;
use sim_http1::{Answer, ServerConnection, Stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
/// Longest body that the tests' server takes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Answers what comes on `stream` until it ends, and returns the error that ended it.
///
/// An answer's body is the request's; the target `/status/204` asks for that status.
async fn serve(stream: impl Stream + 'static) -> Option<String> {
    let mut http = ServerConnection::new(stream, Clock::wall());
    loop {
        let mut request = match http.next(LONG).await {
            Ok(Some(request)) => request,
            Ok(None) => return None,
            Err(error) => return Some(error.to_string()),
        };
        let asked = request.head.target.strip_prefix("/status/");
        let asked = asked.map_or(200, |status| status.parse().expect("a number"));
        let body = request.body(MAX_BODY_BYTES, LONG).await;
        let (status, body) = match body {
            Ok(body) => (asked, body),
            Err(error) => (413, error.to_string().into()),
        };
        let mut answer = Answer::new(status);
        for (name, value) in [("Date", "today"), ("seen", request.head.method.as_str())] {
            answer.header(name, value.as_bytes()).expect("a header");
        }
        let answer = answer.with_body(vec![body]);
        match request.answer(answer, false).await {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(error.to_string()),
        }
    }
}

/// Everything that [`serve`] says to a client that sends these bytes and no more.
async fn talk(sent: impl AsRef<[u8]>) -> String {
    let (mut near, far) = duplex(MAX_BODY_BYTES);
    let (mut reader, mut writer) = tokio::io::split(&mut near);
    let sending = async {
        // A server may have heard enough.
        let _ = writer.write_all(sent.as_ref()).await;
        let _ = writer.shutdown().await;
    };
    let mut answers = String::new();
    let reading = reader.read_to_string(&mut answers);
    let ((), read, _) = tokio::join!(sending, reading, serve(far));
    read.expect("answers are text");
    answers
}

/// The status codes of these answers, whose bodies have no line that looks like one.
fn statuses(answers: &str) -> Vec<&str> {
    let lines = answers.split("HTTP/1.1 ").skip(1);
    lines.map(|line| &line[..3]).collect()
}
