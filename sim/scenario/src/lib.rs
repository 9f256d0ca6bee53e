//! YAML to a valid scenario, with diagnostics that point.
//!
//! Responsible for: the form of scenario files, their checking, and saying what is wrong with them.
//! A file passes through `yaml` (text to a tree with places), `decode` and `raw` (the tree to
//! what the file says), `checks` (whether its parts fit) and `resolve` (identifiers completed,
//! defaults filled in) to the [`model`], which is all that other crates see. `schema` and
//! `reference` are made from the same declarations in `raw`.
//!
//! It is not: a runner. Nothing here starts anything; a bad scenario starts nothing.

mod asks;
mod checks;
mod decode;
pub mod diagnostics;
mod load;
pub mod model;
mod names;
mod profiles;
mod raw;
mod reference;
mod resolve;
mod schema;
mod suggest;
mod traffic;
mod values;
mod variation;
mod yaml;

pub use decode::MAX_ENTRIES;
pub use diagnostics::{Diagnostic, Diagnostics, ProblemKind, Span};
pub use load::MAX_FILE_BYTES;
pub use model::{
    AccessRule, Arrivals, BodyLogging, CipherSuite, Citizens, ClientConnection, Comparison,
    Connection, ConnectionReuse, DayShape, ExchangeSettings, FaultDialect, IdentityProvider,
    KeyType, Language, Load, LogIn, Member, MetricName, MetricUnit, MixedQuestion, Phones,
    PlantedLie, PopulationPlan, Portal, Profile, Registry, RegistryKind, RegistryLies,
    RelyingParty, Scenario, SecurityServer, ServerLimits, Service, ServiceDemand, SignatureScope,
    Stop, Substitution, Threshold, TimeStamping, TlsVersion, Trace, TrustSettings, WhenFull,
    Window, Workload,
};
pub use raw::{MAX_CITIZENS, MAX_EXCHANGES, MAX_IDS_PER_EXCHANGE, MAX_PEOPLE, MAX_TIME_SCALE};
pub use reference::reference_markdown;
pub use schema::json_schema;
pub use values::{
    MAX_IN_FLIGHT, MAX_INTERVAL, MAX_RATE, MAX_RESPONSE_TIME, MAX_SIZE_BYTES, MIN_INTERVAL,
};
pub use variation::{ConstantLoad, SUSTAINED, Variation};
pub use yaml::{MAX_ALIASES, MAX_DEPTH, MAX_VALUES};
