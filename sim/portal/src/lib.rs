//! The citizens' portal: a server-rendered web application with its own place in the exchange.
//!
//! [`run`] serves it over plain HTTP. A person logs in through an OpenID Connect provider, sees
//! what the registries hold about them, asked live over the exchange, and who looked at it.
//!
//! Along the way of a request: `app` (routes, and what holds for every request: host, origin,
//! headers), `visit` (cookies, language, session, form protection), `oidc` (logging in),
//! `exchange` (asking a registry), `pages` (what is shown), `texts` (every word, in each language).
//! `applications` and `signing`: what is filled in, signed on a phone, and handed to a registry.
//! `assistants`: who may read a person's data for them, for some minutes.
//!
//! It is not: a registry (it holds no data of anybody beyond what a session needs), and no judge of
//! rights: it asks as itself on behalf of the logged-in person, and only about that person.
//! It passes nothing from a browser on to the exchange but what a form asks for.

mod app;
mod applications;
mod assistants;
mod catalogue;
mod config;
mod cookies;
mod exchange;
mod filling;
mod format;
mod frame;
mod oidc;
mod pages;
mod registries;
mod run;
mod secrets;
mod sessions;
mod signing;
mod state;
mod statistics;
mod style;
mod texts;
mod together;
mod visit;

pub use assistants::{ASSISTANT_LIFETIME, MAX_ASSISTANTS};
pub use config::{
    ConfigError, InquiryService, PortalConfig, PortalServices, RegisterService, RelyingPartyName,
};
pub use exchange::{MAX_ANSWER_BYTES, REGISTRY_TIME_LIMIT};
pub use oidc::{ATTEMPT_LIFETIME, CLOCK_SKEW};
pub use run::{Error, Ready, Summary, run};
pub use sessions::{MAX_SESSIONS, SESSION_IDLE_LIMIT};
pub use texts::Language;
pub use visit::MAX_FORM_BYTES;
