//! A central server that runs, and what tests ask of it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use sim_central_server::{CentralServerConfig, Error, Ready, Summary, run};
use sim_clock::Clock;
use sim_global_configuration::{Anchor, ConfigurationClient, GlobalConfiguration};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long anything may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) ready: Ready,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Summary, Error>>,
}

impl Running {
    pub(crate) async fn start(config: CentralServerConfig) -> Self {
        let (told, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            // A dropped sender stops the server as well.
            let _ = stopped.await;
        };
        let task = tokio::spawn(run(config, |ready| told.send(ready).unwrap(), shutdown));
        let ready = tokio::time::timeout(DEADLINE, ready).await.unwrap();
        match ready {
            Ok(ready) => Self { ready, stop, task },
            Err(_) => panic!("the server did not start: {:?}", task.await),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.ready.listen)
    }

    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::parse(self.ready.anchor_xml.as_bytes()).unwrap()
    }

    pub(crate) fn client(&self) -> ConfigurationClient {
        ConfigurationClient::new(self.anchor(), Clock::wall(), Duration::from_millis(20))
    }

    pub(crate) async fn configuration(&self) -> GlobalConfiguration {
        self.client().fetch_once().await.unwrap()
    }

    /// Sends one request and returns status, content type and body.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: impl Into<Bytes>,
    ) -> (StatusCode, String, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "cs");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let stream = TcpStream::connect(self.ready.listen).await.unwrap();
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (status, content_type.unwrap_or_default(), body)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String, String) {
        self.ask("GET", path, None, "").await
    }

    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        let outcome = tokio::time::timeout(DEADLINE, self.task).await.unwrap();
        outcome.unwrap().unwrap()
    }
}
