//! `Expect: 100-continue`: leave to send a body is given when the body is wanted.

use sim_clock::Clock;
use sim_http1::{Answer, ServerConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use crate::{LONG, statuses, talk};

const LEAVE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

#[tokio::test]
async fn leave_is_given_when_the_body_is_read() {
    let (mut near, far) = duplex(1024);
    let head = b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\ncontent-length: 4\r\n\r\n";
    near.write_all(head).await.unwrap();
    let mut http = ServerConnection::new(far, Clock::wall());
    let mut request = http.next(LONG).await.unwrap().unwrap();
    assert!(request.head.expects_continue());
    let client = async {
        let mut leave = [0; LEAVE.len()];
        near.read_exact(&mut leave).await.unwrap();
        assert_eq!(leave, LEAVE.as_bytes());
        near.write_all(b"body").await.unwrap();
    };
    let (body, ()) = tokio::join!(request.body(4, LONG), client);
    assert_eq!(body.unwrap(), "body");
    assert!(request.answer(Answer::new(200), false).await.unwrap());
}

#[tokio::test]
async fn a_body_that_was_refused_may_come_or_not_so_the_connection_ends() {
    for (length, reads) in [(4, false), (5, true)] {
        let (mut near, far) = duplex(1024);
        let head =
            format!("POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n");
        near.write_all(head.as_bytes()).await.unwrap();
        near.shutdown().await.unwrap();
        let mut http = ServerConnection::new(far, Clock::wall());
        let mut request = http.next(LONG).await.unwrap().unwrap();
        if reads {
            assert!(request.body(4, LONG).await.is_err());
        }
        assert!(!request.answer(Answer::new(413), false).await.unwrap());
        drop(http);
        let mut got = String::new();
        near.read_to_string(&mut got).await.unwrap();
        assert_eq!(statuses(&got), ["413"], "no leave was given");
        assert!(got.contains("\r\nconnection: close\r\n"), "{got}");
    }
}

#[tokio::test]
async fn nobody_else_gets_leave() {
    for (head, leaves) in [
        (
            "POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n",
            1,
        ),
        (
            "POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 0\r\n",
            0,
        ),
        (
            "POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 2\r\n",
            0,
        ),
        (
            "POST / HTTP/1.1\r\nexpect: other\r\ncontent-length: 2\r\n",
            0,
        ),
        ("POST / HTTP/1.1\r\ncontent-length: 2\r\n", 0),
    ] {
        let body = if head.contains(": 2") { "ab" } else { "" };
        let answers = talk(format!("{head}\r\n{body}")).await;
        assert_eq!(answers.matches(LEAVE).count(), leaves, "{answers}");
        assert_eq!(statuses(&answers).last(), Some(&"200"));
    }
}
