//! Exchanges over kept connections, and what happens when they break.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use sim_domain::fault::FaultCode;
use sim_evidence::certificate::Certificate;
use sim_http1::Headers;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Owner, eventually, message, options, parts, serve};
use crate::transport::multipart::{OutgoingMessage, ParsedAnswer, parse_request};
use crate::transport::peers::{PeerOptions, TransportError};

/// A server that takes the message apart and answers with one that has the same body.
async fn echo(request: Request<Incoming>, _: Certificate) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .expect("the request is complete")
        .to_bytes();
    let lines = head.headers.iter();
    let lines: Vec<_> = lines
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let received = parse_request(&Headers::of(&lines), &body).expect("the request is a message");
    assert_eq!(head.uri.path(), "/");
    let answer = OutgoingMessage::response(&super::MessageParts {
        body: received.body.as_ref(),
        ..parts()
    });
    let response = answer
        .headers()
        .fold(Response::builder(), |response, (name, value)| {
            response.header(name, value)
        });
    response
        .body(Full::from(answer.body().concat()))
        .expect("a message's headers are headers")
}

#[tokio::test]
async fn messages_travel_over_one_kept_connection() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let expected = client.certificate.clone();
    let (address, observed) = serve(server.acceptor(&client), move |request, certificate| {
        assert_eq!(certificate, expected);
        echo(request, certificate)
    })
    .await;
    let peers = client.peers(options());
    for _ in 0..3 {
        let connection = peers.open("127.0.0.1", address.port()).await.unwrap();
        assert_eq!(*connection.peer_certificate(), server.certificate);
        let answer = connection.exchange(&message()).await.unwrap();
        let ParsedAnswer::Message(answer) = answer.parse().unwrap() else {
            panic!("the answer is a fault");
        };
        assert_eq!(answer.body.as_deref(), Some(&b"body"[..]));
    }
    assert_eq!((observed.handshakes(), observed.requests()), (1, 3));
    assert_eq!(peers.idle_connections(), 1);
}

#[tokio::test]
async fn without_reuse_each_message_has_a_handshake_of_its_own() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let (address, observed) = serve(server.acceptor(&client), echo).await;
    let peers = client.peers(PeerOptions {
        max_idle_per_peer: 0,
        ..options()
    });
    for _ in 0..3 {
        let connection = peers.open("127.0.0.1", address.port()).await.unwrap();
        connection.exchange(&message()).await.unwrap();
        assert_eq!(peers.idle_connections(), 0);
    }
    assert_eq!((observed.handshakes(), observed.requests()), (3, 3));
}

#[tokio::test]
async fn no_more_connections_are_open_than_allowed() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let (address, _) = serve(server.acceptor(&client), echo).await;
    let peers = client.peers(PeerOptions {
        max_connections: 1,
        ..options()
    });
    let only = peers.open("127.0.0.1", address.port()).await.unwrap();
    let one_more = peers.open("127.0.0.1", address.port()).await.map(|_| ());
    assert!(matches!(one_more, Err(TransportError::TooManyConnections)));
    only.exchange(&message()).await.unwrap();
    peers.open("127.0.0.1", address.port()).await.unwrap();
}

#[tokio::test]
async fn connections_under_way_are_not_shared() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let (address, observed) = serve(server.acceptor(&client), echo).await;
    let peers = client.peers(options());
    let first = peers.open("127.0.0.1", address.port()).await.unwrap();
    let second = peers.open("127.0.0.1", address.port()).await.unwrap();
    let (sent, message) = (message(), message());
    let (first, second) = tokio::join!(first.exchange(&sent), second.exchange(&message));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!((observed.handshakes(), peers.idle_connections()), (2, 2));
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let (address, observed) = serve(server.acceptor(&client), echo).await;
    let peers = client.peers(options());
    let open = || peers.open("127.0.0.1", address.port());
    open().await.unwrap().exchange(&message()).await.unwrap();

    // Closed between two exchanges.
    assert_eq!(peers.idle_connections(), 1);
    observed.hang_up.notify_one();
    eventually(|| peers.idle_connections() == 0).await;
    open().await.unwrap().exchange(&message()).await.unwrap();

    // Closed between taking and sending.
    let mut taken = open().await.unwrap();
    observed.hang_up.notify_one();
    eventually(|| taken.is_closed()).await;
    taken.exchange(&message()).await.unwrap();
    assert_eq!((observed.requests(), observed.handshakes()), (3, 3));
}

#[tokio::test]
async fn a_replacement_must_show_the_same_certificate() {
    let (client, server, other) = (
        Owner::new("client"),
        Owner::new("server"),
        Owner::new("other"),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptors = [server.acceptor(&client), other.acceptor(&client)];
    let peers = client.peers(options());
    let (hang_up, hung_up) = oneshot::channel();
    tokio::spawn(async move {
        let mut hung_up = Some(hung_up);
        for acceptor in acceptors {
            let (stream, _) = listener.accept().await.unwrap();
            let (mut stream, _) = acceptor.accept(stream).await.unwrap();
            let Some(hung_up) = hung_up.take() else {
                continue;
            };
            let mut request = [0; 4096];
            assert!(
                stream.read(&mut request).await.unwrap() > 0,
                "a request came"
            );
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
            hung_up.await.unwrap();
        }
    });
    let first = peers.open("127.0.0.1", address.port()).await.unwrap();
    first.exchange(&message()).await.unwrap();
    let mut taken = peers.open("127.0.0.1", address.port()).await.unwrap();
    assert_eq!(*taken.peer_certificate(), server.certificate);
    hang_up.send(()).unwrap();
    eventually(|| taken.is_closed()).await;
    let refused = taken.exchange(&message()).await.unwrap_err();
    assert!(
        matches!(refused, TransportError::CertificateChanged(_)),
        "{refused}"
    );
    let code = refused.fault_code(FaultCode::client_proxy);
    assert_eq!(
        code.canonical(),
        "server.clientproxy.ssl_authentication_failed"
    );
}

/// A server that reads one request of each connection, says `reply` and hangs up. Counts the
/// connections until it is told that the test is done.
async fn raw_server(
    server: &Owner,
    client: &Owner,
    reply: &'static [u8],
) -> (u16, oneshot::Sender<()>, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be bound");
    let port = listener.local_addr().expect("it is bound").port();
    let acceptor = server.acceptor(client);
    let (done, mut is_done) = oneshot::channel();
    let counted = tokio::spawn(async move {
        let mut connections = 0;
        loop {
            let (stream, _) = tokio::select! {
                // Whoever has connected is counted before the end is looked at.
                biased;
                accepted = listener.accept() => accepted.expect("connections can be accepted"),
                _ = &mut is_done => return connections,
            };
            connections += 1;
            let (mut stream, _) = acceptor
                .accept(stream)
                .await
                .expect("the handshake succeeds");
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.expect("a request comes");
            assert!(length > 0, "a request came");
            stream.write_all(reply).await.expect("the client reads");
            stream.shutdown().await.expect("the client reads");
        }
    });
    (port, done, counted)
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_never_repeated() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    for reply in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        b"no HTTP at all\r\n\r\n",
    ] {
        let (port, done, connections) = raw_server(&server, &client, reply).await;
        let peers = client.peers(options());
        let connection = peers.open("127.0.0.1", port).await.unwrap();
        let broken = connection.exchange(&message()).await.unwrap_err();
        assert!(matches!(broken, TransportError::Broken { .. }), "{broken}");
        let code = broken.fault_code(FaultCode::client_proxy);
        assert_eq!(code.canonical(), "server.clientproxy.io_error");
        assert_eq!(peers.idle_connections(), 0);
        done.send(()).unwrap();
        assert_eq!(connections.await.unwrap(), 1);
    }
}

#[tokio::test]
async fn answers_have_a_limit_in_size_and_time() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let (address, _) = serve(server.acceptor(&client), |_, _| async {
        Response::new(Full::from(vec![0; 5000]))
    })
    .await;
    let peers = client.peers(PeerOptions {
        max_answer_bytes: 4999,
        ..options()
    });
    let connection = peers.open("127.0.0.1", address.port()).await.unwrap();
    let refused = connection.exchange(&message()).await.unwrap_err();
    assert!(
        matches!(refused, TransportError::AnswerTooLarge(4999)),
        "{refused}"
    );
    assert_eq!(peers.idle_connections(), 0);

    let (address, observed) = serve(server.acceptor(&client), |_, _| std::future::pending()).await;
    let read_timeout = Some(Duration::from_millis(300));
    let peers = client.peers(PeerOptions {
        read_timeout,
        ..options()
    });
    let connection = peers.open("127.0.0.1", address.port()).await.unwrap();
    let refused = connection.exchange(&message()).await.unwrap_err();
    assert!(matches!(refused, TransportError::ReadTimeout), "{refused}");
    assert_eq!(refused.to_string(), "Read timed out");
    assert!(observed.requests() <= 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_network_error() {
    let client = Owner::new("client");
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = client
        .peers(options())
        .open("127.0.0.1", free.port())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(refused, TransportError::Connect { .. }),
        "{refused}"
    );
    let code = refused.fault_code(FaultCode::client_proxy);
    assert_eq!(code.canonical(), "server.clientproxy.network_error");
}
