//! The answering side: how long a connection lives, and what an answer looks like.

use std::time::Duration;

use bytes::Bytes;
use sim_clock::Clock;
use sim_http1::{Answer, RequestError, ServerConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::net::{TcpListener, TcpStream};

use crate::{LONG, statuses, talk};

#[tokio::test]
async fn a_connection_is_kept_where_the_client_says_so() {
    for (head, answered) in [
        ("GET / HTTP/1.1\r\n", 2),
        ("GET / HTTP/1.1\r\nconnection: keep-alive\r\n", 2),
        ("GET / HTTP/1.1\r\nconnection: upgrade, other\r\n", 2),
        ("GET / HTTP/1.1\r\nConnection: Close\r\n", 1),
        ("GET / HTTP/1.1\r\nconnection: keep-alive ,\tclose\r\n", 1),
        (
            "GET / HTTP/1.1\r\nconnection: x\r\nconnection: close\r\n",
            1,
        ),
        ("GET / HTTP/1.0\r\n", 1),
        ("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n", 2),
        ("GET / HTTP/1.0\r\nconnection: keep-alive, close\r\n", 1),
    ] {
        let answers = talk(format!("{head}\r\nGET / HTTP/1.1\r\n\r\n")).await;
        assert_eq!(statuses(&answers).len(), answered, "{head:?}: {answers}");
        // A client that has to be told is told.
        let first = answers.split("\r\n\r\n").next().unwrap();
        let closes = first.contains("\r\nconnection: close");
        assert_eq!(closes, answered == 1, "{head:?}: {first}");
        let keeps = first.contains("\r\nconnection: keep-alive");
        assert_eq!(
            keeps,
            answered == 2 && head.contains("1.0"),
            "{head:?}: {first}"
        );
    }
}

#[tokio::test]
async fn answers_stand_one_behind_the_other() {
    let head = |status, rest| {
        let seen = if status == "200 OK" { "GET" } else { "HEAD" };
        format!("HTTP/1.1 {status}\r\nDate: today\r\nseen: {seen}\r\n{rest}\r\n")
    };
    let asked = "HEAD / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc\
                 HEAD /status/204 HTTP/1.1\r\n\r\n\
                 HEAD /status/304 HTTP/1.1\r\n\r\n\
                 GET / HTTP/1.1\r\n\r\n";
    let expected = [
        head("200 OK", "content-length: 3\r\n").replace("GET", "HEAD"),
        head("204 No Content", ""),
        head("304 Not Modified", ""),
        head("200 OK", "content-length: 0\r\n"),
    ];
    assert_eq!(talk(asked).await, expected.concat());
}

#[tokio::test]
async fn statuses_that_have_no_body_get_none() {
    for status in ["204", "304"] {
        let asked = format!("POST /status/{status} HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc");
        let answers = talk(format!("{asked}GET / HTTP/1.1\r\n\r\n")).await;
        assert_eq!(statuses(&answers), [status, "200"]);
        assert!(!answers.contains("abc"), "{answers}");
        let first = answers.split("\r\n\r\n").next().unwrap();
        assert!(!first.contains("content-length"), "{first}");
    }
    // Nobody's status is sent all the same.
    let answers = talk("GET /status/299 HTTP/1.1\r\n\r\n").await;
    assert!(answers.starts_with("HTTP/1.1 299 \r\n"), "{answers}");
}

/// What a client gets that sends `sent`, where `answer` is the answer and no body is read.
async fn unread(sent: &[u8], answer: Answer, is_last: bool) -> (String, bool) {
    let (mut near, far) = duplex(1024 * 1024);
    let serving = async {
        let mut http = ServerConnection::new(far, Clock::wall());
        let request = http.next(LONG).await.unwrap().unwrap();
        request.answer(answer, is_last).await.unwrap()
    };
    let talking = async {
        near.write_all(sent).await.unwrap();
        near.shutdown().await.unwrap();
        let mut got = String::new();
        near.read_to_string(&mut got).await.unwrap();
        got
    };
    let (goes_on, got) = tokio::join!(serving, talking);
    (got, goes_on)
}

#[tokio::test]
async fn a_date_is_added_where_there_is_none() {
    let get = b"GET / HTTP/1.1\r\n\r\n";
    let (plain, goes_on) = unread(get, Answer::new(200), false).await;
    assert!(goes_on);
    let date = plain.split("\r\ndate: ").nth(1).unwrap();
    let date = date.split("\r\n").next().unwrap();
    let date = httpdate::parse_http_date(date).unwrap();
    assert!(date > std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));

    let mut dated = Answer::new(200);
    dated.header("DATE", b"long ago").unwrap();
    let (dated, _) = unread(get, dated, false).await;
    assert_eq!(dated.to_lowercase().matches("date: ").count(), 1, "{dated}");
    assert!(dated.contains("DATE: long ago\r\n"));
}

#[tokio::test]
async fn a_server_can_end_the_connection() {
    let get = b"GET / HTTP/1.1\r\n\r\n";
    let (last, goes_on) = unread(get, Answer::new(200), true).await;
    assert!(
        !goes_on && last.contains("\r\nconnection: close\r\n"),
        "{last}"
    );
}

// Time stands still, so that only the limit in bytes counts.
#[tokio::test(start_paused = true)]
async fn a_body_nobody_read_is_discarded_within_a_limit() {
    let mib = 1024 * 1024;
    let of_length = |sent: usize, said: usize| {
        let head = format!("POST / HTTP/1.1\r\ncontent-length: {said}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; sent]].concat()
    };
    let in_chunks = |length: usize| {
        let head = format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n");
        [head.as_bytes(), &vec![b'x'; length], b"\r\n0\r\n\r\n"].concat()
    };
    for (sent, is_kept) in [
        (of_length(16 * mib, 16 * mib), true),
        (of_length(0, 16 * mib + 1), false),
        (of_length(5, 10), false),
        (in_chunks(16 * mib), true),
        (in_chunks(16 * mib + 1), false),
    ] {
        let answer = Answer::new(403).with_body(vec![Bytes::from_static(b"no")]);
        let (got, goes_on) = unread(&sent, answer, false).await;
        assert!(got.starts_with("HTTP/1.1 403 Forbidden\r\n") && got.ends_with("\r\n\r\nno"));
        assert_eq!(goes_on, is_kept, "{got}");
        assert_eq!(got.contains("connection: close"), !is_kept, "{got}");
    }
}

#[tokio::test]
async fn an_early_answer_arrives_over_a_real_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let serving = async {
        let mut http = ServerConnection::new(stream, Clock::wall());
        let request = http.next(LONG).await.unwrap().unwrap();
        request.answer(Answer::new(503), true).await.unwrap()
    };
    let asking = async {
        let head = b"POST / HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n";
        client.write_all(head).await.unwrap();
        client.write_all(&vec![0; 1_000_000]).await.unwrap();
        let mut got = String::new();
        client.read_to_string(&mut got).await.unwrap();
        got
    };
    let (_, got) = tokio::join!(serving, asking);
    assert_eq!(statuses(&got), ["503"]);
}

#[tokio::test]
async fn what_follows_an_unanswered_request_is_not_taken_for_one() {
    let (mut near, far) = duplex(1024);
    let smuggled = "GET /smuggled HTTP/1.1\r\n\r\n";
    let sent = format!("POST / HTTP/1.1\r\ncontent-length: 26\r\n\r\n{smuggled}");
    near.write_all(sent.as_bytes()).await.unwrap();
    let mut http = ServerConnection::new(far, Clock::wall());
    assert!(http.next(LONG).await.unwrap().is_some());
    assert!(http.next(LONG).await.unwrap().is_none());
}

#[tokio::test]
async fn waiting_for_a_head_can_be_given_up_and_taken_up_again() {
    let (mut near, far) = duplex(1024);
    let mut http = ServerConnection::new(far, Clock::wall());
    near.write_all(b"GET /x HTTP/1.1\r\n").await.unwrap();
    // The head is not whole, so nothing is ready but the second branch.
    tokio::select! {
        biased;
        _ = http.next(LONG) => panic!("there is no whole head"),
        () = std::future::ready(()) => {}
    }
    near.write_all(b"\r\n").await.unwrap();
    let request = http.next(LONG).await.unwrap().unwrap();
    assert_eq!(request.head.target, "/x");
}

#[tokio::test(start_paused = true)]
async fn a_head_has_to_arrive_in_time_and_whole() {
    let (mut near, far) = duplex(1024);
    let mut http = ServerConnection::new(far, Clock::wall());
    near.write_all(b"GET / HT").await.unwrap();
    let late = http.next(Duration::from_secs(5)).await.err().unwrap();
    assert!(matches!(late, RequestError::TimedOut), "{late}");

    let (mut near, far) = duplex(1024);
    let mut http = ServerConnection::new(far, Clock::wall());
    near.write_all(b"GET / HT").await.unwrap();
    drop(near);
    let cut = http.next(LONG).await.err().unwrap();
    assert!(matches!(cut, RequestError::Truncated), "{cut}");

    let (near, far) = duplex(1024);
    drop(near);
    let mut http = ServerConnection::new(far, Clock::wall());
    assert!(http.next(LONG).await.unwrap().is_none());
}
