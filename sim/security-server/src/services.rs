//! The services this server provides and who may call them.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Uri;
use sim_domain::access::{AccessRight, NormalisedPath};
use sim_domain::identifiers::{ClientId, ServiceId};

use crate::config::ServiceConfig;

/// Every service of this server, by identifier.
pub(crate) struct ServiceCatalogue {
    services: BTreeMap<ServiceId, Service>,
}

/// One service, ready to be called.
pub(crate) struct Service {
    /// Where it is answered; none where the configured URL names no place.
    pub(crate) place: Option<Place>,
    url: String,
    /// How long an answer may take.
    pub(crate) timeout: Duration,
    /// What callers are told while it is disabled.
    pub(crate) disabled_notice: Option<String>,
    access: Vec<AccessRight>,
}

/// Where a service is answered.
pub(crate) struct Place {
    /// Host and port.
    pub(crate) address: String,
    /// What the URL says of the path; the message's path and query are appended.
    path: String,
}

// === impl ServiceCatalogue ===

impl ServiceCatalogue {
    /// Takes the configured services.
    pub(crate) fn new(services: Vec<ServiceConfig>) -> Self {
        let services = services
            .into_iter()
            .map(|service| (service.id.clone(), Service::new(service)));
        Self {
            services: services.collect(),
        }
    }

    /// The service, if this server provides it.
    pub(crate) fn find(&self, id: &ServiceId) -> Option<&Service> {
        self.services.get(id)
    }
}

// === impl Service ===

impl Service {
    fn new(config: ServiceConfig) -> Self {
        Self {
            place: Place::of(&config.url),
            url: config.url,
            timeout: Duration::from_millis(config.timeout_ms),
            disabled_notice: config.disabled_notice,
            access: config.access,
        }
    }

    /// Whether `subject` may call `method` on the very path that will be forwarded.
    pub(crate) fn allows(&self, subject: &ClientId, method: &str, path: &NormalisedPath) -> bool {
        self.access
            .iter()
            .any(|right| right.permits(subject, method, path))
    }

    /// Why this service, which is called `id`, has no place.
    pub(crate) fn unusable(&self, id: &ServiceId) -> String {
        if self.url.is_empty() {
            format!("Service address not specified for '{id}'")
        } else {
            format!(
                "cannot call {}: only http:// with a host is possible",
                self.url
            )
        }
    }
}

// === impl Place ===

impl Place {
    fn of(url: &str) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        if url.scheme_str() != Some("http") || url.query().is_some() {
            return None;
        }
        Some(Self {
            address: format!("{}:{}", url.host()?, url.port_u16().unwrap_or(80)),
            path: url.path().to_owned(),
        })
    }

    /// The target of a request: the configured path, the message's path, and its query.
    pub(crate) fn target(&self, path: &str, query: Option<&str>) -> String {
        let mut target = String::with_capacity(self.path.len() + path.len() + 64);
        let doubled = self.path.ends_with('/') && path.starts_with('/');
        target.push_str(if doubled {
            &self.path[..self.path.len() - 1]
        } else {
            &self.path
        });
        target.push_str(path);
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_one_slash_where_both_sides_bring_one() {
        let target = |url, path, query| Place::of(url).unwrap().target(path, query);
        assert_eq!(target("http://r/x", "", None), "/x");
        assert_eq!(target("http://r/x", "/y", Some("a=1")), "/x/y?a=1");
        assert_eq!(target("http://r/x/", "/y", None), "/x/y");
        assert_eq!(target("http://r/x/", "", None), "/x/");
        assert_eq!(target("http://r", "", None), "/");
        assert_eq!(target("http://r", "/y", None), "/y");
    }

    #[test]
    fn a_place_is_a_host_over_plain_http() {
        assert_eq!(Place::of("http://r/x").unwrap().address, "r:80");
        assert_eq!(Place::of("http://[::1]:81").unwrap().address, "[::1]:81");
        for url in ["", "https://r/x", "/x", "http:///x", "http://r/x?y"] {
            assert!(Place::of(url).is_none(), "{url}");
        }
    }
}
