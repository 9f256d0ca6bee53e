//! The valid scenario: what the rest of Roadtest works from.
//!
//! A [`Scenario`] comes out of [`Scenario::load`] or [`Scenario::parse`] only, so whoever holds one
//! need not ask again whether a reference resolves or a number is sane. Identifiers are complete,
//! durations are [`Duration`]s, sizes are bytes, and every default is filled in.

mod cipher_suite;
mod citizens;
mod exchange;
mod registry;
mod threshold;
mod workload;

use std::time::Duration;

use sim_domain::{ClientId, MemberId};
use sim_population::{Ages, Names, PeopleConfig, SchemeName};
use time::Date;

pub use cipher_suite::CipherSuite;
pub use citizens::{Citizens, IdentityProvider, Language, LogIn, Phones, Portal, RelyingParty};
pub use exchange::{
    BodyLogging, ConnectionReuse, ExchangeSettings, KeyType, Profile, SignatureScope, Substitution,
    TimeStamping, TlsVersion,
};
pub use registry::{AccessRule, Registry, RegistryKind, RegistryLies, Service, ServiceDemand};
pub use threshold::{Comparison, MetricName, MetricUnit, Threshold, Window};
pub use workload::{
    Arrivals, DayShape, Load, MixedQuestion, PlantedLie, Stop, Trace, WhenFull, Workload,
};

/// A country, what is asked of it, and what must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Short name: lower-case letters, digits and hyphens, fit for a folder or a chart.
    pub name: String,
    /// The question the scenario answers, in one sentence.
    pub question: String,
    /// All randomness of a run follows from this number.
    pub seed: u64,
    /// The file as it was read, for the run's record.
    pub source_text: String,
    /// The table that the workload's rate follows, where it follows one.
    pub trace: Option<Trace>,
    /// The X-Road instance, such as `EE`: the first part of every identifier.
    pub instance: String,
    /// The people whom the registries know.
    pub population: PopulationPlan,
    /// Organisations, in the order of the file; identifiers are unique.
    pub members: Vec<Member>,
    /// Security servers, in the order of the file; codes are unique.
    pub security_servers: Vec<SecurityServer>,
    /// Registries, in the order of the file; names and served data are unique.
    pub registries: Vec<Registry>,
    /// Where citizens log in; there where there is a portal.
    pub identity_provider: Option<IdentityProvider>,
    /// The citizen portal, where the country has one.
    pub portal: Option<Portal>,
    /// How often certificates, time and configuration are confirmed.
    pub trust: TrustSettings,
    /// How messages are signed, carried and kept.
    pub exchange: ExchangeSettings,
    /// Who asks what, and how fast.
    pub workload: Workload,
    /// People who use the portal meanwhile, if there are any.
    pub citizens: Option<Citizens>,
    /// What must hold after the run; never empty.
    pub thresholds: Vec<Threshold>,
    /// Lies told on purpose; empty in every scenario that should pass.
    pub planted_lies: Vec<PlantedLie>,
}

/// Who lives in the country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulationPlan {
    /// How many people are asked about.
    pub people: u64,
    /// How many of them have died; at most `people`.
    pub deceased: u64,
    /// How people are numbered.
    pub id_scheme: SchemeName,
    /// The day as of which people are alive or not.
    pub reference_date: Date,
    /// How old they are.
    pub ages: Ages,
    /// What they and their places are called.
    pub names: Names,
    /// How many in 1,000 of the grown-up are e-residents.
    pub e_residents_per_mille: u32,
}

impl PopulationPlan {
    /// The people as the population computes them.
    #[must_use]
    pub fn plan(&self) -> sim_population::PopulationPlan {
        sim_population::PopulationPlan {
            people: self.people,
            deceased: self.deceased,
            reference_date: self.reference_date,
            ages: self.ages,
            id_scheme: self.id_scheme,
            names: self.names.clone(),
            e_residents_per_mille: self.e_residents_per_mille,
        }
    }
}

/// An organisation that takes part in the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Instance, class and code.
    pub id: MemberId,
    /// Its name, for people.
    pub name: String,
    /// Codes of its subsystems, unique within the member.
    pub subsystems: Vec<String>,
}

/// A gateway between information systems and the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityServer {
    /// Server code, unique in the country.
    pub code: String,
    /// The member that runs it.
    pub owner: MemberId,
    /// The subsystems it serves; at least one.
    pub clients: Vec<ClientConnection>,
    /// The wording of its error codes.
    pub fault_dialect: FaultDialect,
    /// Limits that differ from the security server's own defaults.
    pub limits: ServerLimits,
}

/// A subsystem that a security server serves, and how its information system connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConnection {
    /// The subsystem.
    pub client: ClientId,
    /// How the server knows that it is the subsystem that calls.
    pub connection: Connection,
}

/// How an information system connects to its security server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Plain HTTP: whoever reaches the port is believed.
    Http,
    /// HTTPS without a client certificate.
    Https,
    /// HTTPS with a client certificate that the server knows.
    MutualTls,
}

/// The wording of error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultDialect {
    /// `server.clientproxy.unknown_member`, as current X-Road versions say.
    Current,
    /// `Server.ClientProxy.UnknownMember`, as older X-Road versions said.
    Legacy,
}

/// Limits of a security server; what is absent stays at the server's own default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLimits {
    /// Messages mediated at once; one more is refused.
    pub max_in_flight: Option<u32>,
    /// Largest body of a message, in bytes.
    pub max_body_bytes: Option<u64>,
    /// Largest sum of all headers of a message, in bytes.
    pub max_header_bytes: Option<u64>,
}

/// How often certificates, time and configuration are confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustSettings {
    /// For how long a certificate's status may be relied on.
    pub ocsp_freshness: Duration,
    /// How often a security server asks for its certificates' status.
    pub ocsp_fetch_interval: Duration,
    /// How often what was logged is time-stamped.
    pub time_stamping_interval: Duration,
    /// How often the global configuration is downloaded.
    pub configuration_refresh: Duration,
    /// How long after its publication the global configuration is valid.
    pub configuration_expiry: Duration,
}

impl Scenario {
    /// Who the people are, for every part that has to compute them.
    #[must_use]
    pub fn people(&self) -> PeopleConfig {
        PeopleConfig {
            seed: self.seed,
            plan: self.population.plan(),
        }
    }

    /// How many exchanges come due; absent where time alone ends a closed load.
    #[must_use]
    pub fn exchanges(&self) -> Option<u64> {
        self.workload.planned_exchanges()
    }

    /// The security servers that serve `client`, in the order of the file.
    pub fn servers_of(&self, client: &ClientId) -> impl Iterator<Item = &SecurityServer> {
        self.security_servers
            .iter()
            .filter(move |server| server.clients.iter().any(|served| &served.client == client))
    }
}
