//! What a register is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_population::PopulationPlan;
use sim_workload::Taking;

/// A population register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Folder of the database, made where missing. A register left there by an earlier start is
    /// replaced: the population decides what is in it.
    pub database: PathBuf,
    /// Who is registered.
    pub population: RegisteredPopulation,
    /// Planted falsehoods; none unless told.
    #[serde(default)]
    pub lies: Lies,
    /// What sort of registry it is.
    #[serde(default)]
    pub kind: Kind,
    /// A time that each of its services takes before it answers, beside the time that it really
    /// takes: simulated, by waiting. None unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_demand: Option<Taking>,
    /// What it needs to serve citizens; without it only a population register has services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizens: Option<CitizensSide>,
}

/// What sort of registry it is, and so which services it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Who people are, who is alive and who died when.
    #[default]
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
    /// A bank.
    Bank,
    /// A school's journal.
    SchoolJournal,
    /// Who may have which data of a person, by that person's word.
    Consents,
    /// An insurer, which reads health records by consent.
    Insurer,
}

/// What a registry needs to serve citizens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizensSide {
    /// Country code: what stands before a national ID in `X-Road-UserId`.
    pub country: String,
    /// Folder of the data tracker's journal, made where missing.
    pub tracker: PathBuf,
    /// How it asks other registries, where it needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeAccess>,
    /// Subsystems that read a health record by the person's consent alone, encoded as in
    /// `X-Road-Client`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_consent: Vec<String>,
    /// Subsystems that the law lets read a health record which its owner has closed, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_exceptions: Vec<String>,
    /// How many officials of social insurance look at people without a case, until they are found
    /// out; those beyond its staff of twelve are none.
    #[serde(default)]
    pub curious_officials: u32,
}

/// The way to other registries over the exchange, and whom it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeAccess {
    /// The registry's own security server, `http://…`.
    pub exchange_url: String,
    /// The subsystem as which it asks, encoded as in `X-Road-Client`.
    pub client: String,
    /// Folder of the ledger of what it asks, made where missing.
    pub ledger: PathBuf,
    /// The population register's `relations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relations: Option<AskedService>,
    /// The consent service's `consent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<AskedService>,
    /// The consent service's `validation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<AskedService>,
    /// The `record` of health.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_record: Option<AskedService>,
}

/// A service of another registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedService {
    /// Encoded as in a path: `EE/GOV/70008440/rr/relations`.
    pub service: String,
    /// What people call the registry behind it.
    pub register: String,
}

/// Who is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredPopulation {
    /// The seed that decides who the people are.
    pub seed: u64,
    /// How many there are and how many of them have died.
    pub plan: PopulationPlan,
}

/// Falsehoods planted to see whether an audit finds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lies {
    /// Every so many registered persons asked about, one is reported wrongly: someone living as
    /// deceased, someone deceased not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_answer_every: Option<u64>,
    /// After every so many requests, the answers of two different requests are exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_answers_every: Option<u64>,
}
