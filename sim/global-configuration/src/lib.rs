//! The global configuration: who takes part in the country, where, and whom everybody trusts.
//!
//! Responsible for: the documents of X-Road's configuration version 6 ([`shared_parameters`],
//! [`private_parameters`], [`anchor`]), the [signed directory](signed_directory) that covers them,
//! the [client](ConfigurationClient) that downloads and verifies them, the
//! [snapshot](GlobalConfiguration) that messages are judged by, and the management requests that
//! change what is published ([`registration`]).
//!
//! It is not: the central server that keeps registrations and publishes them.
//!
//! | module | holds |
//! |---|---|
//! | `xml` | bounded reading and deterministic writing of XML |
//! | [`shared_parameters`], [`private_parameters`], [`anchor`] | documents as plain data |
//! | [`signed_directory`] | which files, which hashes, until when, signed |
//! | `snapshot` | [`GlobalConfiguration`]: lookups for every message |
//! | `client` | download, verification, refresh |
//! | [`registration`] | management requests and the functions that send them |

pub mod anchor;
pub mod private_parameters;
pub mod registration;
pub mod shared_parameters;
pub mod signed_directory;

mod client;
mod identifiers;
mod snapshot;
mod xml;

pub use anchor::{Anchor, AnchorSource};
pub use client::{
    ConfigurationClient, ConfigurationClientStopped, ConfigurationHandle, FetchError,
};
pub use private_parameters::PrivateParameters;
pub use shared_parameters::SharedParameters;
pub use snapshot::{GlobalConfiguration, SnapshotError};
pub use xml::XmlError;
