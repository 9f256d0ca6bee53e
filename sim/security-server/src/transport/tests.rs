//! The transport over real sockets: two security servers on loopback.

mod connections;
mod handshakes;
mod ocsp;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, DnType};
use sim_clock::Clock;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::multipart::{MessageParts, OutgoingMessage, RequestHeaders};
use super::peers::{PeerOptions, Peers};
use super::tls::{Acceptor, Credentials, IsRegistered, TlsOffer};
use crate::config::StageAccounting;
use crate::stages::Stages;

/// A security server's authentication key and certificate.
struct Owner {
    key: SigningKey,
    certificate: Certificate,
}

impl Owner {
    fn new(name: &str) -> Self {
        let key = SigningKey::generate().expect("keys can be made");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).expect("the key can sign");
        let certificate = Certificate::parse(certificate.der().to_vec()).expect("it is DER");
        Self { key, certificate }
    }

    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            certificate: &self.certificate,
            key_pkcs8: self.key.to_pkcs8_der(),
        }
    }

    fn peers(&self, options: PeerOptions) -> Peers {
        let clock = Clock::wall();
        let stages = Arc::new(Stages::new(StageAccounting::On, clock));
        let offer = TlsOffer::everything();
        Peers::new(&self.credentials(), &offer, options, clock, stages)
            .expect("key fits certificate")
    }

    /// An acceptor that knows only `client`.
    fn acceptor(&self, client: &Self) -> Acceptor {
        let known = client.certificate.sha256();
        let registered: IsRegistered = Arc::new(move |hash| *hash == known);
        Acceptor::for_security_servers(&self.credentials(), &TlsOffer::everything(), registered)
            .expect("key fits certificate")
    }
}

/// What a test server has seen, and the way to make it hang up.
#[derive(Default)]
struct Observed {
    handshakes: AtomicUsize,
    requests: AtomicUsize,
    hang_up: Notify,
}

impl Observed {
    fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Serves `answer` on loopback; every notification of `hang_up` ends the open connection.
async fn serve<Answer>(
    acceptor: Acceptor,
    answer: impl Fn(Request<Incoming>, Certificate) -> Answer + Clone + Send + Sync + 'static,
) -> (SocketAddr, Arc<Observed>)
where
    Answer: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be bound");
    let address = listener.local_addr().expect("it is bound");
    let observed = Arc::new(Observed::default());
    let seen = Arc::clone(&observed);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let Ok((stream, certificate)) = acceptor.accept(stream).await else {
                    return;
                };
                seen.handshakes.fetch_add(1, Ordering::SeqCst);
                let certificate = certificate.expect("a certificate is required");
                let service = service_fn(|request| {
                    seen.requests.fetch_add(1, Ordering::SeqCst);
                    let answered = answer(request, certificate.clone());
                    async { Ok::<_, Infallible>(answered.await) }
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::select! {
                    _ = connection => {}
                    () = seen.hang_up.notified() => {}
                }
            });
        }
    });
    (address, observed)
}

fn options() -> PeerOptions {
    PeerOptions {
        read_timeout: Some(Duration::from_secs(20)),
        max_answer_bytes: 1024 * 1024,
        max_connections: 100,
        max_idle_per_peer: 10,
    }
}

fn parts() -> MessageParts<'static> {
    static HEAD: Bytes = Bytes::from_static(b"GET\r\n/r1/EE/GOV/1/a/s\r\n");
    static BODY: Bytes = Bytes::from_static(b"body");
    static SIGNATURE: Bytes = Bytes::from_static(b"<signature/>");
    MessageParts {
        ocsp_responses: &[],
        head: &HEAD,
        body: Some(&BODY),
        hash_chain: None,
        signature: &SIGNATURE,
    }
}

fn message() -> OutgoingMessage {
    let headers = RequestHeaders {
        request_id: "r-1",
        original_content_type: "",
    };
    OutgoingMessage::request(&headers, &parts())
}

/// Waits until `condition` holds; fails the test where it never does.
async fn eventually(mut condition: impl FnMut() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .expect("the condition holds soon");
}
