//! From a scenario to the configuration of each part. Only here do both meet.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use loadgen::{Load, LoadAsk, LoadConfig, LoadWindow, PopulationConfig, WhenFull};
use rand::RngExt as _;
use sim_central_server::config::{
    AuthorityConfig, CentralServerConfig, MemberConfig, Settings, TimeStampingConfig,
};
use sim_domain::{AccessRight, ClientId, Dialect, PathPattern, SecurityServerId, ServiceId};
use sim_registry::{
    AskedService, CitizensSide, ExchangeAccess, Kind, Lies, RegisteredPopulation, RegistryConfig,
};
use sim_scenario::{
    Arrivals, Connection, FaultDialect, MixedQuestion, Registry, RegistryKind, Scenario,
    SecurityServer, Service,
};
use sim_security_server::config::{
    ClientConfig, ConnectionType, Limits, SecurityServerConfig, ServiceConfig, StageAccounting,
};
use sim_trust_services::{authority, ocsp, time_stamping};
use sim_workload::{ArrivalProcess, Taking};

use super::asking::{self, Asked};
use super::information_system::{InformationSystem, Route};
use super::{CountryError, RunningServer, exchange, registries};
use crate::addresses::{self, MESSAGE_PORT, OCSP_PORT};
use crate::cores;
use crate::run_folder::RunFolder;

/// Longer than any run, shorter than any real certificate.
const CERTIFICATE_DAYS: u32 = 30;
/// The responder asks the authority anew after this, so a revocation shows within a second.
const OCSP_CACHE_S: u32 = 1;
/// For clients that download the configuration once.
pub(super) const ANY_REFRESH: Duration = Duration::from_secs(60);
/// Everything but the security servers' peers is here, on a port of the system's choice.
pub(super) const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What lets the parts of one country, and nobody else, manage it.
pub(super) struct Secrets {
    enrolment: String,
    management: String,
}

/// Everything that is decided before the first process starts.
pub(super) struct Plan<'a> {
    scenario: &'a Scenario,
    folder: &'a RunFolder,
    secrets: Secrets,
    information_system: InformationSystem,
    addresses: Vec<IpAddr>,
    /// Where each server's clients reach it: registries that ask must know before it is up.
    client_listens: Vec<SocketAddr>,
}

// === impl Secrets ===

impl Secrets {
    fn draw() -> Self {
        let mut random = rand::rng();
        let mut secret = || format!("{:032x}", random.random::<u128>());
        Self {
            enrolment: secret(),
            management: secret(),
        }
    }
}

// === impl Plan ===

impl<'a> Plan<'a> {
    pub(super) fn new(scenario: &'a Scenario, folder: &'a RunFolder) -> Result<Self, CountryError> {
        let addresses = addresses::draw(scenario.security_servers.len())?;
        let client_listens = addresses
            .iter()
            .map(|address| addresses::free_port_of(*address))
            .collect::<Result<_, _>>()
            .map_err(CountryError::Observer)?;
        Ok(Self {
            scenario,
            folder,
            secrets: Secrets::draw(),
            information_system: InformationSystem::of(scenario)?,
            addresses,
            client_listens,
        })
    }

    pub(super) const fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    pub(super) fn enrolment_token(&self) -> &str {
        &self.secrets.enrolment
    }

    pub(super) fn authority(&self) -> authority::CaConfig {
        self.authority_called("Test CA", "ca")
    }

    /// The authority for people: who certifies members does not certify them.
    pub(super) fn people_authority(&self) -> authority::CaConfig {
        self.authority_called("People Test CA", "people-ca")
    }

    fn authority_called(&self, title: &str, node: &str) -> authority::CaConfig {
        authority::CaConfig {
            listen: LOOPBACK,
            instance: self.scenario.instance.clone(),
            name: format!("{} {title}", self.scenario.instance),
            enrolment_token: self.secrets.enrolment.clone(),
            folder: self.folder.node(node).join("data"),
            ocsp_url: None,
            certificate_days: CERTIFICATE_DAYS,
            clock_offset_ms: 0,
        }
    }

    pub(super) fn ocsp(&self, ca_url: &str) -> ocsp::OcspConfig {
        self.ocsp_called("Test OCSP", ca_url)
    }

    /// The responder of the authority for people.
    pub(super) fn people_ocsp(&self, ca_url: &str) -> ocsp::OcspConfig {
        self.ocsp_called("People Test OCSP", ca_url)
    }

    fn ocsp_called(&self, title: &str, ca_url: &str) -> ocsp::OcspConfig {
        ocsp::OcspConfig {
            listen: LOOPBACK,
            ca_url: ca_url.to_owned(),
            enrolment_token: self.secrets.enrolment.clone(),
            name: format!("{} {title}", self.scenario.instance),
            validity_s: whole_seconds(self.scenario.trust.ocsp_freshness),
            cache_s: OCSP_CACHE_S,
            clock_offset_ms: 0,
        }
    }

    pub(super) fn time_stamping(&self, ca_url: &str) -> time_stamping::TsaConfig {
        time_stamping::TsaConfig {
            listen: LOOPBACK,
            ca_url: ca_url.to_owned(),
            enrolment_token: self.secrets.enrolment.clone(),
            name: format!("{} Test TSA", self.scenario.instance),
            policy: None,
            clock_offset_ms: 0,
        }
    }

    pub(super) fn central_server(
        &self,
        authority: &authority::Ready,
        ocsp: &ocsp::Ready,
        tsa: &time_stamping::Ready,
    ) -> CentralServerConfig {
        let trust = &self.scenario.trust;
        let members = self.scenario.members.iter().map(|member| MemberConfig {
            id: member.id.clone(),
            name: member.name.clone(),
            subsystems: member.subsystems.clone(),
        });
        CentralServerConfig {
            instance: self.scenario.instance.clone(),
            listen: LOOPBACK,
            data_folder: self.folder.node("central-server").join("data"),
            members: members.collect(),
            authorities: vec![AuthorityConfig {
                name: format!("{} Test CA", self.scenario.instance),
                certificate_pem: authority.certificate_pem.clone(),
                ocsp_url: ocsp.url.clone(),
                ocsp_responder_certificate_pem: ocsp.certificate_pem.clone(),
            }],
            time_stamping: vec![TimeStampingConfig {
                name: format!("{} Test TSA", self.scenario.instance),
                url: tsa.url.clone(),
                certificate_pem: tsa.certificate_pem.clone(),
            }],
            settings: Settings {
                refresh_s: whole_seconds(trust.configuration_refresh),
                expire_s: whole_seconds(trust.configuration_expiry),
                time_stamping_interval_s: whole_seconds(trust.time_stamping_interval),
                ocsp_freshness_s: whole_seconds(trust.ocsp_freshness),
            },
            management_token: self.secrets.management.clone(),
            clock_offset_ms: 0,
        }
    }

    pub(super) fn registries(&self, folder: &Path) -> Vec<(String, RegistryConfig)> {
        let registries = self.scenario.registries.iter().map(|registry| {
            let config = RegistryConfig {
                listen: LOOPBACK,
                database: folder.join(&registry.name),
                population: RegisteredPopulation {
                    seed: self.scenario.seed,
                    plan: self.scenario.population.plan(),
                },
                lies: Lies {
                    false_answer_every: registry.lies.false_answer_every,
                    swap_answers_every: registry.lies.swap_answers_every,
                },
                kind: kind_of(registry.kind),
                service_demand: registry.service_demand.map(|demand| Taking {
                    median_ms: millis(demand.median),
                    p99_ms: millis(demand.p99),
                }),
                citizens: self.citizens_side(registry),
            };
            (registry.name.clone(), config)
        });
        registries.collect()
    }

    /// What a registry needs to serve citizens; none where there is no portal.
    fn citizens_side(&self, registry: &Registry) -> Option<CitizensSide> {
        self.scenario.portal.as_ref()?;
        Some(CitizensSide {
            country: self.scenario.instance.clone(),
            tracker: self.folder.tracker(&registry.name),
            exchange: self.exchange_access(registry),
            by_consent: encoded(&registry.by_consent),
            legal_exceptions: encoded(&registry.legal_exceptions),
            curious_officials: registry.curious_officials,
        })
    }

    /// How a registry asks others over the exchange, where it does.
    fn exchange_access(&self, registry: &Registry) -> Option<ExchangeAccess> {
        let asked = Asked::by(self.scenario, registry)?;
        let servers = self
            .scenario
            .security_servers
            .iter()
            .zip(&self.client_listens);
        let mut own = servers.filter(|(server, _)| asking::leads_out(server, registry));
        let (_, listen) = own.next()?;
        let service = |service: &ServiceId| AskedService {
            service: service.to_encoded(),
            register: registries::title(self.scenario, service.provider()),
        };
        Some(ExchangeAccess {
            exchange_url: format!("http://{listen}"),
            client: registry.subsystem.to_encoded(),
            ledger: self.folder.ledger_of(&registry.name),
            relations: asked.relations.as_ref().map(service),
            consent: asked.consent.as_ref().map(service),
            validation: asked.validation.as_ref().map(service),
            health_record: asked.health_record.as_ref().map(service),
        })
    }

    pub(super) fn security_servers(
        &self,
        ca_url: &str,
        central: &sim_central_server::Ready,
        register_urls: &BTreeMap<String, String>,
    ) -> Vec<SecurityServerConfig> {
        let trust = &self.scenario.trust;
        let cores = cores::for_each(self.addresses.len());
        let servers = self.scenario.security_servers.iter();
        let places = self.addresses.iter().zip(&self.client_listens).zip(cores);
        let configs = servers
            .zip(places)
            .map(
                |(server, ((address, client_listen), core))| SecurityServerConfig {
                    id: server_id(server),
                    address: *address,
                    message_port: MESSAGE_PORT,
                    ocsp_port: OCSP_PORT,
                    client_listen: *client_listen,
                    client_tls_listen: needs_tls(server).then_some(SocketAddr::new(*address, 0)),
                    admin_listen: SocketAddr::new(*address, 0),
                    data_folder: self.folder.node(&server.code).join("data"),
                    log_folder: self.folder.message_log(&server.code),
                    anchor_xml: central.anchor_xml.clone(),
                    configuration_refresh_s: trust.configuration_refresh.as_secs_f64(),
                    ocsp_fetch_interval_s: trust.ocsp_fetch_interval.as_secs_f64(),
                    ca_url: ca_url.to_owned(),
                    enrolment_token: self.secrets.enrolment.clone(),
                    management_url: format!("http://{}", central.listen),
                    management_token: self.secrets.management.clone(),
                    awaited_servers: self
                        .scenario
                        .security_servers
                        .iter()
                        .map(server_id)
                        .collect(),
                    clients: self.clients(server),
                    services: self.services(server, register_urls),
                    limits: limits(server),
                    exchange: exchange::settings(&self.scenario.exchange),
                    fault_dialect: match server.fault_dialect {
                        FaultDialect::Current => Dialect::Current,
                        FaultDialect::Legacy => Dialect::Legacy,
                    },
                    clock_offset_ms: 0,
                    // Every run tells what its own accounting costs.
                    stage_accounting: StageAccounting::Alternating,
                    core,
                },
            );
        configs.collect()
    }

    /// The subsystems that `server` acts for. Only the one that asks has an information system.
    fn clients(&self, server: &SecurityServer) -> Vec<ClientConfig> {
        let clients = server.clients.iter().map(|client| ClientConfig {
            id: client.client.clone(),
            connection: match client.connection {
                Connection::Http => ConnectionType::Http,
                Connection::Https => ConnectionType::Https,
                Connection::MutualTls => ConnectionType::MutualTls,
            },
            certificates_pem: if client.client == self.scenario.workload.client {
                self.information_system.certificates_pem()
            } else {
                Vec::new()
            },
        });
        clients.collect()
    }

    /// The services of every registry whose subsystem `server` acts for.
    fn services(
        &self,
        server: &SecurityServer,
        register_urls: &BTreeMap<String, String>,
    ) -> Vec<ServiceConfig> {
        let serves = |registry: &&Registry| {
            server
                .clients
                .iter()
                .any(|client| client.client == registry.subsystem)
        };
        let mut services = Vec::new();
        for registry in self.scenario.registries.iter().filter(serves) {
            let Some(base) = register_urls.get(&registry.name) else {
                continue;
            };
            for service in &registry.services {
                services.push(service_config(registry, service, base));
            }
        }
        services
    }

    /// How the information system gets to its security server, now that there is one.
    pub(super) fn into_route(self, running: &[RunningServer]) -> Result<Route, CountryError> {
        let system = self.information_system;
        system.route(self.scenario, self.folder, running)
    }
}

fn kind_of(kind: RegistryKind) -> Kind {
    match kind {
        RegistryKind::PopulationRegister => Kind::PopulationRegister,
        RegistryKind::SocialInsurance => Kind::SocialInsurance,
        RegistryKind::Tax => Kind::Tax,
        RegistryKind::Health => Kind::Health,
        RegistryKind::Business => Kind::Business,
        RegistryKind::Education => Kind::Education,
        RegistryKind::Bank => Kind::Bank,
        RegistryKind::SchoolJournal => Kind::SchoolJournal,
        RegistryKind::Consents => Kind::Consents,
        RegistryKind::Insurer => Kind::Insurer,
    }
}

fn encoded(clients: &[ClientId]) -> Vec<String> {
    clients.iter().map(ClientId::to_encoded).collect()
}

/// What the load generator is told.
pub(super) fn load(scenario: &Scenario, folder: &RunFolder, route: &Route) -> LoadConfig {
    let workload = &scenario.workload;
    LoadConfig {
        base_url: route.access.url.clone(),
        tls: route.tls.clone(),
        client: workload.client.clone(),
        asks: workload.questions.iter().map(load_ask).collect(),
        service_path: String::new(),
        run_id: folder.run_id().to_owned(),
        ledger_folder: folder.ledger(),
        interval_log: Some(folder.interval_log()),
        population: PopulationConfig {
            seed: scenario.seed,
            plan: scenario.population.plan(),
        },
        exchanges: workload.stop.exchanges,
        stop_after_ms: workload.stop.after.map(millis),
        warm_up_ms: millis(workload.warm_up),
        windows: windows(scenario),
        load: match &workload.load {
            sim_scenario::Load::InFlight {
                in_flight,
                think_time,
            } => Load::InFlight {
                in_flight: *in_flight,
                think_time_ms: millis(*think_time),
            },
            sim_scenario::Load::ArrivalRate {
                course,
                arrivals,
                max_in_flight,
                when_full,
            } => Load::Rate {
                course: course.clone(),
                arrivals: match arrivals {
                    Arrivals::Poisson => ArrivalProcess::Poisson,
                    Arrivals::Uniform => ArrivalProcess::Uniform,
                },
                max_in_flight: *max_in_flight,
                when_full: match when_full {
                    sim_scenario::WhenFull::Queue => WhenFull::Queue,
                    sim_scenario::WhenFull::Drop => WhenFull::Drop,
                },
            },
        },
        limits: loadgen::Limits::default(),
    }
}

/// The parts of the load that thresholds are about, each once.
fn windows(scenario: &Scenario) -> Vec<LoadWindow> {
    let thresholds = scenario.thresholds.iter();
    let mut windows: Vec<_> = thresholds
        .filter_map(|threshold| threshold.window)
        .collect();
    windows.sort_unstable();
    windows.dedup();
    let windows = windows.into_iter().map(|window| LoadWindow {
        from_ms: millis(window.from),
        until_ms: window.until.map(millis),
    });
    windows.collect()
}

fn load_ask(question: &MixedQuestion) -> LoadAsk {
    LoadAsk {
        service: question.service.clone(),
        subject: question.ask.subject,
        weight: question.ask.weight,
        sizes: question.ask.sizes,
        direct_path: None,
    }
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn server_id(server: &SecurityServer) -> SecurityServerId {
    SecurityServerId::new(server.owner.clone(), &server.code)
        .expect("a valid scenario has valid server codes")
}

fn service_config(registry: &Registry, service: &Service, base: &str) -> ServiceConfig {
    let access = service.access.iter().map(|rule| AccessRight {
        subject: rule.subject.clone(),
        method: rule.method.clone(),
        path: PathPattern::parse(&rule.path).expect("a valid scenario has valid path patterns"),
    });
    ServiceConfig {
        id: ServiceId::new(registry.subsystem.clone(), &service.code)
            .expect("a valid scenario has valid service codes"),
        url: format!("{base}/{}", service.code),
        timeout_ms: u64::try_from(service.timeout.as_millis()).unwrap_or(u64::MAX),
        disabled_notice: None,
        access: access.collect(),
    }
}

fn needs_tls(server: &SecurityServer) -> bool {
    server
        .clients
        .iter()
        .any(|client| client.connection != Connection::Http)
}

fn limits(server: &SecurityServer) -> Limits {
    let defaults = Limits::default();
    let size = |bytes: Option<u64>, default| {
        bytes.map_or(default, |bytes| {
            usize::try_from(bytes).unwrap_or(usize::MAX)
        })
    };
    Limits {
        max_in_flight: size(
            server.limits.max_in_flight.map(u64::from),
            defaults.max_in_flight,
        ),
        max_body_bytes: size(server.limits.max_body_bytes, defaults.max_body_bytes),
        max_header_bytes: size(server.limits.max_header_bytes, defaults.max_header_bytes),
        ..defaults
    }
}

/// Seconds for the parts of the configuration that count whole ones; never zero.
fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs_f64().ceil() as u64)
        .unwrap_or(u32::MAX)
        .max(1)
}
