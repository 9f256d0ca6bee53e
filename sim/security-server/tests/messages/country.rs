//! A country with two security servers: `ss1` for the consumer, `ss2` for the provider.

mod configs;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use parking_lot::Mutex;
use sim_central_server::config::{AuthorityConfig, CentralServerConfig, TimeStampingConfig};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_journal::SyncPolicy;
use sim_message_log::{LogConfig, LogReader};
use sim_security_server::config::SecurityServerConfig;
use sim_security_server::{Ready, Summary};
use sim_trust_services::{authority, ocsp, time_stamping};
use tempfile::TempDir;

use crate::addresses::{Block, MESSAGE_PORT};
use crate::client::{Ask, fault_of};
use crate::part::{Part, eventually};
use crate::service::Service;
use crate::tls::Credential;
use crate::wire::Message;

pub(crate) const TOKEN: &str = "a token for tests";

/// What a test wants to be otherwise.
pub(crate) struct Plan {
    /// Seconds for which a global configuration holds.
    pub(crate) expire_s: u32,
    /// Seconds that records may stay without a time-stamp.
    pub(crate) time_stamping_interval_s: u32,
    pub(crate) consumer: Tune,
    pub(crate) provider: Tune,
    pub(crate) consumer_log: LogConfig,
    pub(crate) provider_log: LogConfig,
}

pub(crate) type Tune = Box<dyn FnOnce(&mut SecurityServerConfig)>;

impl Default for Plan {
    fn default() -> Self {
        Self {
            expire_s: 600,
            time_stamping_interval_s: 60,
            consumer: Box::new(|_| {}),
            provider: Box::new(|_| {}),
            consumer_log: unsynced(),
            provider_log: unsynced(),
        }
    }
}

/// A log that does not wait for the disk: no test cuts the power, and syncing is most of their
/// time.
fn unsynced() -> LogConfig {
    LogConfig {
        sync: SyncPolicy::Never,
        ..LogConfig::default()
    }
}

/// A running security server.
pub(crate) struct Server {
    pub(crate) part: Part<Summary>,
    pub(crate) ready: Ready,
    pub(crate) config: SecurityServerConfig,
}

/// A running country.
pub(crate) struct Country {
    pub(crate) ca_url: String,
    pub(crate) ocsp_address: SocketAddr,
    pub(crate) management_url: String,
    pub(crate) central: Part<sim_central_server::Summary>,
    pub(crate) consumer: Server,
    pub(crate) provider: Server,
    pub(crate) service: Service,
    pub(crate) block: Block,
    /// The certificate of the mutual TLS client's information system.
    pub(crate) registered: Credential,
    /// Exchanges that were answered by the service.
    answered: Mutex<BTreeSet<String>>,
    /// Exchanges of other security servers than the consumer's.
    answered_by_provider: Mutex<BTreeSet<String>>,
    /// Requests that came as far as the service, and no answer came of it.
    reached: Mutex<BTreeSet<String>>,
    /// Certification authority, OCSP responder, time-stamping authority.
    trust: (
        Part<authority::Summary>,
        Part<ocsp::Summary>,
        Part<time_stamping::Summary>,
    ),
    _folder: TempDir,
}

impl Country {
    pub(crate) async fn start() -> Self {
        Self::with(Plan::default()).await
    }

    pub(crate) async fn with(plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let block = Block::draw();
        let service = Service::start().await;
        let registered = Credential::self_signed("information system");
        let (ca, ca_ready): (_, authority::Ready) = {
            let config = configs::authority_config(folder.path());
            Part::start(|ready, shutdown| authority::run(config, ready, shutdown)).await
        };
        let ca_url = ca_ready.url.clone();
        let (responder, ocsp_ready): (_, ocsp::Ready) = {
            let config = configs::responder_config(&ca_url);
            Part::start(|ready, shutdown| ocsp::run(config, ready, shutdown)).await
        };
        let (tsa, tsa_ready): (_, time_stamping::Ready) = {
            let config = configs::time_stamping_config(&ca_url);
            Part::start(|ready, shutdown| time_stamping::run(config, ready, shutdown)).await
        };
        let central_config = CentralServerConfig {
            authorities: vec![AuthorityConfig {
                name: "Test CA".to_owned(),
                certificate_pem: ca_ready.certificate_pem,
                ocsp_url: ocsp_ready.url,
                ocsp_responder_certificate_pem: ocsp_ready.certificate_pem,
            }],
            time_stamping: vec![TimeStampingConfig {
                name: "Test TSA".to_owned(),
                url: tsa_ready.url,
                certificate_pem: tsa_ready.certificate_pem,
            }],
            ..configs::central_config(folder.path(), &plan)
        };
        let (central, central_ready): (_, sim_central_server::Ready) =
            Part::start(|ready, shutdown| sim_central_server::run(central_config, ready, shutdown))
                .await;
        let template = SecurityServerConfig {
            anchor_xml: central_ready.anchor_xml,
            ca_url: ca_url.clone(),
            management_url: format!("http://{}", central_ready.listen),
            ..configs::server_config("1", "ss1", &block, 1, folder.path())
        };
        let mut consumer = SecurityServerConfig {
            clients: configs::consumer_clients(&registered),
            ..template.clone()
        };
        (plan.consumer)(&mut consumer);
        let mut provider = SecurityServerConfig {
            clients: vec![configs::client("2/population"), configs::client("2/pää st")],
            services: configs::services(&service.url()),
            ca_url: template.ca_url,
            anchor_xml: template.anchor_xml,
            management_url: template.management_url.clone(),
            ..configs::server_config("2", "ss2", &block, 2, folder.path())
        };
        (plan.provider)(&mut provider);
        let provider = Server::start(provider, plan.provider_log).await;
        let consumer = Server::start(consumer, plan.consumer_log).await;
        let country = Self {
            ca_url,
            ocsp_address: ocsp_ready.listen,
            management_url: template.management_url,
            central,
            consumer,
            provider,
            service,
            block,
            registered,
            answered: Mutex::default(),
            answered_by_provider: Mutex::default(),
            reached: Mutex::default(),
            trust: (ca, responder, tsa),
            _folder: folder,
        };
        country.settle().await;
        country
    }

    /// Waits until the provider's server knows the consumer's, which registered after it.
    async fn settle(&self) {
        let passed = eventually(async || {
            let answer = self.ask(&Ask::echo("/settle")).await;
            answer.header("x-road-error").is_none().then_some(answer)
        });
        self.note_answer(&passed.await);
    }

    /// What the consumer's server says about its health.
    pub(crate) async fn health(&self) -> Message {
        let ask = Ask::get("/health");
        ask.send(self.consumer.ready.admin_listen).await
    }

    /// Drains the consumer's server and starts it again.
    pub(crate) async fn restart_consumer(&mut self) {
        let config = self.consumer.config.clone();
        self.consumer.part.ask_to_end();
        self.consumer.part.ended().await;
        self.consumer = Server::start(config, unsynced()).await;
    }

    /// Ends the time-stamping authority at once.
    pub(crate) fn stop_time_stamping(&self) {
        self.trust.2.abort();
    }

    /// Sends `ask` to the consumer's server over plain HTTP.
    pub(crate) async fn ask(&self, ask: &Ask) -> Message {
        ask.send(self.consumer.ready.client_listen).await
    }

    /// Sends `ask`, which the service must answer.
    pub(crate) async fn answered(&self, ask: &Ask) -> Message {
        let answer = self.ask(ask).await;
        self.note_answer(&answer);
        answer
    }

    /// Holds the books: this answer must be in all logs.
    pub(crate) fn note_answer(&self, answer: &Message) {
        assert_eq!(answer.header("x-road-error"), None, "{answer:?}");
        self.note_answered(answer.header("x-road-id").unwrap());
    }

    /// Holds the books: this exchange must be in all logs.
    pub(crate) fn note_answered(&self, id: &str) {
        self.answered.lock().insert(id.to_owned());
    }

    /// Holds the books: this exchange must be in the provider's log.
    pub(crate) fn note_answered_by_provider(&self, id: &str) {
        self.answered_by_provider.lock().insert(id.to_owned());
    }

    /// Holds the books: this request may be in the provider's log, its answer may not.
    pub(crate) fn note_reached(&self, id: &str) {
        self.reached.lock().insert(id.to_owned());
    }

    /// An ordinary exchange.
    pub(crate) async fn good(&self) {
        let answer = self.answered(&Ask::echo("/good")).await;
        assert_eq!(answer.status(), 200, "{answer:?}");
    }

    /// Sends `ask`, which must be refused before the service hears of it, and shows that the next
    /// message passes.
    pub(crate) async fn refused(&self, ask: &Ask, status: u16, code: &str) {
        let calls = self.service.calls().len();
        let answer = self.ask(ask).await;
        assert_eq!(fault_of(&answer), (status, code), "{ask:?}: {answer:?}");
        assert_eq!(self.service.calls().len(), calls, "the service was called");
        self.good().await;
    }

    /// Sends `ask`, which is logged by the provider's server, but cannot be answered; shows that
    /// the next message passes.
    pub(crate) async fn failed(&self, ask: &Ask, status: u16, code: &str) {
        let answer = self.ask(ask).await;
        assert_eq!(fault_of(&answer), (status, code), "{ask:?}: {answer:?}");
        self.note_reached(ask.id());
        self.good().await;
    }

    /// Drains both servers and holds their logs against the books; their last words, the
    /// consumer's first.
    pub(crate) async fn end(self) -> (Summary, Summary) {
        let Self {
            mut consumer,
            mut provider,
            ..
        } = self;
        // Both at once, as when a run ends.
        consumer.part.ask_to_end();
        provider.part.ask_to_end();
        let (consumer_log, provider_log) = (
            consumer.config.log_folder.clone(),
            provider.config.log_folder.clone(),
        );
        let consumer = consumer.part.drain().await;
        let provider = provider.part.drain().await;
        assert_eq!(consumer.log.statistics.unstamped, 0);
        assert_eq!(provider.log.statistics.unstamped, 0);
        let answered = self.answered.into_inner();
        let reached = self.reached.into_inner();
        let at_consumer = records(&consumer_log);
        for id in &answered {
            assert_eq!(at_consumer.get(id), Some(&2), "{id} at the consumer");
        }
        let elsewhere = self.answered_by_provider.into_inner();
        let expected: BTreeMap<String, usize> = answered
            .into_iter()
            .chain(elsewhere)
            .map(|id| (id, 2))
            .chain(reached.into_iter().map(|id| (id, 1)))
            .collect();
        assert_eq!(records(&provider_log), expected, "the provider's log");
        (consumer, provider)
    }
}

/// How many records a log holds of each message.
pub(crate) fn records(folder: &Path) -> BTreeMap<String, usize> {
    let log = LogReader::open(folder).unwrap();
    let ids: BTreeSet<String> = log.message_ids().map(Result::unwrap).collect();
    let counted = ids.into_iter().map(|id| {
        let found = log.find(&id).unwrap().len();
        (id, found)
    });
    counted.collect()
}

impl Server {
    pub(crate) async fn start(config: SecurityServerConfig, log: LogConfig) -> Self {
        let told = config.clone();
        let (part, ready) = Part::start(|ready, shutdown| {
            sim_security_server::run_with_log(told, log, ready, shutdown)
        })
        .await;
        Self {
            part,
            ready,
            config,
        }
    }

    /// The message port, as a socket.
    pub(crate) fn message_address(&self) -> SocketAddr {
        SocketAddr::new(self.config.address, MESSAGE_PORT)
    }
}

// === identifiers ===

pub(crate) fn member(code: &str) -> MemberId {
    MemberId::new("EE", "GOV", code).unwrap()
}

/// A subsystem, as `MEMBER/SUBSYSTEM`.
pub(crate) fn subsystem(text: &str) -> ClientId {
    let (code, subsystem) = text.split_once('/').unwrap();
    ClientId::subsystem_of(member(code), subsystem).unwrap()
}

pub(crate) fn server_id(owner: &str, code: &str) -> SecurityServerId {
    SecurityServerId::new(member(owner), code).unwrap()
}
