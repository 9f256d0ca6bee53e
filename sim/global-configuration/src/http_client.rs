//! One bounded HTTP request on one connection: all that downloads and management requests need.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;

/// Longest wait for a connection, as X-Road's configuration client has it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the whole answer, as X-Road's configuration client has it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a request got no usable answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Not an absolute `http://` URL.
    #[error("use `{0}`: not an absolute http URL")]
    Url(String),
    /// No connection.
    #[error("connect to {host}")]
    Connect {
        /// Host and port.
        host: String,
        /// Why.
        source: std::io::Error,
    },
    /// The time for connecting or for answering is over.
    #[error("{doing} {host}: nothing within {} s", limit.as_secs())]
    Timeout {
        /// What was being done.
        doing: &'static str,
        /// Host and port.
        host: String,
        /// The time allowed.
        limit: Duration,
    },
    /// The connection broke, or what came over it is not HTTP.
    #[error("exchange HTTP messages with {host}")]
    Exchange {
        /// Host and port.
        host: String,
        /// Why.
        source: hyper::Error,
    },
    /// The answer breaks off, or is longer than accepted.
    #[error("read the answer of {host}: {reason}")]
    Body {
        /// Host and port.
        host: String,
        /// Why.
        reason: String,
    },
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// Gets `url`; an answer of more than `limit` bytes is an error.
pub(crate) async fn get(url: &str, limit: usize) -> Result<Answer, HttpError> {
    send(Request::get(url), url, Bytes::new(), limit).await
}

/// Sends `request` for `url` with `body`; an answer of more than `limit` bytes is an error.
pub(crate) async fn send(
    request: http::request::Builder,
    url: &str,
    body: Bytes,
    limit: usize,
) -> Result<Answer, HttpError> {
    let (host, target) = split_url(url)?;
    let request = request
        .uri(target)
        .header(header::HOST, &host)
        .header(header::CONNECTION, "close")
        .body(Full::new(body))
        .map_err(|_| HttpError::Url(url.to_owned()))?;
    let stream = within(
        "connect to",
        &host,
        CONNECT_TIMEOUT,
        TcpStream::connect(&host),
    )
    .await?;
    let stream = stream.map_err(|source| HttpError::Connect {
        host: host.clone(),
        source,
    })?;
    let exchange = exchange(stream, request, &host, limit);
    within("wait for", &host, ANSWER_TIMEOUT, exchange).await?
}

async fn exchange(
    stream: TcpStream,
    request: Request<Full<Bytes>>,
    host: &str,
    limit: usize,
) -> Result<Answer, HttpError> {
    let failed = |source| HttpError::Exchange {
        host: host.to_owned(),
        source,
    };
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(failed)?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, limit).collect().await;
        let body = body.map_err(|error| HttpError::Body {
            host: host.to_owned(),
            reason: match error.downcast_ref::<LengthLimitError>() {
                Some(_) => format!("it has more than {limit} bytes"),
                None => error.to_string(),
            },
        })?;
        Ok(Answer {
            status: head.status,
            body: body.to_bytes(),
        })
    };
    // The connection moves the bytes; it has nothing to report that the answer does not.
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

async fn within<T>(
    doing: &'static str,
    host: &str,
    limit: Duration,
    future: impl Future<Output = T>,
) -> Result<T, HttpError> {
    let outcome = tokio::time::timeout(limit, future).await;
    outcome.map_err(|_| HttpError::Timeout {
        doing,
        host: host.to_owned(),
        limit,
    })
}

/// `host:port` to connect to, and the path with its query.
fn split_url(url: &str) -> Result<(String, String), HttpError> {
    let wrong = || HttpError::Url(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    if uri.scheme_str() != Some("http") {
        return Err(wrong());
    }
    let host = uri.host().ok_or_else(wrong)?;
    let port = uri.port_u16().unwrap_or(80);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    Ok((format!("{host}:{port}"), target.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split_into_host_and_target() {
        let check = |url: &str, host: &str, target: &str| {
            let expected = (host.to_owned(), target.to_owned());
            assert_eq!(split_url(url).unwrap(), expected, "{url}");
        };
        check(
            "http://127.0.0.1:4001/a/b?c=d",
            "127.0.0.1:4001",
            "/a/b?c=d",
        );
        check("http://cs", "cs:80", "/");
        check("http://[::1]:80/x", "[::1]:80", "/x");
        for wrong in ["https://cs/x", "/x", "cs", "", "http://"] {
            assert!(
                matches!(split_url(wrong), Err(HttpError::Url(_))),
                "{wrong}"
            );
        }
    }
}
