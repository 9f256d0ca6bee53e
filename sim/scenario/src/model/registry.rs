//! Registries, and who may ask them what.

use std::time::Duration;

use sim_domain::ClientId;

/// A registry: the information system behind a subsystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Name in the file; unique.
    pub name: String,
    /// The subsystem it answers as.
    pub subsystem: ClientId,
    /// What sort of registry it is.
    pub kind: RegistryKind,
    /// The data of which it is the single source of truth.
    pub master_of: Vec<String>,
    /// Its services; at least one.
    pub services: Vec<Service>,
    /// Who reads its health records by the person's consent alone.
    pub by_consent: Vec<ClientId>,
    /// Whom the law lets read a health record that its owner has closed.
    pub legal_exceptions: Vec<ClientId>,
    /// How many of its officials look at people without a case.
    pub curious_officials: u32,
    /// A time that its services take before they answer, where the scenario sets one.
    pub service_demand: Option<ServiceDemand>,
    /// Lies it tells, taken from the scenario's planted lies.
    pub lies: RegistryLies,
}

/// A simulated time: half of all answers take no longer than the median, 99 of 100 no longer than
/// the p99.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceDemand {
    /// At least a millisecond.
    pub median: Duration,
    /// At least a millisecond above the median.
    pub p99: Duration,
}

/// What sort of registry it is, and so which services it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryKind {
    /// Knows who people are, who is alive and who died when.
    PopulationRegister,
    /// Pensions and benefits.
    SocialInsurance,
    /// Income and taxes.
    Tax,
    /// Health records, prescriptions and appointments.
    Health,
    /// Companies and who is behind them.
    Business,
    /// Who learns where, and with what result.
    Education,
    /// A bank: a private member.
    Bank,
    /// A school's journal, run by a company: a private member.
    SchoolJournal,
    /// Who may have which data of a person, by that person's word.
    Consents,
    /// An insurer, which reads health records by consent: a private member.
    Insurer,
}

/// A service of a registry, and who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Service code.
    pub code: String,
    /// Who may call which method and path; nobody else may.
    pub access: Vec<AccessRule>,
    /// How long the security server waits for an answer.
    pub timeout: Duration,
}

/// A right to call a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRule {
    /// Who may call.
    pub subject: ClientId,
    /// HTTP method in capitals, or `*` for any.
    pub method: String,
    /// Path pattern below the service, where `*` is one segment and `**` any number.
    pub path: String,
}

/// Lies that a registry tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistryLies {
    /// Every how many answers one is false.
    pub false_answer_every: Option<u64>,
    /// Every how many answers two are swapped.
    pub swap_answers_every: Option<u64>,
}

impl RegistryKind {
    /// Whether a call of the service reads, or writes, one person's data, so that the data tracker
    /// must know of it.
    #[must_use]
    pub fn is_personal(self, service: &str) -> bool {
        // The questions of machines are about many; the tracker itself and companies about nobody.
        !matches!(service, "liveness" | "person" | "findUsage" | "company")
            && self.services().contains(&service)
    }

    /// The codes of the services that such a registry has.
    #[must_use]
    pub const fn services(self) -> &'static [&'static str] {
        match self {
            Self::PopulationRegister => &["liveness", "person", "record", "relations", "findUsage"],
            Self::SocialInsurance => &["benefits", "applications", "inquiries", "findUsage"],
            Self::Tax => &["declaration", "declarations", "findUsage"],
            Self::Health => &[
                "record",
                "prescriptions",
                "appointments",
                "blocking",
                "findUsage",
            ],
            Self::Business => &["roles", "company", "companies", "findUsage"],
            Self::Education => &["studies", "findUsage"],
            Self::Bank => &["accounts", "findUsage"],
            Self::SchoolJournal => &["journal", "findUsage"],
            Self::Consents => &["consent", "consents", "validation", "findUsage"],
            Self::Insurer => &["offer", "inquiries", "findUsage"],
        }
    }
}
