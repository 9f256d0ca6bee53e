//! Addresses on the web at which a service that people log in to expects them, and expects to hear
//! of the end of their sessions.
//!
//! Scenarios and the identity provider take the same ones, so that what a file says can be run.

use std::net::IpAddr;

use http::Uri;
use thiserror::Error;

/// An address that browsers may be sent to with a code in its query: `https`, or `http` on a
/// loopback address, so that a browser on this machine needs no exception for a certificate; without
/// a fragment (RFC 6749, section 3.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnAddress(String);

/// An address to which the identity provider brings logout tokens, over plain HTTP: they are
/// signed, and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackChannelAddress(String);

/// Why a text is no such address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nobody could be sent there safely.
    #[error("`{0}` is neither https, nor http on a loopback address, or has a fragment")]
    Return(String),
    /// Nothing could be brought there.
    #[error("`{0}` is not `http://` with a host")]
    BackChannel(String),
}

/// Scheme, host and port of an `http` or `https` address, as browsers write an origin; none where it
/// names a user.
#[must_use]
pub fn origin_of(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| ["http", "https"].contains(scheme))?;
    let authority = uri
        .authority()
        .filter(|authority| !authority.as_str().contains('@'))?;
    Some(format!("{scheme}://{authority}"))
}

// === impl ReturnAddress ===

impl ReturnAddress {
    /// # Errors
    ///
    /// Where nobody could be sent there safely.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let is_safe = origin_of(text).is_some() && !text.contains('#') && is_safe_host(text);
        is_safe
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| AddressError::Return(text.to_owned()))
    }

    /// The address, to the letter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_safe_host(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let is_loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|ip: IpAddr| ip.is_loopback());
    uri.scheme_str() == Some("https") || is_loopback
}

// === impl BackChannelAddress ===

impl BackChannelAddress {
    /// # Errors
    ///
    /// Where nothing could be brought there.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let is_reachable = text.starts_with("http://") && origin_of(text).is_some();
        is_reachable
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| AddressError::BackChannel(text.to_owned()))
    }

    /// The address, to the letter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_over_tls_or_to_this_machine_alone() {
        for good in [
            "https://portal.example/back?a=b",
            "http://127.0.0.1:80/",
            "http://localhost:9000/callback",
            "http://[::1]:1/x",
        ] {
            assert!(ReturnAddress::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://portal.example/",
            "https://a/#b",
            "https://u@a/",
            "javascript:x",
            "ftp://127.0.0.1/",
            "/a",
        ] {
            assert!(ReturnAddress::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn logouts_are_told_over_plain_http() {
        assert!(BackChannelAddress::new("http://service.example:81/out").is_ok());
        for bad in ["https://service.example/out", "http://", "/out", ""] {
            assert!(BackChannelAddress::new(bad).is_err(), "{bad}");
        }
    }
}
