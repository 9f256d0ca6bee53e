//! The services this server provides and who may call them.

use std::collections::BTreeMap;
use std::time::Duration;

use sim_domain::access::{AccessRight, NormalisedPath};
use sim_domain::identifiers::{ClientId, ServiceId};

use crate::config::ServiceConfig;

/// Every service of this server, by identifier.
pub(crate) struct ServiceCatalogue {
    services: BTreeMap<ServiceId, Service>,
}

/// One service, ready to be called.
pub(crate) struct Service {
    /// Where it is answered; path and query are appended.
    pub(crate) url: String,
    /// How long an answer may take.
    pub(crate) timeout: Duration,
    /// What callers are told while it is disabled.
    pub(crate) disabled_notice: Option<String>,
    access: Vec<AccessRight>,
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

    /// The URL to call: the configured one, the message's path, and its query.
    pub(crate) fn target(&self, path: &str, query: Option<&str>) -> String {
        let mut target = String::with_capacity(self.url.len() + path.len() + 64);
        let doubled = self.url.ends_with('/') && path.starts_with('/');
        target.push_str(if doubled {
            &self.url[..self.url.len() - 1]
        } else {
            &self.url
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

    fn service(url: &str) -> Service {
        Service {
            url: url.to_owned(),
            timeout: Duration::from_secs(1),
            disabled_notice: None,
            access: Vec::new(),
        }
    }

    #[test]
    fn a_target_has_one_slash_where_both_sides_bring_one() {
        assert_eq!(service("http://r/x").target("", None), "http://r/x");
        assert_eq!(
            service("http://r/x").target("/y", Some("a=1")),
            "http://r/x/y?a=1"
        );
        assert_eq!(service("http://r/x/").target("/y", None), "http://r/x/y");
        assert_eq!(service("http://r/x/").target("", None), "http://r/x/");
    }
}
