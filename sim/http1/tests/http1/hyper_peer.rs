//! hyper as the other side, in both directions.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sim_http1::{ClientConnection, OutgoingRequest};
use tokio::net::{TcpListener, TcpStream};

use crate::serve;

/// A body whose length hyper does not know, so that it sends chunks.
struct Chunks(VecDeque<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|chunk| Ok(Frame::data(chunk))))
    }
}

fn chunks(content: &Bytes) -> BoxBody<Bytes, Infallible> {
    let chunks = content.chunks(1_000);
    Chunks(chunks.map(|chunk| content.slice_ref(chunk)).collect()).boxed()
}

/// Two ends of one TCP connection.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback can be bound");
    let address = listener.local_addr().expect("it is bound");
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.expect("it connects"), far.expect("it is accepted").0)
}

#[tokio::test]
async fn hyper_asks() {
    let (near, far) = connection().await;
    let server = tokio::spawn(serve(far));
    let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(near))
        .await
        .unwrap();
    tokio::spawn(driver);
    let long = Bytes::from(vec![b'x'; 60_000]);
    for (method, target, body, status, expected) in [
        (Method::GET, "/", Empty::new().boxed(), 200, Bytes::new()),
        (
            Method::POST,
            "/",
            Full::new(long.clone()).boxed(),
            200,
            long.clone(),
        ),
        (Method::PUT, "/", chunks(&long), 200, long.clone()),
        (Method::POST, "/", chunks(&Bytes::new()), 200, Bytes::new()),
        (Method::HEAD, "/", Empty::new().boxed(), 200, Bytes::new()),
        (
            Method::POST,
            "/status/204",
            chunks(&long),
            204,
            Bytes::new(),
        ),
        (
            Method::GET,
            "/status/404",
            Empty::new().boxed(),
            404,
            Bytes::new(),
        ),
        // Longer than the server takes, but short enough to be discarded.
        (
            Method::POST,
            "/",
            Full::from(vec![b'x'; 70_000]).boxed(),
            413,
            "the body holds more than 65536 bytes".into(),
        ),
        (Method::GET, "/", Empty::new().boxed(), 200, Bytes::new()),
    ] {
        let request = Request::builder()
            .method(&method)
            .uri(target)
            .header("host", "h");
        sender.ready().await.unwrap();
        let answer = sender
            .send_request(request.body(body).unwrap())
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["seen"], method.as_str());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, expected, "{method} {target}");
    }
    drop(sender);
    assert_eq!(server.await.unwrap(), None);
}

/// Sends back what came: in chunks, as a whole, or up to the connection's end.
async fn echo(
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .expect("the request is whole")
        .to_bytes();
    let answer = Response::builder().header("X-Method", head.method.as_str());
    let answer = match head.uri.path() {
        "/chunks" => answer.body(chunks(&body)),
        "/close" => answer
            .header("connection", "close")
            .body(Full::new(body).boxed()),
        "/none" => answer
            .status(StatusCode::NO_CONTENT)
            .body(Empty::new().boxed()),
        _ => answer.body(Full::new(body).boxed()),
    };
    Ok(answer.expect("it is an answer"))
}

#[tokio::test]
async fn hyper_answers() {
    let (near, far) = connection().await;
    let server = hyper::server::conn::http1::Builder::new();
    tokio::spawn(server.serve_connection(TokioIo::new(far), service_fn(echo)));
    let mut client = ClientConnection::new(near);
    let long = vec![b'x'; 60_000];
    for (method, target, body, expected) in [
        ("GET", "/", &b""[..], &b""[..]),
        ("POST", "/", &long, &long),
        ("POST", "/chunks", &long, &long),
        ("POST", "/chunks", b"", b""),
        ("HEAD", "/chunks", b"", b""),
        ("HEAD", "/", b"", b""),
        ("DELETE", "/none", b"", b""),
        ("GET", "/", b"with a body", b"with a body"),
        ("PUT", "/close", &long, &long),
    ] {
        assert!(client.is_open());
        // Two pieces, so that more than one is sent.
        let (first, second) = body.split_at(body.len() / 2);
        let pieces = [first, second].map(Bytes::copy_from_slice).into();
        let headers = [("Host", &b"h"[..])];
        let request = OutgoingRequest::new(method, target, headers, pieces).unwrap();
        let answer = client.exchange(&request, long.len()).await.unwrap();
        assert!(answer.status.is_success());
        assert_eq!(answer.headers.text("x-method"), Some(method));
        assert_eq!(answer.body, expected, "{method} {target}");
    }
    assert!(!client.is_open(), "the server has said so");
}
