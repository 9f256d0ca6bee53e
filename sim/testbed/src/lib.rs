//! Scenario to running parts on child processes, to a drained run folder.
//!
//! [`Country::stand_up`] starts the parts in the order in which they need each other,
//! [`Country::drive`] sends the workload, [`Country::drain`] ends everything in order. Only this
//! crate picks addresses and ports, and only `country/configs.rs` knows both a scenario and the
//! configuration of a part.

pub mod addresses;
mod audit_plan;
pub mod cores;
mod country;
pub mod lies;
pub mod machine;
pub mod node;
pub mod observe;
pub mod run_folder;

pub use audit_plan::audit_plan;
pub use country::{
    CitizenPlaces, ClientAccess, Country, CountryError, Drained, Moment, RunningServer,
    ServiceAccess, TrustUse,
};
pub use machine::machine;
pub use node::{Node, NodeError, NodeKind};
pub use run_folder::{RunFolder, RunFolderError};
