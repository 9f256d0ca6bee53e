//! The cookie that says which browser this is (RFC 6265).
//!
//! Cookies know no ports, so the name says whose it is: other parts of the country may be served
//! from the same host.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::secrets::is_random_text;

const BROWSER: &str = "login-browser";

/// How cookies are written here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jar {
    /// Whether browsers come over TLS; then the cookie never travels otherwise, and no neighbouring
    /// host can set it (`__Host-`).
    pub(crate) is_secure: bool,
}

// === impl Jar ===

impl Jar {
    /// What the browser's cookie says, where it can be one of ours.
    pub(crate) fn browser(self, headers: &HeaderMap) -> Option<&str> {
        let lines = headers.get_all(header::COOKIE).into_iter();
        let mut pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs
            .find(|(name, _)| self.bare_name(name) == Some(BROWSER))
            .map(|(_, value)| value)
            .filter(|value| is_random_text(value))
    }

    /// A cookie that ends with the browser. `Lax` and not `Strict`: relying parties send people
    /// here by navigating from another site.
    pub(crate) fn set_browser(self, value: &str) -> HeaderValue {
        let (prefix, secure) = if self.is_secure {
            ("__Host-", "; Secure")
        } else {
            ("", "")
        };
        let line = format!("{prefix}{BROWSER}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(line).expect("random text is text for headers")
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
    use crate::secrets::random_text;

    #[test]
    fn the_cookie_is_found_by_its_whole_name_and_form() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());
        let line = format!("x-login-browser=1; login-browser={one};__Host-login-browser={other}");
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, line.parse().unwrap());
        assert_eq!(
            Jar { is_secure: false }.browser(&headers),
            Some(one.as_str())
        );
        assert_eq!(
            Jar { is_secure: true }.browser(&headers),
            Some(other.as_str())
        );
        headers.insert(header::COOKIE, HeaderValue::from_static("login-browser=a"));
        assert_eq!(Jar { is_secure: false }.browser(&headers), None);
    }
}
