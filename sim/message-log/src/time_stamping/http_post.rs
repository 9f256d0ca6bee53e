//! One HTTP POST on a connection of its own: a request a minute is not worth a pool.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::InvalidUri;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// X-Road's `timestamper-client-connect-timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// X-Road's `timestamper-client-read-timeout`, for the whole exchange here.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer: a token with certificates takes a few kilobytes.
const MAX_ANSWER_BYTES: usize = 256 << 10;

/// An authority could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The address is no URL.
    #[error("address is no URL")]
    Address(#[from] InvalidUri),
    /// The address is not `http://host[:port]/...`.
    #[error("address is not one of plain HTTP")]
    Scheme,
    /// No connection could be made.
    #[error("no connection")]
    Connect(#[source] io::Error),
    /// The exchange broke off.
    #[error("exchange broke off")]
    Exchange(#[from] hyper::Error),
    /// The answer is too long or broke off.
    #[error("answer is too long or broke off: {0}")]
    Body(String),
    /// The answer is not 200.
    #[error("answer has status {0}")]
    Status(StatusCode),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
}

/// Posts a time-stamp query and returns the body of a 200.
pub(super) async fn post(url: &str, query: Bytes) -> Result<Bytes, PostError> {
    let uri: Uri = url.parse()?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(PostError::Scheme);
    };
    let address = (
        authority.host().trim_matches(['[', ']']),
        authority.port_u16().unwrap_or(80),
    );
    let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
        .await
        .map_err(|_| PostError::TimedOut)?
        .map_err(PostError::Connect)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/timestamp-query")
        .body(Full::new(query))
        .expect("every part was taken from a valid URI");
    timeout(EXCHANGE_TIMEOUT, exchange(stream, request))
        .await
        .map_err(|_| PostError::TimedOut)?
}

async fn exchange(stream: TcpStream, request: Request<Full<Bytes>>) -> Result<Bytes, PostError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Driven here and not on a task of its own: nothing outlives a timeout.
    let answer = async {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(PostError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await;
        Ok(body
            .map_err(|error| PostError::Body(error.to_string()))?
            .to_bytes())
    };
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        // The connection may end before its last bytes were read from the body.
        ended = connection => match ended {
            Ok(()) => answer.await,
            Err(error) => Err(error.into()),
        },
    }
}
