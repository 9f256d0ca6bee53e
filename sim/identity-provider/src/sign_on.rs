//! Single sign-on, as GovSSO speaks it: a session that several services share.
//!
//! A service begins as with a log-in, at an endpoint of its own; somebody who has a session goes on
//! with it by one click. The service refreshes its tokens as long as it is used, which keeps the
//! session alive, and whoever logs out of the session is logged out of every service that shares it.
//!
//! Written after OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0, RFC 6749
//! section 6 (refresh tokens), and GovSSO's specification: claims are flat, every refresh gives a new
//! refresh token, and one that lies unused dies with its ID token. Its issuer is another than that of
//! log-ins, so that no service takes a token of one for a token of the other (RFC 9207).
//!
//! The access token opens nothing here: OpenID Connect has one, and ID tokens tell everything.

mod back_channel;
mod claims;
pub(crate) mod discovery;
mod ending;
pub(crate) mod logout;

pub(crate) mod token;

pub(crate) use back_channel::BackChannel;

/// What follows the provider's own issuer in the issuer of single sign-on.
pub(crate) const PATH: &str = "/oauth2";
