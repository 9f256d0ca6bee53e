//! What citizens meet: an authority for their certificates, their carriers, the place where they
//! log in, and the portal.

use std::net::SocketAddr;

use loadgen_citizens::{CitizensConfig, CrowdStep};
use sim_carriers::{CarriersConfig, PhoneBehaviour, RelyingParty};
use sim_domain::{ClientId, ReturnAddress};
use sim_identity_provider::{CarrierRelyingParty, IdentityProviderConfig, OidcClient};
use sim_portal::{PortalConfig, RelyingPartyName};
use sim_scenario::{Citizens, Connection, DayShape, LogIn, Portal, Scenario};
use sim_trust_services::trust_list::{self, ListedFor, ListedService, TrustListConfig};
use sim_trust_services::{authority, ocsp};
use sim_workload::{CitizenPlan, Shape, Taking};
use uuid::Uuid;

use super::configs::Plan;
use super::{CountryError, RunningServer, registries, start};
use crate::addresses;
use crate::node::{Node, NodeKind};
use crate::run_folder::RunFolder;

/// The portal's ledger, `ledgers/NAME` in the run folder, and its name at the provider.
pub(crate) const PORTAL: &str = "portal";
/// Where the portal takes people who come back from the provider.
const CALLBACK: &str = "/login/callback";
/// Where the provider tells it that somebody logged out elsewhere.
const LOGGED_OUT: &str = "/backchannel-logout";

/// Where citizens and their visitors find everything.
#[derive(Clone, Debug)]
pub struct CitizenPlaces {
    /// The portal.
    pub portal_url: String,
    /// The identity provider, as TARA has it: who somebody is, each time anew.
    pub issuer: String,
    /// The same with single sign-on, as GovSSO has it.
    pub sign_on_issuer: String,
    /// Services beside the portal that people log in to.
    pub relying_parties: Vec<OidcClient>,
    /// The carriers; people in the room answer their phones at `/phones` there.
    pub carriers_url: String,
    /// The certificate that the provider shows to ID-cards, PEM; absent where it takes none.
    pub id_card_certificate_pem: Option<String>,
    /// The signed list of those whom people's signatures rest on.
    pub trust_list_url: String,
}

/// What is up before the security servers are: all but the portal.
pub(super) struct Lobby {
    pub(super) nodes: Vec<Node>,
    portal_listen: SocketAddr,
    client_secret: String,
    carrier_uuid: String,
    places: CitizenPlaces,
    ocsp_url: String,
    ca_pem: String,
}

impl Lobby {
    /// Starts what citizens log in with. Absent where the country has no portal.
    pub(super) async fn open(
        plan: &Plan<'_>,
        portal: &Portal,
        tsa_pem: &str,
        program: &std::path::Path,
        folder: &RunFolder,
    ) -> Result<Self, CountryError> {
        let scenario = plan.scenario();
        let config = plan.people_authority();
        let kind = NodeKind::CertificationAuthority;
        let mut ca = start(program, folder, kind, "people-ca", &config)?;
        let ca_ready: authority::Ready = ca.ready().await?;
        let config = plan.people_ocsp(&ca_ready.url);
        let mut responder = start(
            program,
            folder,
            NodeKind::OcspResponder,
            "people-ocsp",
            &config,
        )?;
        let carrier_uuid = Uuid::new_v4().to_string();
        let carriers_config = carriers(plan, &carrier_uuid, on_phones(portal), &ca_ready.url);
        let mut carriers = start(
            program,
            folder,
            NodeKind::Carriers,
            "carriers",
            &carriers_config,
        )?;
        let responder_ready: ocsp::Ready = responder.ready().await?;
        let certificates = [
            &ca_ready.certificate_pem,
            &responder_ready.certificate_pem,
            tsa_pem,
        ];
        let config = trust_list(scenario, certificates);
        let mut list = start(program, folder, NodeKind::TrustList, "trust-list", &config)?;
        let carriers_ready: sim_carriers::Ready = carriers.ready().await?;
        let portal_listen = addresses::free_port().map_err(CountryError::Observer)?;
        let client_secret = new_secret();
        let relying_parties = relying_parties(scenario);
        let mut clients = vec![portal_as_client(portal, portal_listen, &client_secret)];
        clients.extend(relying_parties.iter().cloned());
        let config = IdentityProviderConfig {
            listen: super::configs::LOOPBACK,
            id_card_listen: Some(super::configs::LOOPBACK),
            country: scenario.instance.clone(),
            country_name: None,
            languages: languages(portal),
            issuer: None,
            relying_parties: clients,
            carriers_url: carriers_ready.url.clone(),
            carrier_rp: CarrierRelyingParty {
                uuid: carrier_uuid.clone(),
                name: on_phones(portal).to_owned(),
            },
            people_ca_pem: ca_ready.certificate_pem.clone(),
            people_ocsp_url: responder_ready.url.clone(),
            people: Some(scenario.people()),
            lifetimes: sim_identity_provider::Lifetimes::default(),
            max_open_flows: 20_000,
            clock_offset_ms: 0,
        };
        let kind = NodeKind::IdentityProvider;
        let mut provider = start(program, folder, kind, "identity-provider", &config)?;
        let provider_ready: sim_identity_provider::Ready = provider.ready().await?;
        let list_ready: trust_list::Ready = list.ready().await?;
        for (file, content) in [
            ("people-ca.pem", &ca_ready.certificate_pem),
            ("people-ocsp.pem", &responder_ready.certificate_pem),
            ("trust-list.xml", &list_ready.list_xml),
            ("trust-list-signer.pem", &list_ready.signer_pem),
        ] {
            super::write(&folder.trust().join(file), content)?;
        }
        Ok(Self {
            nodes: vec![ca, responder, list, carriers, provider],
            portal_listen,
            client_secret,
            carrier_uuid,
            places: CitizenPlaces {
                // Nobody answers there before the portal is open.
                portal_url: format!("http://{portal_listen}"),
                issuer: provider_ready.issuer,
                sign_on_issuer: provider_ready.sign_on_issuer,
                relying_parties,
                carriers_url: carriers_ready.url,
                id_card_certificate_pem: provider_ready.id_card_certificate_pem,
                trust_list_url: list_ready.url,
            },
            ocsp_url: responder_ready.url,
            ca_pem: ca_ready.certificate_pem,
        })
    }

    /// Opens the portal, now that it can reach its security server.
    pub(super) async fn open_portal(
        mut self,
        scenario: &Scenario,
        portal: &Portal,
        servers: &[RunningServer],
        tsa_url: &str,
        program: &std::path::Path,
        folder: &RunFolder,
    ) -> Result<(Vec<Node>, CitizenPlaces), CountryError> {
        let config = PortalConfig {
            listen: self.portal_listen,
            public_url: None,
            country: scenario.instance.clone(),
            name: portal.name.clone(),
            currency: portal.currency.clone(),
            languages: languages(portal),
            issuer: match portal.log_in {
                LogIn::EachTime => self.places.issuer.clone(),
                LogIn::SingleSignOn => self.places.sign_on_issuer.clone(),
            },
            client_id: PORTAL.to_owned(),
            client_secret: self.client_secret,
            exchange_url: exchange_of(scenario, &portal.subsystem, servers)?,
            client: portal.subsystem.clone(),
            services: registries::services(scenario),
            trackers: registries::all_with(scenario, "findUsage"),
            blocking: registries::all_with(scenario, "blocking"),
            inquiries: registries::inquiries(scenario),
            carriers_url: self.places.carriers_url.clone(),
            carrier_rp: RelyingPartyName {
                uuid: self.carrier_uuid,
                name: on_phones(portal).to_owned(),
            },
            tsa_url: tsa_url.to_owned(),
            people_ocsp_url: self.ocsp_url,
            people_ca_pem: self.ca_pem,
            ledger: Some(folder.ledger_of(PORTAL)),
        };
        let mut node = start(program, folder, NodeKind::Portal, PORTAL, &config)?;
        let _: sim_portal::Ready = node.ready().await?;
        self.nodes.push(node);
        Ok((self.nodes, self.places))
    }
}

/// The portal, as the identity provider knows it.
fn portal_as_client(portal: &Portal, listen: SocketAddr, secret: &str) -> OidcClient {
    OidcClient {
        client_id: PORTAL.to_owned(),
        client_secret: secret.to_owned(),
        name: portal.name.clone(),
        redirect_uris: vec![format!("http://{listen}{CALLBACK}")],
        post_logout_redirect_uris: vec![format!("http://{listen}/")],
        backchannel_logout_uri: Some(format!("http://{listen}{LOGGED_OUT}")),
    }
}

/// The services of the scenario's own.
fn relying_parties(scenario: &Scenario) -> Vec<OidcClient> {
    let provider = scenario.identity_provider.iter();
    let parties = provider.flat_map(|provider| &provider.relying_parties);
    let texts = |addresses: &[ReturnAddress]| -> Vec<String> {
        let addresses = addresses.iter();
        addresses
            .map(|address| address.as_str().to_owned())
            .collect()
    };
    let clients = parties.map(|party| OidcClient {
        client_id: party.client_id.clone(),
        client_secret: party.secret.clone().unwrap_or_else(new_secret),
        name: party.name.clone(),
        redirect_uris: texts(&party.redirect_uris),
        post_logout_redirect_uris: texts(&party.after_logout),
        backchannel_logout_uri: party
            .back_channel_logout
            .as_ref()
            .map(|address| address.as_str().to_owned()),
    });
    clients.collect()
}

fn new_secret() -> String {
    Uuid::new_v4().simple().to_string()
}

/// What the portal is called on phones, which have room for 32 bytes.
fn on_phones(portal: &Portal) -> &str {
    &portal.name[..portal.name.floor_char_boundary(32)]
}

/// Whom people's signatures rest on: their authority, its responder, the time-stamping authority.
fn trust_list(scenario: &Scenario, [ca, responder, tsa]: [&str; 3]) -> TrustListConfig {
    let listed = |name: &str, listed_for, pem: &str| ListedService {
        name: format!("{} {name}", scenario.instance),
        listed_for,
        certificate_pem: pem.to_owned(),
    };
    TrustListConfig {
        listen: super::configs::LOOPBACK,
        operator: format!("{} supervisory body", scenario.instance),
        territory: scenario.instance.clone(),
        services: vec![
            listed("people's certificates", ListedFor::Certificates, ca),
            listed(
                "status of people's certificates",
                ListedFor::CertificateStatus,
                responder,
            ),
            listed("time-stamps", ListedFor::TimeStamps, tsa),
        ],
        clock_offset_ms: 0,
    }
}

fn carriers(plan: &Plan<'_>, uuid: &str, name: &str, ca_url: &str) -> CarriersConfig {
    let scenario = plan.scenario();
    let provider = scenario.identity_provider.as_ref();
    let phones = provider.map(|provider| provider.phones);
    CarriersConfig {
        listen: super::configs::LOOPBACK,
        country: scenario.instance.clone(),
        people: scenario.people(),
        ca_url: ca_url.to_owned(),
        enrolment_token: plan.enrolment_token().to_owned(),
        relying_parties: vec![RelyingParty {
            uuid: uuid.to_owned(),
            name: name.to_owned(),
        }],
        phones: phones.map_or(EVERYBODY_AT_ONCE, |phones| PhoneBehaviour {
            median_ms: super::configs::millis(phones.median),
            p99_ms: super::configs::millis(phones.p99),
            refuse_per_mille: phones.refuse_per_mille,
            mistype_per_mille: phones.mistype_per_mille,
            absent_per_mille: phones.off_per_mille,
        }),
        human_phones: Vec::new(),
        troubles: sim_carriers::Troubles::default(),
    }
}

/// Where the scenario says nothing of phones, which it does wherever there is a portal.
const EVERYBODY_AT_ONCE: PhoneBehaviour = PhoneBehaviour {
    median_ms: 1,
    p99_ms: 2,
    refuse_per_mille: 0,
    mistype_per_mille: 0,
    absent_per_mille: 0,
};

/// What simulated citizens are told.
pub(super) fn citizens(
    scenario: &Scenario,
    citizens: &Citizens,
    places: &CitizenPlaces,
    folder: &RunFolder,
) -> CitizensConfig {
    CitizensConfig {
        portal_url: places.portal_url.clone(),
        carriers_url: places.carriers_url.clone(),
        id_card_certificate_pem: places.id_card_certificate_pem.clone(),
        people: scenario.people(),
        plan: CitizenPlan {
            journeys: citizens.journeys.clone(),
            carriers: citizens.carriers.clone(),
            think: Taking {
                median_ms: super::configs::millis(citizens.think_median),
                p99_ms: super::configs::millis(citizens.think_p99),
            },
        },
        documents: Some(folder.documents()),
        people_at_once: citizens.people_at_once,
        duration_ms: super::configs::millis(citizens.duration),
        crowd: crowd(citizens),
    }
}

/// How many people there are over the day; empty where it is always the same.
fn crowd(citizens: &Citizens) -> Vec<CrowdStep> {
    let shape = match citizens.shape {
        DayShape::Constant => return Vec::new(),
        DayShape::DeadlineDay => Shape::DeadlineDay,
        DayShape::Diurnal => Shape::Diurnal {
            busy_hour: sim_workload::shapes::BUSY_HOUR,
        },
    };
    let levels = shape.crowd(citizens.people_at_once, citizens.duration);
    let levels = levels.expect("a day with the usual busy hour has a shape");
    let mut before = std::time::Duration::ZERO;
    let steps = levels.into_iter().map(|(at, people)| {
        let within_ms = super::configs::millis(at.saturating_sub(before));
        before = at;
        CrowdStep { people, within_ms }
    });
    steps.collect()
}

/// The plain-HTTP side of the security server of a subsystem.
fn exchange_of(
    scenario: &Scenario,
    client: &ClientId,
    servers: &[RunningServer],
) -> Result<String, CountryError> {
    let server = scenario.servers_of(client).find(|server| {
        let mut connections = server.clients.iter();
        connections.any(|served| served.client == *client && served.connection == Connection::Http)
    });
    let running = server.and_then(|server| {
        let mut running = servers.iter();
        running.find(|running| running.id.code() == server.code)
    });
    running
        .map(|running| format!("http://{}", running.ready.client_listen))
        .ok_or_else(|| {
            CountryError::Unsupported(format!(
                "{client} needs a security server that it reaches by `connection: http`"
            ))
        })
}

/// The languages of pages, as the services call them.
fn languages<L: serde::de::DeserializeOwned>(portal: &Portal) -> Vec<L> {
    let languages = portal.languages.iter();
    languages
        .filter_map(|language| serde_json::from_value(language.code().into()).ok())
        .collect()
}
