//! A whole country: stood up in dependency order, driven, drained.

mod asking;
mod citizens;
mod configs;
mod crash;
mod exchange;
mod information_system;
mod registries;
mod service_access;
mod watch;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use loadgen::LoadConfig;
use parking_lot::Mutex;
use sim_clock::Clock;
use sim_domain::SecurityServerId;
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_global_configuration::{Anchor, ConfigurationClient, FetchError};
use sim_message_log::TimeStampClient;
use sim_message_log::time_stamping::TimeStampingAuthorities;
use sim_metrics::{CitizensResult, LoadResult, ProcessUse};
use sim_scenario::Scenario;
use sim_security_server::Ready as SecurityServerReady;

use crate::addresses::NoAddresses;
use crate::lies::{self, LieError};
use crate::node::{Node, NodeError, NodeKind};
use crate::observe::{Observer, PartCpu, Watched};
use crate::run_folder::RunFolder;

use citizens::Lobby;
use watch::{first_to_end, follow};

pub(crate) use asking::Asked;
pub use citizens::CitizenPlaces;
pub(crate) use citizens::PORTAL;
pub use information_system::ClientAccess;
use information_system::Route;
pub use service_access::ServiceAccess;

/// The part that plays the service client's information system.
const LOAD_GENERATOR: &str = "load-generator";
/// The part that plays the citizens.
const CITIZENS: &str = "citizens";

/// Why a country could not be stood up, driven or drained.
#[derive(Debug, thiserror::Error)]
pub enum CountryError {
    /// No addresses for the security servers.
    #[error(transparent)]
    Addresses(#[from] NoAddresses),
    /// A part failed.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A file of the run could not be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What the central server publishes does not hold.
    #[error("the global configuration does not hold: {0}")]
    Configuration(#[from] FetchError),
    /// The anchor that the central server gave is not one.
    #[error("the central server's anchor: {0}")]
    Anchor(String),
    /// The processes could not be watched.
    #[error("cannot watch the processes: {0}")]
    Observer(io::Error),
    /// The certificate that the time-stamping authority gave is not one.
    #[error("the time-stamping authority's certificate: {0}")]
    TimeStamping(#[from] CertificateError),
    /// The information system has no certificate to show.
    #[error("cannot make the information system's certificate: {0}")]
    InformationSystem(#[from] rcgen::Error),
    /// A lie could not be planted.
    #[error(transparent)]
    Lie(#[from] LieError),
    /// There is no such security server.
    #[error("the country has no security server {0}")]
    NoSuchServer(String),
    /// The configuration that a part was started with cannot be read again.
    #[error("cannot read {path}: {source}")]
    PartConfiguration {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The scenario asks for what a live country cannot do yet.
    #[error("{0}")]
    Unsupported(String),
}

/// What a security server announced, and what it is called.
#[derive(Clone, Debug)]
pub struct RunningServer {
    /// Owner and code.
    pub id: SecurityServerId,
    /// Its address among its peers.
    pub address: std::net::IpAddr,
    /// Where it serves.
    pub ready: SecurityServerReady,
}

/// A running country. Dropping it ends every process at once; [`Country::drain`] does so in order.
pub struct Country {
    program: PathBuf,
    nodes: Vec<Node>,
    servers: Vec<RunningServer>,
    route: Route,
    service_access: ServiceAccess,
    observer: Option<Observer>,
    stamping: TimeStampingAuthorities,
    citizens: Option<CitizenPlaces>,
    citizens_met: Option<CitizensResult>,
    /// What was driven, where the scenario plants lies in its logs.
    liar: Option<(Scenario, RunFolder)>,
}

/// What a drained country leaves to the run record.
#[derive(Debug)]
pub struct Drained {
    /// CPU and memory of every part.
    pub processes: Vec<ProcessUse>,
    /// Last words of the security servers, by code.
    pub servers: BTreeMap<String, sim_security_server::Summary>,
    /// What the trust services were asked for, by everybody.
    pub trust: TrustUse,
    /// Lies that the scenario asked for and that were told, a sentence each.
    pub planted_lies: Vec<String>,
    /// What the simulated citizens met, where there were any.
    pub citizens: Option<CitizensResult>,
}

/// What the trust services were asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustUse {
    /// Statuses of certificates that the OCSP responder gave.
    pub ocsp_statuses: u64,
    /// Tokens that the time-stamping authority gave.
    pub time_stamps: u64,
}

/// How a load stands, and what it takes.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    /// How far the load is.
    pub progress: &'a loadgen::Progress,
    /// Whether it is over, and only citizens go on.
    pub is_asked: bool,
    /// How far the citizens are, where there are any.
    pub citizens: Option<loadgen_citizens::Progress>,
    /// What each part uses of a processor.
    pub cpu: Vec<PartCpu>,
}

/// What machines and citizens say of themselves, on its way to whoever watches.
struct Telling<'a> {
    progress: &'a mut (dyn FnMut(&Moment<'_>) + Send),
    observer: Option<&'a Observer>,
    load: loadgen::Progress,
    is_asked: bool,
    citizens: Option<loadgen_citizens::Progress>,
}

// === impl Country ===

impl Country {
    /// Starts every part in the order in which they need each other; `stage` is told what happens.
    pub async fn stand_up(
        scenario: &Scenario,
        folder: &RunFolder,
        program: &Path,
        stage: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Self, CountryError> {
        let plan = configs::Plan::new(scenario, folder)?;
        let in_registers = |source| CountryError::File {
            path: std::env::temp_dir(),
            source,
        };
        let registers = tempfile::tempdir().map_err(in_registers)?;
        let mut nodes = Vec::new();

        // The register takes the longest to fill and needs nobody: it starts first.
        stage("registries");
        let mut registries = Vec::new();
        for (name, config) in plan.registries(registers.path()) {
            registries.push(start(program, folder, NodeKind::Registry, &name, &config)?);
        }

        stage("trust services");
        let mut authority = start(
            program,
            folder,
            NodeKind::CertificationAuthority,
            "ca",
            &plan.authority(),
        )?;
        let authority_ready: sim_trust_services::authority::Ready = authority.ready().await?;
        let mut ocsp = start(
            program,
            folder,
            NodeKind::OcspResponder,
            "ocsp",
            &plan.ocsp(&authority_ready.url),
        )?;
        let mut tsa = start(
            program,
            folder,
            NodeKind::TimeStampingAuthority,
            "tsa",
            &plan.time_stamping(&authority_ready.url),
        )?;
        let ocsp_ready: sim_trust_services::ocsp::Ready = ocsp.ready().await?;
        let tsa_ready: sim_trust_services::time_stamping::Ready = tsa.ready().await?;
        write(
            &folder.trust().join("ca.pem"),
            &authority_ready.certificate_pem,
        )?;
        write(
            &folder.trust().join("ocsp.pem"),
            &ocsp_ready.certificate_pem,
        )?;
        write(&folder.trust().join("tsa.pem"), &tsa_ready.certificate_pem)?;

        stage("central server");
        let config = plan.central_server(&authority_ready, &ocsp_ready, &tsa_ready);
        let mut central = start(
            program,
            folder,
            NodeKind::CentralServer,
            "central-server",
            &config,
        )?;
        let central_ready: sim_central_server::Ready = central.ready().await?;
        write(
            &folder.trust().join("anchor.xml"),
            &central_ready.anchor_xml,
        )?;
        nodes.extend([authority, ocsp, tsa, central]);

        let lobby = match &scenario.portal {
            Some(portal) => {
                stage("where citizens log in");
                let tsa_pem = &tsa_ready.certificate_pem;
                Some(Lobby::open(&plan, portal, tsa_pem, program, folder).await?)
            }
            None => None,
        };

        let mut register_urls = BTreeMap::new();
        for mut registry in registries {
            let ready: sim_registry::Ready = registry.ready().await?;
            register_urls.insert(
                registry.name().to_owned(),
                format!("http://{}", ready.listen),
            );
            nodes.push(registry);
        }

        // Registers live outside the run folder and go with the country, however it ends: each
        // holds its file open, which needs no name any more.
        registers.close().map_err(in_registers)?;

        stage("security servers");
        let mut starting = Vec::new();
        for config in plan.security_servers(&authority_ready.url, &central_ready, &register_urls) {
            let name = config.id.code().to_owned();
            let node = start(program, folder, NodeKind::SecurityServer, &name, &config)?;
            starting.push((config, node));
        }
        let mut servers = Vec::new();
        for (config, mut node) in starting {
            let ready = node.ready().await?;
            servers.push(RunningServer {
                id: config.id,
                address: config.address,
                ready,
            });
            nodes.push(node);
        }
        keep_configuration(&central_ready.anchor_xml, folder).await?;
        let mut places = None;
        if let (Some(portal), Some(lobby)) = (&scenario.portal, lobby) {
            stage("portal");
            let opened =
                lobby.open_portal(scenario, portal, &servers, &tsa_ready.url, program, folder);
            let (of_citizens, found) = opened.await?;
            nodes.extend(of_citizens);
            places = Some(found);
        }
        Ok(Self {
            program: program.to_owned(),
            nodes,
            service_access: ServiceAccess::of(scenario, &register_urls)?,
            route: plan.into_route(&servers)?,
            servers,
            observer: None,
            stamping: TimeStampingAuthorities {
                urls: vec![tsa_ready.url],
                certificates: vec![Certificate::from_pem(&tsa_ready.certificate_pem)?],
            },
            citizens: places,
            citizens_met: None,
            liar: None,
        })
    }

    /// The security servers.
    #[must_use]
    pub fn servers(&self) -> &[RunningServer] {
        &self.servers
    }

    /// Where citizens find everything, where there is a portal.
    #[must_use]
    pub const fn citizen_places(&self) -> Option<&CitizenPlaces> {
        self.citizens.as_ref()
    }

    /// How the scenario's service client connects.
    #[must_use]
    pub fn client_access(&self) -> &ClientAccess {
        &self.route.access
    }

    /// Where the workload's service is to be reached without a security server.
    #[must_use]
    pub fn service_access(&self) -> &ServiceAccess {
        &self.service_access
    }

    /// What the load generator is told of the scenario's workload, for whoever wants another load
    /// of the same questions than [`Country::drive`] sends.
    #[must_use]
    pub fn load(&self, scenario: &Scenario, folder: &RunFolder) -> LoadConfig {
        configs::load(scenario, folder, &self.route)
    }

    /// Sends the scenario's workload and waits for its end; `stop` makes it end early.
    ///
    /// Every part is watched from here on. Lies of the scenario that lie in the logs are planted
    /// when the country is drained.
    pub async fn drive(
        &mut self,
        scenario: &Scenario,
        folder: &RunFolder,
        stop: impl Future<Output = ()>,
        progress: &mut (dyn FnMut(&Moment<'_>) + Send),
    ) -> Result<LoadResult, CountryError> {
        if !scenario.planted_lies.is_empty() {
            self.liar = Some((scenario.clone(), folder.clone()));
        }
        let config = self.load(scenario, folder);
        let citizens = match (&scenario.citizens, &self.citizens) {
            (Some(citizens), Some(places)) => {
                let config = citizens::citizens(scenario, citizens, places, folder);
                let kind = NodeKind::Citizens;
                Some(start(&self.program, folder, kind, CITIZENS, &config)?)
            }
            _ => None,
        };
        self.drive_both(&config, citizens, folder, stop, progress)
            .await
    }

    /// Sends a load of the caller's making and waits for its end; `stop` makes it end early.
    ///
    /// Every part is watched from here on.
    pub async fn drive_load(
        &mut self,
        config: &LoadConfig,
        folder: &RunFolder,
        stop: impl Future<Output = ()>,
        progress: &mut (dyn FnMut(&Moment<'_>) + Send),
    ) -> Result<LoadResult, CountryError> {
        self.drive_both(config, None, folder, stop, progress).await
    }

    /// Machines and citizens at once; both are done when the later one is.
    async fn drive_both(
        &mut self,
        config: &LoadConfig,
        mut citizens: Option<Node>,
        folder: &RunFolder,
        stop: impl Future<Output = ()>,
        progress: &mut (dyn FnMut(&Moment<'_>) + Send),
    ) -> Result<LoadResult, CountryError> {
        if let Some(node) = &mut citizens {
            let _: loadgen_citizens::Ready = node.ready().await?;
        }
        let mut node = start(
            &self.program,
            folder,
            NodeKind::LoadGenerator,
            LOAD_GENERATOR,
            config,
        )?;
        let _: loadgen::Ready = node.ready().await?;
        self.observe(&node)?;
        let telling = Mutex::new(Telling {
            progress,
            observer: self.observer.as_ref(),
            load: loadgen::Progress::default(),
            is_asked: false,
            citizens: None,
        });
        let (stopping, mut stopped) = tokio::sync::watch::channel(false);
        let both = async {
            let stop = async {
                stop.await;
                // Nobody listens where there are no citizens.
                let _ = stopping.send(true);
            };
            let machines = async {
                let told = |told: &_| telling.lock().load(told);
                let result = follow(&mut node, stop, told).await;
                telling.lock().is_asked = true;
                result
            };
            let people = async {
                let Some(node) = &mut citizens else {
                    return Ok(None);
                };
                let stop = async {
                    // Where nobody can ask any more, they end when their time is over.
                    if stopped.wait_for(|stopped| *stopped).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                };
                let told = |told: &_| telling.lock().citizens(told);
                follow(node, stop, told).await.map(Some)
            };
            tokio::try_join!(machines, people)
        };
        let (result, met) = tokio::select! {
            both = both => both?,
            error = first_to_end(&mut self.nodes) => return Err(error.into()),
        };
        self.citizens_met = met;
        self.nodes.push(node);
        self.nodes.extend(citizens);
        Ok(result)
    }

    /// Resolves when a part ends that nobody has asked to, and says which and why.
    pub async fn first_to_end(&mut self) -> CountryError {
        first_to_end(&mut self.nodes).await.into()
    }

    /// Ends every part in the reverse order of their start and collects their last words.
    ///
    /// Security servers go first: they stamp and seal their logs, for which they need the others.
    pub async fn drain(mut self) -> Result<Drained, CountryError> {
        let mut servers = BTreeMap::new();
        // All are asked before any is waited for: each takes a while to stamp what is left.
        for node in self
            .nodes
            .iter_mut()
            .filter(|node| node.kind() == NodeKind::SecurityServer)
        {
            node.ask_to_end();
        }
        for node in self
            .nodes
            .iter_mut()
            .filter(|node| node.kind() == NodeKind::SecurityServer)
        {
            servers.insert(node.name().to_owned(), node.drain().await?);
        }
        let mut processes = self
            .observer
            .take()
            .map(Observer::finish)
            .unwrap_or_default();
        let planted_lies = self.plant_lies().await?;
        let mut trust = TrustUse::default();
        for node in self.nodes.iter_mut().rev() {
            match node.kind() {
                NodeKind::SecurityServer | NodeKind::LoadGenerator | NodeKind::Citizens => {}
                NodeKind::OcspResponder => {
                    let said: sim_trust_services::ocsp::Summary = node.drain().await?;
                    trust.ocsp_statuses += said.good + said.revoked + said.unknown;
                }
                NodeKind::TimeStampingAuthority => {
                    let said: sim_trust_services::time_stamping::Summary = node.drain().await?;
                    trust.time_stamps = said.granted;
                }
                _ => {
                    let _: serde_json::Value = node.drain().await?;
                }
            }
        }
        for process in &mut processes {
            let of_it = |node: &&Node| node.name() == process.name;
            if let Some(cpu) = self.nodes.iter().find(of_it).map(Node::cpu) {
                // A part's own last word is later than the last look at it, and finer than ticks.
                process.cpu_seconds = process.cpu_seconds.max(cpu.latest);
                process.start_cpu_seconds = cpu.at_ready;
            }
        }
        Ok(Drained {
            processes,
            servers,
            trust,
            planted_lies,
            citizens: self.citizens_met,
        })
    }

    /// Now that the logs are sealed, and while there is still an authority to stamp forgeries.
    async fn plant_lies(&self) -> Result<Vec<String>, LieError> {
        let Some((scenario, folder)) = &self.liar else {
            return Ok(Vec::new());
        };
        let stamper = TimeStampClient::new(|| self.stamping.clone());
        lies::plant(scenario, folder, &stamper).await
    }

    fn observe(&mut self, load_generator: &Node) -> Result<(), CountryError> {
        let watched = self
            .nodes
            .iter()
            .chain(std::iter::once(load_generator))
            .filter_map(|node| {
                Some(Watched {
                    name: node.name().to_owned(),
                    kind: node.kind().word().to_owned(),
                    process_id: i32::try_from(node.process_id()?).ok()?,
                })
            })
            .collect();
        self.observer =
            Some(Observer::start(watched, Clock::wall()).map_err(CountryError::Observer)?);
        Ok(())
    }
}

// === impl Telling ===

impl Telling<'_> {
    fn load(&mut self, told: &loadgen::Progress) {
        self.load = *told;
        self.tell();
    }

    fn citizens(&mut self, told: &loadgen_citizens::Progress) {
        self.citizens = Some(*told);
        // Otherwise it is told with the load, which moves as often.
        if self.is_asked {
            self.tell();
        }
    }

    fn tell(&mut self) {
        (self.progress)(&Moment {
            progress: &self.load,
            is_asked: self.is_asked,
            citizens: self.citizens,
            cpu: self.observer.map(Observer::latest).unwrap_or_default(),
        });
    }
}

fn start(
    program: &Path,
    folder: &RunFolder,
    kind: NodeKind,
    name: &str,
    config: &impl serde::Serialize,
) -> Result<Node, NodeError> {
    Node::start(program, kind, name, &folder.node(name), config)
}

/// Keeps the configuration that the country agreed on, verified, for those who check later.
async fn keep_configuration(anchor_xml: &str, folder: &RunFolder) -> Result<(), CountryError> {
    let anchor = Anchor::parse(anchor_xml.as_bytes())
        .map_err(|error| CountryError::Anchor(error.to_string()))?;
    let client = ConfigurationClient::new(anchor, Clock::wall(), configs::ANY_REFRESH);
    let current = client.fetch_once().await?;
    let shared = current
        .shared
        .to_xml()
        .map_err(|error| CountryError::Unsupported(format!("shared parameters: {error}")))?;
    write(&folder.trust().join("shared-params.xml"), shared)
}

fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), CountryError> {
    std::fs::write(path, text).map_err(|source| CountryError::File {
        path: path.to_owned(),
        source,
    })
}
