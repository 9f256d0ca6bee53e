//! Reading and writing cookies (RFC 6265).
//!
//! Cookies know no ports, so the names say whose they are: other parts of the country may be
//! served from the same host.

use axum::http::{HeaderMap, HeaderValue, header};

/// Where a session is found again.
pub(crate) const SESSION: &str = "portal-session";
/// What a log-in under way is bound to.
pub(crate) const LOGIN: &str = "portal-login";
/// What the forms of somebody not logged in are bound to.
pub(crate) const VISITOR: &str = "portal-visitor";
/// The language chosen.
pub(crate) const LANGUAGE: &str = "portal-language";

/// How cookies are written here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jar {
    /// Whether browsers come over TLS; then no cookie may travel otherwise, and no neighbouring
    /// host can set one (`__Host-`).
    pub(crate) is_secure: bool,
}

// === impl Jar ===

impl Jar {
    /// The value of a cookie that the browser sent.
    pub(crate) fn find<'a>(self, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).into_iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| self.bare_name(found) == Some(name))
            .map(|(_, value)| value)
    }

    /// A cookie that ends with the browser.
    pub(crate) fn set(self, name: &str, value: &str) -> HeaderValue {
        self.line(name, value, "")
    }

    /// A cookie that is kept for `seconds`.
    pub(crate) fn keep(self, name: &str, value: &str, seconds: u64) -> HeaderValue {
        self.line(name, value, &format!("; Max-Age={seconds}"))
    }

    /// Takes a cookie away.
    pub(crate) fn clear(self, name: &str) -> HeaderValue {
        self.line(name, "", "; Max-Age=0")
    }

    /// `Lax` and not `Strict`: the way back from the provider is a navigation from another site.
    fn line(self, name: &str, value: &str, lifetime: &str) -> HeaderValue {
        let (prefix, secure) = if self.is_secure {
            ("__Host-", "; Secure")
        } else {
            ("", "")
        };
        let line =
            format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}");
        HeaderValue::try_from(line).expect("values here are text for URLs")
    }

    fn bare_name(self, name: &str) -> Option<&str> {
        if self.is_secure {
            name.strip_prefix("__Host-")
        } else {
            Some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        let line = "x-portal-session=1; portal-session=2;__Host-portal-session=3";
        headers.insert(header::COOKIE, HeaderValue::from_static(line));
        let plain = Jar { is_secure: false };
        assert_eq!(plain.find(&headers, SESSION), Some("2"));
        assert_eq!(Jar { is_secure: true }.find(&headers, SESSION), Some("3"));
        assert_eq!(plain.find(&headers, LANGUAGE), None);
    }

    #[test]
    fn over_tls_a_cookie_never_travels_otherwise() {
        let line = Jar { is_secure: true }.set(SESSION, "v");
        assert_eq!(
            line,
            "__Host-portal-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
