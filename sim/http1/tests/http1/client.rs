//! The asking side, against raw bytes.

use std::io;

use bytes::Bytes;
use sim_http1::{ClientConnection, ExchangeError, MAX_HEAD_BYTES, OutgoingRequest, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

/// Longest answer that the tests take, in bytes of its body.
const MAX_BYTES: usize = 100;

fn request(method: &str) -> OutgoingRequest {
    OutgoingRequest::new(method, "/", [], vec![]).expect("it can be sent")
}

/// The head that arrives at `server`.
async fn arrived(server: &mut DuplexStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(server.read_u8().await.expect("a whole head comes"));
    }
    String::from_utf8(head).expect("a head is text")
}

/// What becomes of a request that gets these bytes and then the connection's end, and whether the
/// connection was open in between.
async fn answered(method: &str, bytes: &[u8]) -> (Result<Response, ExchangeError>, bool) {
    let (near, mut far) = duplex(1024 * 1024);
    let mut client = ClientConnection::new(near);
    let server = async {
        arrived(&mut far).await;
        far.write_all(bytes).await.expect("the client reads");
        // What ends with the connection needs that end; the rest must not.
        let ends = !bytes
            .windows(10)
            .any(|at| at.eq_ignore_ascii_case(b"connection"));
        if ends {
            far.shutdown().await.expect("the client reads");
        }
        far
    };
    let request = request(method);
    let (answer, _far) = tokio::join!(client.exchange(&request, MAX_BYTES), server);
    let is_open = client.is_open();
    (answer, is_open)
}

/// The body of an answer to GET.
async fn body(bytes: &str) -> Result<Bytes, ExchangeError> {
    answered("GET", bytes.as_bytes())
        .await
        .0
        .map(|answer| answer.body)
}

#[tokio::test]
async fn requests_are_written_as_http_wants_them() {
    let pieces = || {
        vec![
            Bytes::from_static(b"ab"),
            Bytes::new(),
            Bytes::from_static(b"c"),
        ]
    };
    for (method, body, expected) in [
        ("GET", vec![], "GET /p?q HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n"),
        (
            "HEAD",
            vec![],
            "HEAD /p?q HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n",
        ),
        (
            "DELETE",
            vec![],
            "DELETE /p?q HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n",
        ),
        (
            "POST",
            vec![],
            "POST /p?q HTTP/1.1\r\nHost: h\r\nX: \r\ncontent-length: 0\r\n\r\n",
        ),
        (
            "PUT",
            pieces(),
            "PUT /p?q HTTP/1.1\r\nHost: h\r\nX: \r\ncontent-length: 3\r\n\r\nabc",
        ),
        (
            "GET",
            pieces(),
            "GET /p?q HTTP/1.1\r\nHost: h\r\nX: \r\ncontent-length: 3\r\n\r\nabc",
        ),
    ] {
        let headers = [("Host", &b"h"[..]), ("X", b"")];
        let request = OutgoingRequest::new(method, "/p?q", headers, body).unwrap();
        let (near, mut far) = duplex(1024);
        let mut client = ClientConnection::new(near);
        let server = async {
            let mut got = vec![0; expected.len()];
            far.read_exact(&mut got).await.unwrap();
            far.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .await
                .unwrap();
            got
        };
        let (answer, got) = tokio::join!(client.exchange(&request, 0), server);
        assert_eq!(String::from_utf8(got).unwrap(), expected);
        assert_eq!(answer.unwrap().status, 204);
        assert!(client.is_open());
    }
}

#[tokio::test]
async fn more_pieces_than_one_call_takes_arrive_in_order() {
    let body: Vec<Bytes> = (0..100_u8).map(|byte| vec![byte; 7].into()).collect();
    let whole = body.concat();
    let request = OutgoingRequest::new("POST", "/", [], body).unwrap();
    let (near, mut far) = duplex(64);
    let mut client = ClientConnection::new(near);
    let server = async {
        arrived(&mut far).await;
        let mut got = vec![0; whole.len()];
        far.read_exact(&mut got).await.unwrap();
        far.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        got
    };
    let (answer, got) = tokio::join!(client.exchange(&request, 0), server);
    assert!(answer.is_ok());
    assert_eq!(got, whole);
}

#[tokio::test]
async fn answers_are_read_to_their_end() {
    for (text, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", "ok"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", ""),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1;x\r\nk\r\n0\r\nt: x\r\n\r\n",
            "ok",
        ),
        // Interim answers are passed over.
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            "ok",
        ),
        // No length: the connection's end ends it.
        ("HTTP/1.1 200 OK\r\n\r\nall of it", "all of it"),
        ("HTTP/1.0 200 OK\r\n\r\n", ""),
        // Such answers have no body, whatever they say.
        ("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", ""),
        (
            "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n",
            "",
        ),
    ] {
        let body = body(text).await;
        assert_eq!(body.unwrap(), expected, "{text:?}");
    }
    let (answer, _) = answered("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n").await;
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.reason.as_str()),
        (200, "OK")
    );
    assert_eq!(answer.headers.text("Content-Length"), Some("5"));
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn a_connection_is_kept_where_the_server_says_so() {
    for (head, kept) in [
        (
            "HTTP/1.1 200 OK\r\nx-connection: none\r\ncontent-length: 0\r\n",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n",
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nx-connection: none\r\ncontent-length: 0\r\n",
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n",
            true,
        ),
    ] {
        let (answer, is_open) = answered("GET", format!("{head}\r\n").as_bytes()).await;
        assert_eq!(answer.unwrap().status, 200);
        assert_eq!(is_open, kept, "{head:?}");
    }
    // Bytes that nobody asked for.
    let (answer, is_open) = answered(
        "GET",
        b"HTTP/1.1 200 OK\r\nx-connection: none\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    )
    .await;
    assert!(answer.is_ok() && !is_open);
}

#[tokio::test]
async fn what_is_no_certain_answer_is_malformed() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n",
        "HTTP/1.1 200 OK\ncontent-length: 0\n\n",
        "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: \0\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "no HTTP at all\r\n\r\n",
        // Nobody asked for another protocol.
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    ] {
        let refused = body(text).await;
        assert!(
            matches!(refused, Err(ExchangeError::Malformed(_))),
            "{text:?}: {refused:?}"
        );
    }
    let endless = "x".repeat(MAX_HEAD_BYTES + 1);
    let refused = body(&endless).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "malformed answer: its head is too large"
    );
}

#[tokio::test]
async fn an_answer_has_a_limit_in_bytes() {
    let of_length = |length: usize| {
        let body = "x".repeat(length);
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
    };
    let in_a_chunk = |length: usize| {
        let (head, body) = (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked",
            "x".repeat(length),
        );
        format!("{head}\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n")
    };
    let to_the_end = |length: usize| format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(length));
    for (within, above) in [
        (of_length(MAX_BYTES), of_length(MAX_BYTES + 1)),
        (in_a_chunk(MAX_BYTES), in_a_chunk(MAX_BYTES + 1)),
        (to_the_end(MAX_BYTES), to_the_end(MAX_BYTES + 1)),
    ] {
        assert_eq!(body(&within).await.unwrap().len(), MAX_BYTES);
        let refused = body(&above).await;
        assert!(
            matches!(refused, Err(ExchangeError::TooLarge(MAX_BYTES))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_broken() {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    ] {
        match body(text).await {
            Err(ExchangeError::Broken(error)) => {
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{text:?}");
            }
            other => panic!("{text:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_that_the_other_side_closed_is_not_open() {
    let (near, far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    assert!(client.is_open());
    drop(far);
    assert!(!client.is_open());
    let refused = client.exchange(&request("GET"), 0).await;
    assert!(
        matches!(refused, Err(ExchangeError::NotSent(_))),
        "{refused:?}"
    );

    // One byte that nobody asked for is enough, also after somebody has looked.
    let (near, mut far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    far.write_all(b"H").await.unwrap();
    assert!(!client.is_open() && !client.is_open());
    let refused = client.exchange(&request("GET"), 0).await;
    assert!(
        matches!(refused, Err(ExchangeError::NotSent(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_request_may_have_arrived_once_any_of_it_was_sent() {
    let (near, mut far) = duplex(8);
    let mut client = ClientConnection::new(near);
    let server = async {
        far.read_u8().await.unwrap();
        drop(far);
    };
    let request = request("GET");
    let (broken, ()) = tokio::join!(client.exchange(&request, 0), server);
    assert!(
        matches!(broken, Err(ExchangeError::Broken(_))),
        "{broken:?}"
    );
    assert!(!client.is_open());
}

#[tokio::test]
async fn an_exchange_given_up_leaves_no_open_connection() {
    let (near, mut far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    let request = request("GET");
    tokio::select! {
        biased;
        _ = client.exchange(&request, 0) => panic!("nobody answers"),
        _ = arrived(&mut far) => {}
    }
    assert!(!client.is_open());
}

fn long_request() -> OutgoingRequest {
    OutgoingRequest::new("POST", "/", [], vec![vec![b'x'; 100_000].into()]).expect("it can be sent")
}

#[tokio::test]
async fn an_early_answer_is_read_though_the_body_was_not_sent() {
    let (near, mut far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    let server = async {
        arrived(&mut far).await;
        let (begin, end) = (
            "HTTP/1.1 413 Content Too La",
            "rge\r\ncontent-length: 3\r\n\r\nbig",
        );
        far.write_all(begin.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        far.write_all(end.as_bytes()).await.unwrap();
        far
    };
    let request = long_request();
    let (answer, _far) = tokio::join!(client.exchange(&request, 3), server);
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (413, &b"big"[..])
    );
    assert!(!client.is_open(), "the rest of the body is missing");
}

#[tokio::test]
async fn an_early_answer_is_read_though_the_connection_ends() {
    let (near, mut far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    let server = async {
        arrived(&mut far).await;
        let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        far.write_all(answer).await.unwrap();
        drop(far);
    };
    let request = long_request();
    let (answer, ()) = tokio::join!(client.exchange(&request, 0), server);
    assert_eq!(answer.unwrap().status, 503);
}

#[tokio::test]
async fn an_interim_answer_does_not_stop_a_long_body() {
    let (near, mut far) = duplex(1024);
    let mut client = ClientConnection::new(near);
    let server = async {
        arrived(&mut far).await;
        far.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await
            .unwrap();
        let mut body = vec![0; 100_000];
        far.read_exact(&mut body).await.unwrap();
        far.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
    };
    let request = long_request();
    let (answer, ()) = tokio::join!(client.exchange(&request, 0), server);
    assert_eq!(answer.unwrap().status, 200);
}
