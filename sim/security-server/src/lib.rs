//! The gateway: client proxy, server proxy, signer, access rights, message transport.
//!
//! A security server stands between an information system and the other security servers of a
//! country. What a service client asks is signed, logged and sent by the *client proxy*
//! (`client_proxy.rs`); what another server sends is checked, logged, passed to the service and
//! answered by the *server proxy* (`server_proxy.rs`). Both read as the list of steps of
//! `docs/life-of-a-message.md`.
//!
//! Start with [`run`]; it needs no scenario, only a [`config::SecurityServerConfig`].
//!
//! It is not: a SOAP gateway, or a server of metadata (`listMethods` and the like); REST messages
//! alone are passed on.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | what it is told |
//! | `startup` | registration, listeners, drain |
//! | `serve` | one accepting loop for every listener |
//! | `client_proxy`, `server_proxy` | the two sides of a message |
//! | `admission` | how many messages are in work at once |
//! | `message` | a message's bytes, digests and record |
//! | `signing` | one key operation for everything that waits |
//! | `ocsp` | statuses of certificates, own and others' |
//! | `services` | what is provided, and to whom |
//! | `stages` | where the time of an exchange goes |
//! | `transport` | TLS and multipart between security servers |
//! | `identity` | keys and certificates |
//! | `admin`, `telemetry` | health and metrics |
//!
//! Limits: header lines keep the order and the case in which they came, and become part of the
//! message that is signed, sent and logged; those of one hop, and blanks around a value, do not.
//! A header value that is not UTF-8 is refused from a client (`internal_error`) and left out of a
//! service's answer. A head of more than 128 KiB or 200 lines is answered with a bare 431.

#[doc(hidden)]
pub mod bench;
pub mod config;

mod admin;
mod admission;
mod client_proxy;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod identity;
mod message;
mod ocsp;
mod scheduling;
mod serve;
mod server;
mod server_proxy;
mod services;
mod signing;
mod stages;
mod startup;
mod telemetry;
pub(crate) mod transport;

pub use identity::IdentityError;
pub use startup::{Ready, StartError, Summary, run, run_with_log};
pub use telemetry::Counts;
