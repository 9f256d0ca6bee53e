//! The identity provider: says who somebody is, to those whom they want to know it.
//!
//! [`run`] serves OpenID Connect in the shape of TARA, Estonia's authentication service, over plain
//! HTTP. A relying party sends a person's browser to `/oidc/authorize`; the person chooses Mobile-ID,
//! Smart-ID or the ID-card, answers on the phone or shows the card, and is sent back with a code, for which the relying party gets
//! an ID token. The carriers of Mobile-ID and Smart-ID are parts of their own; the provider asks
//! them, and believes nothing that a certificate of the people's authority and a signature do not
//! prove.
//!
//! The modules, along the way of a log-in: `oidc::authorize` (the relying party's request), `flows`
//! (log-ins under way), `login` and `pages` (what the person sees), `carriers` (asking the phone),
//! `trust` (from certificate and signature to a person), `grants` (codes and access tokens),
//! `oidc::token` and `oidc::profile` (what the relying party is told). `id_card` is a listener of its
//! own, as browsers show certificates in the handshake of TLS alone. `sessions` and `sign_on` are
//! GovSSO's protocol: single sign-on, under an issuer of its own.
//!
//! What is simulated: the provider takes dates of birth from the population that the simulator
//! computes, where a real one has a copy of the register; and it may send people to `http` addresses
//! of this machine, so that a browser in the room needs no exception for a certificate.

mod app;
mod carriers;
mod config;
mod cookies;
mod flows;
mod grants;
mod id_card;
mod key;
mod login;
mod oidc;
mod pages;
mod person;
mod provider;
mod run;
mod secrets;
mod sessions;
mod sign_on;
mod style;
mod texts;
mod trust;

pub use config::{CarrierRelyingParty, ConfigError, IdentityProviderConfig, Lifetimes, OidcClient};
pub use id_card::CardTlsError;
pub use key::TokenKeyError;
pub use run::{Error, Ready, Summary, run};
pub use secrets::NoRandomness;
pub use texts::Language;
