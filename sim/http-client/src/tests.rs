//! The client against a real server on loopback.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::*;

const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 1_000,
    within: Duration::from_secs(10),
};

/// A server that echoes bodies, tells callers their own address, and says too much.
async fn server() -> SocketAddr {
    let caller = |ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.to_string() };
    let app = Router::new()
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/caller", get(caller))
        .route("/long", get(|| async { "x".repeat(1_001) }))
        .route("/never", get(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn request(method: &str, url: String, body: &'static str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(url)
        .body(Bytes::from(body))
        .unwrap()
}

#[tokio::test]
async fn bodies_arrive_whole_in_both_directions() {
    let server = server().await;
    let answer = once(
        request("POST", format!("http://{server}/echo"), "asked"),
        BOUNDS,
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, http::StatusCode::OK);
    assert_eq!(answer.body, "asked");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call() {
    let server = server().await;
    let client = HttpClient::default();
    let ask = async || {
        let request = request("GET", format!("http://{server}/caller"), "");
        client.call(request, BOUNDS).await.unwrap().body
    };
    assert_eq!(ask().await, ask().await);
}

#[tokio::test]
async fn what_is_too_long_or_too_slow_is_an_error() {
    let server = server().await;
    let refusal = once(request("GET", format!("http://{server}/long"), ""), BOUNDS).await;
    assert!(
        matches!(refusal, Err(HttpClientError::TooLarge(1_000))),
        "{refusal:?}"
    );
    let hurried = Bounds {
        within: Duration::from_millis(50),
        ..BOUNDS
    };
    let refusal = once(
        request("GET", format!("http://{server}/never"), ""),
        hurried,
    )
    .await;
    assert!(
        matches!(refusal, Err(HttpClientError::ReadTimeout)),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn only_plain_http_to_a_named_host_is_possible() {
    for url in ["https://host/x", "/x"] {
        let refusal = once(request("GET", url.to_owned(), ""), BOUNDS).await;
        assert!(
            matches!(refusal, Err(HttpClientError::Url(_))),
            "{url}: {refusal:?}"
        );
    }
    let refusal = once(request("GET", "http://127.0.0.1:1/".to_owned(), ""), BOUNDS).await;
    assert!(
        matches!(refusal, Err(HttpClientError::Connect { .. })),
        "{refusal:?}"
    );
}
