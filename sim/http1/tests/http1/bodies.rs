//! Bodies: of a length, in chunks, and what is neither.

use std::time::Duration;

use sim_clock::Clock;
use sim_http1::{Answer, BodyError, ServerConnection};
use tokio::io::{AsyncWriteExt as _, duplex};

use crate::{LONG, MAX_BODY_BYTES, statuses, talk};

const CHUNKED: &str = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
const NEXT: &str = "GET /next HTTP/1.1\r\n\r\n";

/// What is answered to a request with this body, where another request follows.
async fn chunked(body: &str) -> String {
    talk(format!("{CHUNKED}{body}{NEXT}")).await
}

#[tokio::test]
async fn chunks_are_put_together() {
    for (chunks, body) in [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n1\r\n!\r\n00\r\n\r\n", "hello!"),
        (
            "5;a=b;c\r\nhello\r\n1 \t;x\r\n!\r\n0;last\r\n\r\n",
            "hello!",
        ),
        (
            "000A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
            "01234567890123456789",
        ),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("5\r\nhello\r\n0\r\nTrailer: x\r\nother: y\r\n\r\n", "hello"),
    ] {
        let answers = chunked(chunks).await;
        let expected = format!(
            "content-length: {}\r\n\r\n{body}HTTP/1.1 200 OK",
            body.len()
        );
        assert!(answers.contains(&expected), "{chunks:?}: {answers}");
        assert_eq!(statuses(&answers), ["200", "200"]);
    }
}

#[tokio::test]
async fn malformed_chunks_end_the_connection() {
    for chunks in [
        "\r\n",
        "g\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        ";\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5;a\rb\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloo\r\n0\r\n\r\n",
        "5\r\nhell\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\ntrailer: x\n\r\n",
        "5\r\nhello\r\n0\n\n",
    ] {
        let answers = chunked(chunks).await;
        assert_eq!(statuses(&answers), ["413"], "{chunks:?}: {answers}");
        assert!(answers.contains("\r\nconnection: close\r\n"), "{answers}");
    }
}

#[tokio::test]
async fn lines_between_chunks_have_a_limit() {
    let size_line = |bytes: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(bytes - 2));
    assert_eq!(statuses(&chunked(&size_line(1024)).await), ["200", "200"]);
    let refused = chunked(&size_line(1025)).await;
    assert!(refused.contains("a line is too long"), "{refused}");

    let trailers = |bytes: usize| {
        let first = "a: b\r\n";
        let second = format!("c: {}\r\n", "d".repeat(bytes - 7));
        format!("1\r\nx\r\n0\r\n{first}{second}\r\n")
    };
    let limit = 16 * 1024;
    assert_eq!(statuses(&chunked(&trailers(limit)).await), ["200", "200"]);
    let refused = chunked(&trailers(limit + 1)).await;
    assert!(refused.contains("a line is too long"), "{refused}");
}

#[tokio::test]
async fn a_body_has_a_limit_in_bytes() {
    let of_length = |bytes: usize| {
        let body = "x".repeat(bytes);
        format!("POST / HTTP/1.1\r\ncontent-length: {bytes}\r\n\r\n{body}{NEXT}")
    };
    let in_two_chunks = |bytes: usize| {
        let body = "x".repeat(bytes - 1);
        format!(
            "{CHUNKED}1\r\nx\r\n{:x}\r\n{body}\r\n0\r\n\r\n{NEXT}",
            bytes - 1
        )
    };
    for within in [of_length(MAX_BODY_BYTES), in_two_chunks(MAX_BODY_BYTES)] {
        assert_eq!(statuses(&talk(within).await), ["200", "200"]);
    }
    // One of a known length is discarded, so the connection lives on.
    let refused = talk(of_length(MAX_BODY_BYTES + 1)).await;
    assert_eq!(statuses(&refused), ["413", "200"]);
    assert!(refused.contains("more than 65536 bytes"), "{refused}");
    assert_eq!(
        statuses(&talk(in_two_chunks(MAX_BODY_BYTES + 1)).await),
        ["413"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    for (sent, ends, expected) in [
        (
            "content-length: 5\r\n\r\nhell",
            true,
            "the body broke off: unexpected end of file",
        ),
        (
            "transfer-encoding: chunked\r\n\r\n5\r\nhe",
            true,
            "the body broke off: unexpected end of file",
        ),
        (
            "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
            true,
            "the body broke off: unexpected end of file",
        ),
        (
            "content-length: 5\r\n\r\nhell",
            false,
            "the body did not arrive in time",
        ),
    ] {
        let (mut near, far) = duplex(1024);
        let sent = format!("POST / HTTP/1.1\r\n{sent}");
        near.write_all(sent.as_bytes()).await.unwrap();
        if ends {
            near.shutdown().await.unwrap();
        }
        let mut http = ServerConnection::new(far, Clock::wall());
        let mut request = http.next(LONG).await.unwrap().unwrap();
        let error = request.body(100, Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        // Where it ends is not known any more.
        assert!(matches!(error, BodyError::Broken(_) | BodyError::TimedOut));
        assert!(!request.answer(Answer::new(400), false).await.unwrap());
    }
}
