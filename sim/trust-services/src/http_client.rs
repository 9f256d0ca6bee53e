//! One HTTP request over a connection of its own: trust services talk to each other seldom.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// No answer of a trust service is longer, in bytes.
const MAX_ANSWER_LEN: usize = 64 * 1024;
/// How long a whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why there is no answer to a request.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address is not an `http://` URL.
    #[error("read URL `{0}`: it must be http://host:port")]
    Url(String),
    /// Nobody listens there.
    #[error("connect to {0}")]
    Connect(String, #[source] std::io::Error),
    /// The connection broke.
    #[error("exchange with {0}")]
    Exchange(String, #[source] hyper::Error),
    /// The answer's body did not come whole, or is too long.
    #[error("read the answer of {0}")]
    Body(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The exchange took too long.
    #[error("wait for {url}: no answer within {} s", TIMEOUT.as_secs())]
    Timeout {
        /// Who was asked.
        url: String,
    },
}

/// What is asked.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: Bytes,
}

impl<'a> Call<'a> {
    pub(crate) fn get(url: &'a str) -> Self {
        Self {
            method: Method::GET,
            url,
            token: None,
            content_type: None,
            body: Bytes::new(),
        }
    }

    /// Sends the request, and waits for the whole answer.
    pub(crate) async fn send(self) -> Result<(StatusCode, Bytes), CallError> {
        let url = self.url.to_owned();
        tokio::time::timeout(TIMEOUT, self.exchange())
            .await
            .unwrap_or(Err(CallError::Timeout { url }))
    }

    async fn exchange(self) -> Result<(StatusCode, Bytes), CallError> {
        let url = self.url;
        let bad_url = || CallError::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad_url())?;
        let authority = uri.authority().ok_or_else(bad_url)?;
        if uri.scheme_str() != Some("http") {
            return Err(bad_url());
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80)))
            .await
            .map_err(|error| CallError::Connect(url.to_owned(), error))?;
        let broken = |error| CallError::Exchange(url.to_owned(), error);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // The connection ends with its sender, at the latest when this exchange is over.
        tokio::spawn(connection);

        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(self.method)
            .uri(path)
            .header(HOST, authority.as_str());
        if let Some(token) = self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(content_type) = self.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Full::new(self.body)).map_err(|_| bad_url())?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MAX_ANSWER_LEN)
            .collect()
            .await
            .map_err(|error| CallError::Body(url.to_owned(), error))?;
        Ok((status, body.to_bytes()))
    }
}
