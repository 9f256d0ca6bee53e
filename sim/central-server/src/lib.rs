//! The central server: keeps who is registered in the country, and publishes it, signed, as the
//! global configuration that every security server downloads.
//!
//! Responsible for: registrations (in memory, and as one JSON file in its data folder), the signing
//! key, a new publication at the start, at every change and at every refresh interval, and the
//! management requests that make changes.
//!
//! It is not: a certification authority, and no message ever passes through it.
//!
//! Management requests are JSON over HTTP with a bearer token. That is Roadtest's own
//! simplification: in X-Road they are SOAP messages, signed and sent through security servers, and
//! then approved by people. What they change, and what is published for it, is the same.
//!
//! | request | effect |
//! |---|---|
//! | `GET /internalconf?version=6` | the signed directory |
//! | `GET /V6/STAMP/shared-params.xml`, `.../private-params.xml` | its two documents |
//! | `GET /anchor.xml` | the anchor for security servers |
//! | `GET /health` | 200 while the published configuration holds, else 503 |
//! | `POST /management/security-servers` | registers a security server, its certificate and clients |
//! | `DELETE /management/security-servers/ID/authentication-certificate` | withdraws the certificate |
//! | `DELETE /management/members/ID` | withdraws a member, its subsystems and its servers |
//! | `POST /management/maintenance` | puts a security server into maintenance, or takes it out |
//!
//! An `ID` in a path has its parts percent-encoded one by one, with `/` between them. A refused
//! request is answered with `{"error": WORD, "message": SENTENCE}`:
//!
//! | status | words |
//! |---|---|
//! | 400 | `bad_request` (not the JSON that is needed), `bad_identifier` |
//! | 401 | `unauthorised` |
//! | 404 | `unknown_member`, `unknown_client`, `unknown_security_server`, `no_authentication_certificate`, `unknown_request` |
//! | 409 | `duplicate_security_server`, `duplicate_authentication_certificate` |
//! | 413 | `too_large` |
//! | 422 | `wrong_instance`, `bad_certificate`, `bad_address`, `bad_message`, `too_many_clients` |
//! | 500 | `internal_error` |
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | what it is told |
//! | `registrations` | who is registered, and what a change does |
//! | `store`, `signing_certificate` | the data folder |
//! | `country`, `publication` | registrations to signed configuration |
//! | `server` | the state |
//! | `http`, `run` | the listener and its life |

pub mod config;

mod country;
mod http;
mod publication;
mod registrations;
mod run;
mod server;
mod signing_certificate;
mod store;

pub use config::{CentralServerConfig, ConfigError};
pub use run::{Error, Ready, Summary, run};
pub use server::OpenError;
pub use signing_certificate::SigningCertificateError;
pub use store::StoreError;
