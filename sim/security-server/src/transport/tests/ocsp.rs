//! The OCSP channel, both sides of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sim_clock::Clock;
use sim_http1::ServerConnection;
use tokio::net::{TcpListener, TcpStream};

use super::Owner;
use crate::transport::ocsp_channel::{CertificateHash, OcspChannelError, answer, fetch};

const RESPONSE: &[u8] = b"\x30\x03\x0a\x01\x00\r\n--";

async fn serve(owner: Arc<Owner>, keep_alive: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be bound");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut http = ServerConnection::new(stream, Clock::wall());
            while let Ok(Some(request)) = http.next(Duration::from_secs(10)).await {
                let found = answer(&request.head, |hash| find(&owner, hash));
                if !request.answer(found, !keep_alive).await.unwrap_or(false) {
                    break;
                }
            }
        }
    });
    port
}

/// What the channel answers, seen by a client that is none of ours.
async fn ask(port: u16, method: Method, target: &str) -> (StatusCode, Bytes) {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder().method(method).uri(target);
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status();
    (
        status,
        answer.into_body().collect().await.unwrap().to_bytes(),
    )
}

fn find(owner: &Owner, hash: CertificateHash) -> Option<Bytes> {
    hash.names(&owner.certificate)
        .then(|| Bytes::from_static(RESPONSE))
}

#[tokio::test]
async fn a_servers_response_is_fetched() {
    let owner = Arc::new(Owner::new("server"));
    for keep_alive in [true, false] {
        let port = serve(Arc::clone(&owner), keep_alive).await;
        let fetched = fetch("127.0.0.1", port, &owner.certificate).await.unwrap();
        assert_eq!(fetched, RESPONSE);
        let other = Owner::new("other");
        let refused = fetch("127.0.0.1", port, &other.certificate)
            .await
            .unwrap_err();
        let expected = StatusCode::INTERNAL_SERVER_ERROR;
        assert!(
            matches!(refused, OcspChannelError::Status { status, .. } if status == expected),
            "{refused}"
        );
    }
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let refused = fetch("127.0.0.1", free, &owner.certificate)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, OcspChannelError::Connect { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn certificates_are_named_by_either_hash() {
    let owner = Arc::new(Owner::new("server"));
    let port = serve(Arc::clone(&owner), false).await;
    let sha1 = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        owner.certificate.der(),
    );
    let (sha1, sha256) = (hex::encode(sha1), hex::encode(owner.certificate.sha256()));
    let unknown = "00".repeat(20);
    let many = vec![format!("cert={sha1}"); 17].join("&");
    for (query, status, parts) in [
        (format!("cert={sha1}"), 200, 1),
        (format!("cert_hash={sha256}"), 200, 1),
        (format!("cert={sha1}&cert_hash={sha256}"), 200, 1),
        (format!("cert={sha1}&cert={sha1}&other=x"), 200, 2),
        (format!("cert={}", sha1.to_uppercase()), 200, 1),
        (format!("cert={unknown}"), 500, 0),
        (format!("cert={sha1}&cert={unknown}"), 500, 0),
        (format!("cert={sha256}"), 500, 0),
        ("cert=zz".to_owned(), 500, 0),
        ("cert".to_owned(), 500, 0),
        (String::new(), 500, 0),
        (many, 500, 0),
    ] {
        let (answered, body) = ask(port, Method::GET, &format!("/?{query}")).await;
        assert_eq!(answered, status, "{query}");
        let found = body
            .windows(RESPONSE.len())
            .filter(|bytes| *bytes == RESPONSE)
            .count();
        assert_eq!(found, parts, "{query}");
    }
}

#[tokio::test]
async fn a_heartbeat_is_answered_and_nothing_else() {
    let port = serve(Arc::new(Owner::new("server")), true).await;
    for (method, status) in [
        (Method::HEAD, 200),
        (Method::POST, 405),
        (Method::DELETE, 405),
    ] {
        assert_eq!(ask(port, method, "/").await.0, status);
    }
}
