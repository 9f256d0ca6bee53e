//! The gateway: client proxy, server proxy, signer, access rights, message transport.
//!
//! A security server stands between an information system and the other security servers of a
//! country. What a service client asks is signed, logged and sent by the *client proxy*
//! (`client_proxy.rs`); what another server sends is checked, logged, passed to the service and
//! answered by the *server proxy* (`server_proxy.rs`). Both read as the list of steps of
//! `docs/life-of-a-message.md`.
//!
//! Start with [`run`]; it needs no scenario, only a [`config::SecurityServerConfig`].

pub mod config;

mod admin;
mod client_proxy;
mod fault;
mod http_client;
mod identity;
mod message;
mod ocsp;
mod serve;
mod server;
mod server_proxy;
mod services;
mod signing;
mod startup;
mod telemetry;
pub(crate) mod transport;

pub use identity::IdentityError;
pub use startup::{Ready, StartError, Summary, run};
pub use telemetry::Counts;
