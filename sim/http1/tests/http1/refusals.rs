//! What is no request, and what two parties could understand differently.

use bytes::Bytes;
use sim_http1::{Answer, InvalidHeader, MAX_HEAD_BYTES, MAX_HEADER_LINES, OutgoingRequest};

use crate::{statuses, talk};

const NEXT: &str = "GET /next HTTP/1.1\r\n\r\n";

#[tokio::test]
async fn messages_of_uncertain_form_get_400_and_the_connection_ends() {
    for lines in [
        // Where the body ends would be a matter of opinion.
        "POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 5, 5\r\n",
        "POST / HTTP/1.1\r\ncontent-length: +5\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 0x5\r\n",
        "POST / HTTP/1.1\r\ncontent-length: -1\r\n",
        "POST / HTTP/1.1\r\ncontent-length:\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 18446744073709551616\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked, gzip\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked, chunked\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: xchunked\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: \"chunked\"\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding:\r\n",
        "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n",
        // Where a line ends or a name does, too.
        "GET / HTTP/1.1\nhost: h\r\n",
        "GET / HTTP/1.1\r\nhost: h\n",
        "GET / HTTP/1.1\r\na: b\nc: d\r\n",
        "GET / HTTP/1.1\r\na: b\n\n",
        "GET / HTTP/1.1\r\na: b\rc: d\r\n",
        "POST / HTTP/1.1\r\ncontent-length : 5\r\n",
        "POST / HTTP/1.1\r\n content-length: 5\r\n",
        "GET / HTTP/1.1\r\na: b\r\n c\r\n",
        "GET / HTTP/1.1\r\na: b\r\n\tc\r\n",
        "GET / HTTP/1.1\r\n: b\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n",
        "GET / HTTP/1.1\r\na: b\0c\r\n",
        "GET / HTTP/1.1\r\na\0: b\r\n",
        "GET /\0 HTTP/1.1\r\n",
        // What is not HTTP/1.
        "GET /\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET  / HTTP/1.1\r\n",
        "GET / http/1.1\r\n",
        "garbage\r\n",
    ] {
        let answers = talk(format!("{lines}\r\n{NEXT}")).await;
        assert_eq!(statuses(&answers), ["400"], "{lines:?}: {answers}");
        assert!(answers.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n"));
        assert!(answers.contains("\r\nconnection: close\r\n"), "{answers}");
    }
}

#[tokio::test]
async fn what_only_looks_odd_is_a_request() {
    for lines in [
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\na:b\r\n",
        "GET / HTTP/1.1\r\na: \t b \t\r\n",
        "GET / HTTP/1.1\r\na:\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\nCONTENT-LENGTH: 00\r\n",
        "GET http://host/absolute HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "M-SEARCH / HTTP/1.1\r\n",
    ] {
        let answers = talk(format!("{lines}\r\n{NEXT}")).await;
        assert_eq!(statuses(&answers), ["200", "200"], "{lines:?}: {answers}");
    }
    let chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(
        statuses(&talk(format!("{chunks}{NEXT}")).await),
        ["200", "200"]
    );
}

#[tokio::test]
async fn a_head_has_a_limit_in_bytes_and_lines() {
    let of_bytes = |bytes: usize| {
        let head = "GET / HTTP/1.1\r\nfill: \r\n\r\n";
        head.replace(
            "fill: ",
            &format!("fill: {}", "x".repeat(bytes - head.len())),
        )
    };
    assert_eq!(of_bytes(MAX_HEAD_BYTES).len(), MAX_HEAD_BYTES);
    let of_lines = |lines: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(lines));
    for (within, above) in [
        (of_bytes(MAX_HEAD_BYTES), of_bytes(MAX_HEAD_BYTES + 1)),
        (of_lines(MAX_HEADER_LINES), of_lines(MAX_HEADER_LINES + 1)),
    ] {
        assert_eq!(statuses(&talk(within + NEXT).await), ["200", "200"]);
        let refused = talk(above + NEXT).await;
        let status_line = "HTTP/1.1 431 Request Header Fields Too Large\r\n";
        assert!(refused.starts_with(status_line), "{refused}");
        assert_eq!(statuses(&refused), ["431"]);
    }
    // One that never ends is not waited for.
    assert_eq!(
        statuses(&talk("x".repeat(MAX_HEAD_BYTES + 1)).await),
        ["431"]
    );
}

#[test]
fn no_header_can_begin_a_line_of_its_own() {
    for (name, value) in [
        ("a", &b"b\r\nc: d"[..]),
        ("a", b"b\rc"),
        ("a", b"b\nc"),
        ("a", b"b\0"),
        ("a", b"\x7f"),
        ("a\r\nb", b"c"),
        ("a\n", b"c"),
        ("a\0", b"c"),
        ("a:", b"c"),
        ("a b", b"c"),
        (" a", b"c"),
        ("\u{e4}", b"c"),
        ("", b"c"),
    ] {
        let refused = InvalidHeader(name.escape_debug().to_string());
        let mut answer = Answer::new(200);
        assert_eq!(answer.header(name, value), Err(refused.clone()));
        let request = OutgoingRequest::new("GET", "/", [(name, value)], vec![]);
        assert_eq!(request.err(), Some(refused));
    }
    for value in [&b""[..], b"a\tb", "\u{e4}".as_bytes(), b"\xff"] {
        assert_eq!(Answer::new(200).header("x-Name_1!", value), Ok(()));
    }
    for (method, target) in [
        ("GET", "/ HTTP/1.1\r\nx: y"),
        ("GET", "/a b"),
        ("GET", ""),
        ("GET", "/\u{e4}"),
        ("GET /", "/"),
        ("G\r\n", "/"),
        ("", "/"),
    ] {
        let request = OutgoingRequest::new(method, target, [], Vec::<Bytes>::new());
        assert!(request.is_err(), "{method:?} {target:?}");
    }
}
