//! Registries as they run in a country, and an exchange that leads from one to the other.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;
use sim_http_client::{Bounds, once};
use sim_journal::JournalReader;
use sim_population::{Ages, Population, PopulationPlan, iso_date};
use sim_registry::{
    AskedService, CitizensSide, Error, ExchangeAccess, Kind, Lies, RegisteredPopulation,
    RegistryConfig, Summary,
};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const PEOPLE: u64 = 2_000;
pub(crate) const SEED: u64 = 11;
pub(crate) const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 1 << 20,
    within: Duration::from_secs(30),
};
pub(crate) const PORTAL: &str = "EE/GOV/70006317/portal";
pub(crate) const POPULATION: &str = "EE/GOV/70008440/rr";
pub(crate) const SOCIAL_INSURANCE: &str = "EE/GOV/70001975/skais2";
pub(crate) const HEALTH: &str = "EE/GOV/70009770/digilugu";
pub(crate) const CONSENTS: &str = "EE/GOV/70006317/consent";
pub(crate) const INSURER: &str = "EE/COM/10000003/policies";

/// A registry that runs.
pub(crate) struct Registry {
    pub(crate) url: String,
    pub(crate) population: Population,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Summary, Error>>,
    folder: TempDir,
}

/// Passes messages on to the registries that it knows, as their security servers would.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) url: String,
    places: Arc<Mutex<HashMap<String, String>>>,
}

/// People of the tests' country.
pub(crate) fn plan() -> PopulationPlan {
    PopulationPlan {
        ages: Ages::All,
        ..PopulationPlan::pensioners(PEOPLE, 4, iso_date::parse("2026-02-05").unwrap())
    }
}

/// What a registry of this kind is told, which keeps everything in `folder`.
pub(crate) fn config(kind: Kind, folder: &Path) -> RegistryConfig {
    RegistryConfig {
        listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        database: folder.join("database"),
        population: RegisteredPopulation {
            seed: SEED,
            plan: plan(),
        },
        lies: Lies::default(),
        kind,
        service_demand: None,
        citizens: Some(CitizensSide {
            country: "EE".to_owned(),
            tracker: folder.join("tracker"),
            exchange: None,
            by_consent: Vec::new(),
            legal_exceptions: Vec::new(),
            curious_officials: 0,
        }),
    }
}

// === impl Registry ===

impl Registry {
    /// A registry that asks nobody.
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::with(kind, |_| {}).await
    }

    /// A registry whose citizens' side differs by what `change` makes of it.
    pub(crate) async fn with(kind: Kind, change: impl FnOnce(&mut CitizensSide)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(kind, folder.path());
        change(config.citizens.as_mut().unwrap());
        Self::run(config, folder).await
    }

    /// A registry that asks over `exchange` as `client`.
    pub(crate) async fn asking(
        kind: Kind,
        exchange: &Exchange,
        client: &str,
        change: impl FnOnce(&mut CitizensSide),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(kind, folder.path());
        let side = config.citizens.as_mut().unwrap();
        side.exchange = Some(exchange.access(client, &folder.path().join("ledger")));
        change(side);
        let registry = Self::run(config, folder).await;
        exchange.leads_to(client, &registry);
        registry
    }

    pub(crate) async fn run(config: RegistryConfig, folder: TempDir) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let population = Population::new(SEED, config.population.plan.clone()).unwrap();
        let task = tokio::spawn(sim_registry::run(
            config,
            move |ready| tell.send(ready).unwrap(),
            async move { stopped.await.unwrap() },
        ));
        let url = format!("http://{}", told.await.unwrap().listen);
        Self {
            url,
            population,
            stop,
            task,
            folder,
        }
    }

    /// A call by the portal.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        user: &str,
        body: Value,
    ) -> (u16, Value) {
        self.send_as(PORTAL, method, path, user, body).await
    }

    pub(crate) async fn send_as(
        &self,
        client: &str,
        method: Method,
        path: &str,
        user: &str,
        body: Value,
    ) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("X-Road-Client", client)
            .header("X-Road-UserId", user)
            .header("X-Road-Id", "portal-1")
            .body(Bytes::from(body))
            .unwrap();
        let answer = once(request, BOUNDS).await.unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap();
        (answer.status.as_u16(), body)
    }

    /// A read by the person themselves.
    pub(crate) async fn own(&self, service: &str, id: &str) -> Value {
        let path = format!("/{service}/{id}");
        let (status, body) = self
            .send(Method::GET, &path, &format!("EE{id}"), Value::Null)
            .await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// What the data tracker tells somebody.
    pub(crate) async fn usages(&self, id: &str, more: &str) -> (u16, Value) {
        let path = format!("/findUsage/v2/findUsage?userCode=EE{id}{more}");
        self.send(Method::GET, &path, &format!("EE{id}"), Value::Null)
            .await
    }

    pub(crate) fn id(&self, index: u64) -> String {
        self.population.national_id(index).to_string()
    }

    /// The first one of such an age who is alive.
    pub(crate) fn somebody(&self, wanted: impl Fn(u32) -> bool) -> u64 {
        (0..PEOPLE)
            .find(|index| {
                wanted(self.population.age(*index)) && !self.population.is_deceased(*index)
            })
            .unwrap()
    }

    /// Ends it; its folder is there as long as the guard.
    pub(crate) async fn stop(self) -> TempDir {
        self.stop_and_sum().await.0
    }

    pub(crate) async fn stop_and_sum(self) -> (TempDir, Summary) {
        self.stop.send(()).unwrap();
        let summary = self.task.await.unwrap().unwrap();
        (self.folder, summary)
    }
}

/// How many records of a kind a journal has.
pub(crate) fn records(folder: &Path, kind: u8) -> usize {
    let records = JournalReader::open(folder).unwrap();
    records
        .filter(|record| record.as_ref().unwrap().kind == kind)
        .count()
}

// === impl Exchange ===

impl Exchange {
    pub(crate) async fn open() -> Self {
        let places: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let known = Arc::clone(&places);
        let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let known = Arc::clone(&known);
            async move { pass_on(&known, request).await }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, places }
    }

    /// From now on messages for `subsystem` go to this registry.
    pub(crate) fn leads_to(&self, subsystem: &str, registry: &Registry) {
        let mut places = self.places.lock().unwrap();
        places.insert(subsystem.to_owned(), registry.url.clone());
    }

    /// What a registry is told that may ask everything.
    pub(crate) fn access(&self, client: &str, ledger: &Path) -> ExchangeAccess {
        let service = |subsystem: &str, code: &str, register: &str| {
            Some(AskedService {
                service: format!("{subsystem}/{code}"),
                register: register.to_owned(),
            })
        };
        ExchangeAccess {
            exchange_url: self.url.clone(),
            client: client.to_owned(),
            ledger: ledger.to_owned(),
            relations: service(POPULATION, "relations", "Population register"),
            consent: service(CONSENTS, "consent", "State portal"),
            validation: service(CONSENTS, "validation", "State portal"),
            health_record: service(HEALTH, "record", "Health information system"),
        }
    }
}

async fn pass_on(
    places: &Mutex<HashMap<String, String>>,
    request: axum::extract::Request,
) -> Response<axum::body::Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().as_str();
    let target = target.strip_prefix("/r1/").unwrap();
    let (end, _) = target.match_indices('/').nth(3).unwrap();
    let (subsystem, service) = target.split_at(end);
    let url = places.lock().unwrap().get(subsystem).cloned();
    let Some(url) = url else {
        return fault(StatusCode::INTERNAL_SERVER_ERROR, "server.unknownService");
    };
    let body = axum::body::to_bytes(body, BOUNDS.max_answer_bytes).await;
    let mut passed = Request::builder()
        .method(parts.method)
        .uri(format!("{url}{service}"));
    for (name, value) in &parts.headers {
        if name.as_str().starts_with("x-road-") {
            passed = passed.header(name, value);
        }
    }
    let passed = passed.body(body.unwrap()).unwrap();
    match once(passed, BOUNDS).await {
        Ok(answer) => Response::builder()
            .status(answer.status)
            .body(axum::body::Body::from(answer.body))
            .unwrap(),
        Err(_) => fault(StatusCode::BAD_GATEWAY, "server.networkError"),
    }
}

fn fault(status: StatusCode, code: &str) -> Response<axum::body::Body> {
    Response::builder()
        .status(status)
        .header("x-road-error", code)
        .body(axum::body::Body::from(r#"{"type":"fault"}"#))
        .unwrap()
}
