//! YAML to a valid scenario, with diagnostics that point.

pub mod model;

pub use model::{
    AccessRule, Arrivals, ClientConnection, Comparison, Connection, FaultDialect, IdScheme, Load,
    Member, MetricName, MetricUnit, PlantedLie, PopulationPlan, Registry, RegistryKind,
    RegistryLies, Scenario, SecurityServer, ServerLimits, Service, Threshold, TrustSettings,
    Workload,
};
