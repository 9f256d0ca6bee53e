//! The provider as browsers and relying parties meet it, over real sockets. The carriers behind it
//! are a small stand-in that signs with keys of a test authority.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod browser;
mod carrier;
mod country;
mod forgeries;
mod log_in;
mod relying_party;
mod requests;
mod world;
