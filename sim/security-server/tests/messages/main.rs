//! Messages through two security servers in a country of real trust services, all in this
//! process: what passes, what is refused with which code, and what is in the logs afterwards.
//!
//! `country` stands the country up, `service` is the provider's information system, `client` the
//! consumer's, `peer` and `provider` are security servers that lie. The other modules are the
//! stories.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod client;
mod country;
mod notary;
mod part;
mod peer;
mod provider;
mod service;
mod tls;
mod wire;

mod bad_input;
mod connections;
mod drain;
mod exchanges;
mod failed_syncs;
mod hostile_peers;
mod hostile_providers;
mod limits;
mod outages;
mod paths;
mod refusals;
mod settings;
mod stages;
mod withdrawals;
