//! A register that runs within the test, and a client for it.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sim_population::{Population, PopulationPlan, iso_date};
use sim_registry::{Error, Lies, Ready, RegisteredPopulation, RegistryConfig, Summary};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) const PEOPLE: u64 = 2_000;
pub(crate) const DECEASED: u64 = 40;
/// Far longer than anything here takes: a test that hangs fails instead.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Running {
    pub(crate) population: Population,
    pub(crate) ready: Ready,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Summary, Error>>,
    _folder: TempDir,
}

pub(crate) struct Client {
    connection: SendRequest<Full<Bytes>>,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

pub(crate) fn registered() -> RegisteredPopulation {
    let reference_date = iso_date::parse("2026-02-05").unwrap();
    let plan = PopulationPlan::pensioners(PEOPLE, DECEASED, reference_date);
    RegisteredPopulation { seed: 11, plan }
}

pub(crate) fn config(folder: &TempDir, lies: Lies) -> RegistryConfig {
    RegistryConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        database: folder.path().join("register"),
        population: registered(),
        lies,
        kind: sim_registry::Kind::PopulationRegister,
        service_demand: None,
        citizens: None,
    }
}

impl Running {
    pub(crate) async fn start(lies: Lies) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder, lies);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let task = tokio::spawn(sim_registry::run(
            config,
            move |ready| tell.send(ready).unwrap(),
            async move { stopped.await.unwrap() },
        ));
        let ready = timeout(DEADLINE, told).await.unwrap().unwrap();
        let RegisteredPopulation { seed, plan } = registered();
        let population = Population::new(seed, plan).unwrap();
        Self {
            population,
            ready,
            stop,
            task,
            _folder: folder,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        let stream = TcpStream::connect(self.ready.listen).await.unwrap();
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        Client { connection }
    }

    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        timeout(DEADLINE, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let population = &self.population;
        (0..population.len())
            .map(|index| population.national_id(index).to_string())
            .collect()
    }

    /// What is true of `ids`, as the register should put it.
    pub(crate) fn truth(&self, ids: &[String]) -> Value {
        let (mut deceased, mut unknown) = (Vec::new(), Vec::new());
        for id in ids {
            match self.population.index_of(id) {
                None => unknown.push(json!(id)),
                Some(index) => {
                    if let Some(on) = self.population.status(index).died_on() {
                        deceased.push(json!({"id": id, "died_on": iso_date::to_text(on)}));
                    }
                }
            }
        }
        json!({"deceased": deceased, "unknown": unknown})
    }
}

impl Client {
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: impl Into<Bytes>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "register")
            // What a security server forwards; a register has no use for it.
            .header("x-road-client", "EE/GOV/70000310/pensions")
            .header("x-road-service", "EE/GOV/70008440/rr/liveness")
            .header("x-road-id", "29f4d1c4")
            .body(Full::new(body.into()))
            .unwrap();
        self.connection.ready().await.unwrap();
        let reply = timeout(DEADLINE, self.connection.send_request(request))
            .await
            .unwrap()
            .unwrap();
        let status = reply.status();
        let content_type = reply.headers()["content-type"].to_str().unwrap().to_owned();
        let body = reply.into_body().collect().await.unwrap().to_bytes();
        Reply {
            status,
            content_type,
            body,
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, Bytes::new()).await
    }

    pub(crate) async fn ask(&mut self, ids: &[String]) -> Value {
        let reply = self
            .send("POST", "/liveness", json!({ "ids": ids }).to_string())
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.body);
        assert_eq!(reply.content_type, "application/json");
        reply.json()
    }
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
