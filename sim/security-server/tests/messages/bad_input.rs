//! Bad input from every side, while somebody else is served on: who is slow is cut off, who
//! vanishes leaves nothing behind, and of what never ends no more is taken than the limit.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use sim_security_server::config::Limits;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Ask, ECHO, connect, fault_of, send_bytes};
use crate::country::{Country, Plan, Tune};
use crate::notary::Notary;
use crate::part::eventually;
use crate::peer::{Envelope, Peer};
use crate::provider::{FAKE, Provider, http};
use crate::service::bytes;
use crate::tls;
use crate::wire;

/// A whole number of the service's chunks.
const MAX_BODY: usize = 100 * 1024;
/// Pause of the client that is served meanwhile: its books are gone through in the end.
const BETWEEN_GOOD_ASKS: Duration = Duration::from_millis(10);
/// Between two bytes of a slow client; so slow, everything below takes minutes.
const BETWEEN_BYTES: Duration = Duration::from_millis(50);
/// How long a client or another server may take here.
const PATIENCE_MS: u64 = 2_000;
/// What a server reads and throws away of what it refuses, and what lies in buffers, at most.
const THROWN_AWAY: u64 = 48 << 20;

fn limits(change: impl Fn(&mut Limits) + 'static) -> Tune {
    Box::new(move |config| change(&mut config.limits))
}

/// Does something hostile, while somebody else asks all the time, and is answered.
async fn served_meanwhile<T>(country: &Country, hostile: impl Future<Output = T>) -> T {
    let over = Cell::new(false);
    let served = async {
        while !over.get() {
            country.good().await;
            tokio::time::sleep(BETWEEN_GOOD_ASKS).await;
        }
    };
    let hostile = async {
        let outcome = hostile.await;
        over.set(true);
        outcome
    };
    tokio::join!(hostile, served).0
}

/// Sends `bytes` one at a time until the other side has had enough; gives what it said then.
async fn drip(stream: impl AsyncRead + AsyncWrite, bytes: &[u8]) -> Vec<u8> {
    let (mut reading, mut writing) = tokio::io::split(stream);
    let dripping = async {
        for byte in bytes {
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(BETWEEN_BYTES).await;
        }
        // All of it was taken, however long it took.
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    let cut_off = async {
        // A reset is a way of saying that it was enough.
        let _ = reading.read_to_end(&mut said).await;
    };
    let cut_off_soon = async {
        tokio::select! {
            () = dripping => {}
            () = cut_off => {}
        }
    };
    tokio::time::timeout(crate::part::DEADLINE, cut_off_soon)
        .await
        .expect("who is slow is cut off");
    said
}

// === clients ===

#[tokio::test]
async fn clients_that_send_byte_by_byte_are_cut_off() {
    let country = Country::with(Plan {
        consumer: limits(|limits| limits.client_read_timeout_ms = PATIENCE_MS),
        ..Plan::default()
    })
    .await;
    let ready = country.consumer.ready.clone();
    let whole = Ask::new("POST", ECHO).body(bytes(10_000)).bytes();
    let head_end = wire::find(&whole, b"\r\n\r\n").unwrap() + 4;
    let (head, body) = whole.split_at(head_end);
    let hostile = async {
        let slow_head = async { drip(connect(ready.client_listen).await, head).await };
        let slow_tls_head = async {
            let stream = connect(ready.client_tls_listen.unwrap()).await;
            drip(tls::connect(stream, None).await.unwrap(), head).await
        };
        let slow_body = async {
            let mut stream = connect(ready.client_listen).await;
            stream.write_all(head).await.unwrap();
            drip(stream, body).await
        };
        tokio::join!(slow_head, slow_tls_head, slow_body)
    };
    let (head, tls_head, body) = served_meanwhile(&country, hostile).await;
    for said in [head, tls_head] {
        assert!(
            !said.starts_with(b"HTTP/1.1 2"),
            "half a head is no message"
        );
    }
    let body = wire::read(&mut body.as_slice(), false).await.unwrap();
    let code = "server.clientproxy.io_error";
    assert_eq!(fault_of(&body.unwrap()), (500, code));
    country.end().await;
}

#[tokio::test]
async fn clients_that_vanish_leave_their_places_to_others() {
    const PLACES: usize = 4;
    let country = Country::with(Plan {
        consumer: limits(|limits| limits.max_in_flight = PLACES),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    let whole = Ask::new("POST", ECHO).body(bytes(10_000)).bytes();
    let head_end = wire::find(&whole, b"\r\n\r\n").unwrap() + 4;
    for round in 0..4 * PLACES {
        // In the head, right behind it, in the body, before its last byte.
        for sent in [head_end / 2, head_end, whole.len() / 2, whole.len() - 1] {
            let mut stream = connect(listen).await;
            stream.write_all(&whole[..sent]).await.unwrap();
            if round % 2 == 0 {
                stream.set_zero_linger().unwrap();
            }
        }
        // Had they kept their places, there would be none left.
        eventually(async || {
            let answer = country.ask(&Ask::echo("")).await;
            if answer.header("x-road-error").is_some() {
                assert_eq!(fault_of(&answer).0, 503);
                return None;
            }
            country.note_answer(&answer);
            Some(())
        })
        .await;
    }
    country.end().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_those_within_are_served() {
    const CONNECTIONS: usize = 5;
    let country = Country::with(Plan {
        consumer: limits(|limits| limits.max_connections = CONNECTIONS),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    let mut held = eventually(async || {
        let mut stream = connect(listen).await;
        served_over(&country, &mut stream).await?;
        Some(stream)
    })
    .await;
    // The connections of earlier messages may still take some of the places.
    let mut idle = Vec::new();
    for _ in 0..10 * CONNECTIONS {
        idle.push(connect(listen).await);
    }
    let is_closed = |stream: &TcpStream| match stream.try_read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    eventually(async || {
        let closed = idle.iter().filter(|stream| is_closed(stream)).count();
        (closed > 9 * CONNECTIONS).then_some(())
    })
    .await;
    for _ in 0..10 {
        let served = served_over(&country, &mut held).await;
        served.expect("who was there first is served");
    }
    drop((held, idle));
    country.end().await;
}

/// Whether a message is answered over this connection.
async fn served_over(country: &Country, stream: &mut TcpStream) -> Option<()> {
    stream.write_all(&Ask::echo("").bytes()).await.ok()?;
    let answer = wire::read(stream, false).await.ok()??;
    country.note_answer(&answer);
    Some(())
}

// === bodies ===

/// A request whose body comes in chunks, without a length.
fn chunked(length: usize) -> Vec<u8> {
    let mut request = Ask::new("POST", ECHO)
        .header("Transfer-Encoding", "chunked")
        .bytes();
    for chunk in bytes(length).chunks(1_000) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

#[tokio::test]
async fn bodies_of_exactly_the_limit_pass_and_one_byte_more_does_not() {
    let both = || limits(|limits| limits.max_body_bytes = MAX_BODY);
    let country = Country::with(Plan {
        consumer: both(),
        provider: both(),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    let too_large = "server.clientproxy.body_too_large";

    let fits = Ask::new("POST", ECHO).body(bytes(MAX_BODY));
    assert_eq!(country.answered(&fits).await.body, bytes(MAX_BODY));
    let over = Ask::new("POST", ECHO).body(bytes(MAX_BODY + 1));
    country.refused(&over, 413, too_large).await;

    let fits = send_bytes(listen, &chunked(MAX_BODY)).await.unwrap();
    country.note_answer(&fits);
    assert_eq!(fits.body, bytes(MAX_BODY));
    let over = send_bytes(listen, &chunked(MAX_BODY + 1)).await.unwrap();
    assert_eq!(fault_of(&over), (413, too_large));

    // The same for what the service answers, with and without a length.
    for path in [format!("/bytes/{MAX_BODY}"), "/unbounded/100".to_owned()] {
        let answer = country.answered(&Ask::echo(&path)).await;
        assert_eq!((answer.status(), answer.body.len()), (200, MAX_BODY));
    }
    let broken = "server.serverproxy.io_error";
    for path in [
        format!("/bytes/{}", MAX_BODY + 1),
        "/unbounded/101".to_owned(),
    ] {
        country.failed(&Ask::echo(&path), 500, broken).await;
    }
    country.end().await;
}

#[tokio::test]
async fn a_body_at_the_providers_limit_passes_and_one_byte_more_does_not() {
    let country = Country::with(Plan {
        provider: limits(|limits| limits.max_body_bytes = MAX_BODY),
        ..Plan::default()
    })
    .await;
    let fits = Ask::new("POST", ECHO).body(bytes(MAX_BODY));
    assert_eq!(country.answered(&fits).await.body, bytes(MAX_BODY));
    let over = Ask::new("POST", ECHO).body(bytes(MAX_BODY + 1));
    let code = "server.serverproxy.body_too_large";
    country.refused(&over, 413, code).await;
    country.end().await;
}

#[tokio::test]
async fn of_a_body_without_end_no_more_is_taken_than_the_limit() {
    let country = Country::with(Plan {
        consumer: limits(|limits| limits.max_body_bytes = MAX_BODY),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    let head = Ask::new("POST", ECHO).header("Transfer-Encoding", "chunked");
    let taken = served_meanwhile(&country, pour(listen, &head.bytes(), CHUNK)).await;
    assert!(taken < MAX_BODY as u64 + THROWN_AWAY, "{taken}");
    let endless_head = format!("GET {ECHO} HTTP/1.1\r\n");
    let taken = served_meanwhile(&country, pour(listen, endless_head.as_bytes(), LINE)).await;
    assert!(taken < THROWN_AWAY, "{taken}");
    country.end().await;
}

/// One line of a head.
const LINE: &[u8] = b"X-Again: and again and again\r\n";
/// One chunk of a body.
const CHUNK: &[u8] = b"20\r\n0123456789abcdef0123456789abcdef\r\n";

/// Sends `head`, then `again` and again, until the other side takes no more; how much it took.
async fn pour(to: SocketAddr, head: &[u8], again: &[u8]) -> u64 {
    let (mut reading, mut writing) = connect(to).await.into_split();
    let block = again.repeat(1_000);
    let pouring = async {
        let mut taken = 0;
        writing.write_all(head).await.unwrap();
        while writing.write_all(&block).await.is_ok() {
            taken += block.len() as u64;
        }
        taken
    };
    let reading = async {
        let mut said = Vec::new();
        let _ = reading.read_to_end(&mut said).await;
    };
    let both = async { tokio::join!(pouring, reading).0 };
    let poured = tokio::time::timeout(crate::part::DEADLINE, both).await;
    poured.expect("what has no end is cut off")
}

// === services ===

#[tokio::test]
async fn a_service_that_answers_for_ever_or_never_is_not_waited_for() {
    let country = Country::with(Plan {
        provider: limits(|limits| limits.max_body_bytes = MAX_BODY),
        ..Plan::default()
    })
    .await;
    let code = "server.serverproxy.io_error";
    for target in [
        "echo/endless",
        "echo/endless-head",
        "hasty/drip",
        "hasty/silence",
        "echo/garbage",
        "echo/short",
    ] {
        let ask = Ask::get(&format!("/r1/EE/GOV/2/population/{target}"));
        let answer = served_meanwhile(&country, country.ask(&ask)).await;
        assert_eq!(fault_of(&answer), (500, code), "{target}");
        country.note_reached(ask.id());
    }
    let poured = country.service.poured();
    assert!(poured < 2 * (MAX_BODY as u64 + THROWN_AWAY), "{poured}");
    country.end().await;
}

// === other security servers ===

/// What an answer begins with, and what follows again and again; each with a name.
fn endless_and_broken_answers() -> [(&'static str, Vec<u8>, &'static [u8]); 7] {
    const NOTHING: &[u8] = b"";
    let multipart = "multipart/mixed; boundary=b";
    let half = http(200, multipart, &[b'x'; 1_000]);
    let half = half[..half.len() - 500].to_vec();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {multipart}\r\n");
    let with = |line: &str| format!("{head}{line}\r\n\r\n").into_bytes();
    let garbage = b"\x00\xff\x16\x03 garbage\r\n\r\n".to_vec();
    [
        ("garbage", garbage, NOTHING),
        ("never", Vec::new(), NOTHING),
        ("half a head", head[..head.len() / 2].into(), NOTHING),
        ("half an answer", half, NOTHING),
        ("chunks for ever", with("Transfer-Encoding: chunked"), CHUNK),
        ("bytes for ever", with("Connection: close"), CHUNK),
        ("a head for ever", head.clone().into_bytes(), LINE),
    ]
}

#[tokio::test]
async fn a_peer_that_answers_garbage_half_for_ever_or_never_is_not_waited_for() {
    let country = Country::with(Plan {
        consumer: limits(|limits| {
            limits.max_body_bytes = MAX_BODY;
            limits.peer_timeout_ms = PATIENCE_MS;
        }),
        ..Plan::default()
    })
    .await;
    let notary = Notary::of(&country).await;
    let provider = Provider::start(&country, &notary).await;
    provider.answer(|_| None);
    eventually(async || {
        let answer = country.ask(&Ask::get(FAKE)).await;
        let unknown = Some("server.clientproxy.unknown_member");
        (answer.header("x-road-error") != unknown).then_some(())
    })
    .await;
    for (lie, answer, again) in endless_and_broken_answers() {
        provider.answer_again_and_again(answer, again);
        let ask = Ask::new("POST", FAKE).body("asked");
        let answer = served_meanwhile(&country, country.ask(&ask)).await;
        let code = "server.clientproxy.io_error";
        assert_eq!(fault_of(&answer), (500, code), "{lie}");
        let poured = provider.poured();
        assert!(
            poured < 2 * (MAX_BODY as u64 + THROWN_AWAY),
            "{lie}: {poured}"
        );
    }
    country.end().await;
}

#[tokio::test]
async fn a_peer_that_sends_byte_by_byte_is_cut_off() {
    let country = Country::with(Plan {
        provider: limits(|limits| limits.peer_timeout_ms = PATIENCE_MS),
        ..Plan::default()
    })
    .await;
    let notary = Notary::of(&country).await;
    let peer = Peer::register(&country, &notary).await;
    let own = Some(&peer.authentication);
    let settled = Envelope::of(&peer.parts(&notary, "settled", None));
    eventually(async || peer.try_send(own, &settled).await.ok()).await;
    country.note_answered_by_provider("settled");
    let whole = Envelope::of(&peer.parts(&notary, "slow", None)).bytes();
    let head_end = wire::find(&whole, b"\r\n\r\n").unwrap() + 4;
    let to = country.provider.message_address();
    let hostile = async {
        let slow_head = async {
            let stream = tls::connect(connect(to).await, own).await.unwrap();
            drip(stream, &whole[..head_end]).await
        };
        let slow_body = async {
            let mut stream = tls::connect(connect(to).await, own).await.unwrap();
            stream.write_all(&whole[..head_end]).await.unwrap();
            drip(stream, &whole[head_end..]).await
        };
        tokio::join!(slow_head, slow_body)
    };
    let (head, body) = served_meanwhile(&country, hostile).await;
    assert!(
        !head.starts_with(b"HTTP/1.1 2"),
        "half a head is no message"
    );
    let body = wire::read(&mut body.as_slice(), false).await.unwrap();
    let code = crate::peer::soap_fault_of(&body.unwrap());
    assert_eq!(code, "server.serverproxy.io_error");
    country.end().await;
}
