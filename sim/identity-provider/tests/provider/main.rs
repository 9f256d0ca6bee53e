//! The provider as browsers and relying parties meet it, over real sockets. The carriers behind it
//! are a small stand-in that signs with keys of a test authority.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod authlib;
mod browser;
mod card_reader;
mod carrier;
mod country;
mod end_of_sessions;
mod false_hints;
mod forgeries;
mod id_card;
mod log_in;
mod relying_party;
mod requests;
mod responder;
mod revocation;
mod services;
mod sign_on;
mod world;
