//! Too much, too many, too slow: what a caller may take is bounded, and others go on.

use sim_security_server::config::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client::{Ask, ECHO, connect, fault_of, send_bytes};
use crate::country::{Country, Plan};
use crate::part::eventually;
use crate::service::bytes;
use crate::wire;

const MAX_BODY: usize = 100_000;
const MAX_HEAD: usize = 8_000;

fn with(limits: Limits) -> crate::country::Tune {
    Box::new(move |config| config.limits = limits)
}

fn small() -> Limits {
    Limits {
        max_body_bytes: MAX_BODY,
        max_header_bytes: MAX_HEAD,
        ..Limits::default()
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let country = Country::with(Plan {
        consumer: with(small()),
        ..Plan::default()
    })
    .await;
    let code = "server.clientproxy.headers_too_large";
    let long = "x".repeat(MAX_HEAD);
    let ask = Ask::echo("").header("X-Long", &long);
    country.refused(&ask, 431, code).await;
    country.refused(&ask.body(bytes(50_000)), 431, code).await;
    let ask = Ask::echo(&format!("?{long}"));
    country.refused(&ask, 431, code).await;
    let fits = Ask::echo("").header("X-Long", &long[..MAX_HEAD - 1_000]);
    assert_eq!(country.answered(&fits).await.status(), 200);
    // Beyond what is read at all there is no code.
    let endless = Ask::echo("").header("X-Long", &"x".repeat(200_000));
    let answer = country.ask(&endless).await;
    assert_eq!(
        (answer.status(), answer.header("x-road-error")),
        (431, None)
    );
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn bodies_are_bounded() {
    let country = Country::with(Plan {
        consumer: with(small()),
        ..Plan::default()
    })
    .await;
    let code = "server.clientproxy.body_too_large";
    for excess in [1, 3 * 1024 * 1024] {
        let ask = Ask::new("POST", ECHO).body(bytes(MAX_BODY + excess));
        country.refused(&ask, 413, code).await;
    }
    // Nobody's body is read before it is clear who asks.
    let nobody = Ask::new("POST", ECHO).from("EE/GOV/1/nobody");
    let unknown = "server.clientproxy.unknown_member";
    let ask = nobody.body(bytes(MAX_BODY + 1));
    country.refused(&ask, 500, unknown).await;
    // A body that does not say how long it is.
    let chunked = Ask::new("POST", ECHO).header("Transfer-Encoding", "chunked");
    let mut request = chunked.bytes();
    for _ in 0..MAX_BODY / 1_000 + 1 {
        request.extend_from_slice(b"3e8\r\n");
        request.extend_from_slice(&[b'x'; 1_000]);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = send_bytes(country.consumer.ready.client_listen, &request).await;
    assert_eq!(fault_of(&answer.unwrap()), (413, code));
    // Who waits to be asked for the body is told before it is sent.
    let waiting = Ask::new("POST", ECHO)
        .header("Expect", "100-continue")
        .header("Content-Length", "1000000000");
    country.refused(&waiting, 413, code).await;
    let fits = Ask::new("POST", ECHO).body(bytes(MAX_BODY));
    assert_eq!(country.answered(&fits).await.status(), 200);
    country.end().await;
}

#[tokio::test]
async fn the_provider_bounds_bodies_in_both_directions() {
    let country = Country::with(Plan {
        provider: with(small()),
        ..Plan::default()
    })
    .await;
    let code = "server.serverproxy.body_too_large";
    for size in [MAX_BODY + 1, 3 * 1024 * 1024] {
        let ask = Ask::new("POST", ECHO).body(bytes(size));
        country.refused(&ask, 413, code).await;
    }
    let code = "server.serverproxy.io_error";
    let bytes = format!("/bytes/{}", MAX_BODY + 1);
    for path in [bytes.as_str(), "/unbounded/1000"] {
        country.failed(&Ask::echo(path), 500, code).await;
    }
    country.end().await;
}

#[tokio::test]
async fn so_many_messages_are_in_work_and_no_more() {
    for (side, code) in [
        ("consumer", "server.clientproxy.overloaded"),
        ("provider", "server.serverproxy.overloaded"),
    ] {
        let few = || {
            with(Limits {
                max_in_flight: 2,
                ..Limits::default()
            })
        };
        let mut plan = Plan::default();
        match side {
            "consumer" => plan.consumer = few(),
            _ => plan.provider = few(),
        }
        let country = Country::with(plan).await;
        let asks = [Ask::echo("/gate"), Ask::echo("/gate")];
        let calls = country.service.calls().len();
        let refused = async {
            let full = || country.service.calls().len() == calls + 2;
            eventually(async || full().then_some(())).await;
            let answer = country.ask(&Ask::echo("")).await;
            assert_eq!(fault_of(&answer), (503, code));
            country.service.open_gate(2);
        };
        let (first, second, ()) = tokio::join!(
            country.answered(&asks[0]),
            country.answered(&asks[1]),
            refused
        );
        assert_eq!((first.status(), second.status()), (200, 200));
        country.good().await;
        country.end().await;
    }
}

#[tokio::test]
async fn so_many_connections_are_open_and_no_more() {
    let country = Country::with(Plan {
        consumer: with(Limits {
            max_connections: 3,
            ..Limits::default()
        }),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    // The connections of messages that were answered may take a moment to end.
    let mut held = Vec::new();
    eventually(async || {
        while held.len() < 3 {
            let mut stream = connect(listen).await;
            stream.write_all(&Ask::echo("").bytes()).await.unwrap();
            let answer = wire::read(&mut stream, false).await;
            country.note_answer(&answer.ok()??);
            held.push(stream);
        }
        Some(())
    })
    .await;
    let mut surplus = connect(listen).await;
    assert!(matches!(surplus.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    held.pop();
    eventually(async || {
        let mut stream = connect(listen).await;
        stream.write_all(&Ask::echo("").bytes()).await.ok()?;
        let answer = wire::read(&mut stream, false).await;
        country.note_answer(&answer.ok()??);
        Some(())
    })
    .await;
    drop(held);
    country.end().await;
}

#[tokio::test]
async fn slow_clients_are_not_waited_for() {
    let country = Country::with(Plan {
        consumer: with(Limits {
            client_read_timeout_ms: 500,
            ..Limits::default()
        }),
        ..Plan::default()
    })
    .await;
    let listen = country.consumer.ready.client_listen;
    let whole = Ask::new("POST", ECHO).body(bytes(1_000)).bytes();
    // Half a head: the connection ends without an answer.
    let answer = send_bytes(listen, &whole[..40]).await;
    assert_eq!(answer.map(|answer| answer.first_line), None);
    // Half a body.
    let answer = send_bytes(listen, &whole[..whole.len() - 500]).await;
    let code = "server.clientproxy.io_error";
    assert_eq!(fault_of(&answer.unwrap()), (500, code));
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_message_is_handled_to_its_end_although_its_client_went_away() {
    let country = Country::start().await;
    let ask = Ask::echo("/gate");
    let listen = country.consumer.ready.client_listen;
    let mut stream = connect(listen).await;
    stream.write_all(&ask.bytes()).await.unwrap();
    eventually(async || {
        let call = country.service.last_call();
        (call.header("x-road-id") == Some(ask.id())).then_some(())
    })
    .await;
    drop(stream);
    // Half a body, and gone.
    let half = Ask::new("POST", ECHO).body(bytes(1_000)).bytes();
    let mut stream = connect(listen).await;
    stream.write_all(&half[..half.len() - 500]).await.unwrap();
    drop(stream);
    country.good().await;
    country.service.open_gate(1);
    country.note_answered(ask.id());
    country.end().await;
}
