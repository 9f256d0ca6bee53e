//! What the audit trusts: the certificates and parameters of the run's own country.

use std::path::Path;
use std::time::Duration;

use crate::AuditError;
use crate::certificate::Certificate;
use crate::xml::Xml;

/// Namespace of X-Road's configuration; only its outermost elements are of it.
const XROAD: &str = "http://x-road.eu/xsd/xroad.xsd";

/// Trust anchors of a run.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) authorities: Vec<Certificate>,
    pub(crate) ocsp_responders: Vec<Certificate>,
    pub(crate) time_stamping_authorities: Vec<Certificate>,
    /// How old an OCSP response may be when a signature relies on it.
    pub(crate) ocsp_freshness: Duration,
}

impl Trust {
    /// Reads the anchors from a run's folder `trust`.
    pub(crate) fn load(folder: &Path) -> Result<Self, AuditError> {
        Ok(Self {
            authorities: certificates(folder, "ca.pem")?,
            ocsp_responders: certificates(folder, "ocsp.pem")?,
            time_stamping_authorities: certificates(folder, "tsa.pem")?,
            ocsp_freshness: freshness(folder)?,
        })
    }

    /// The authority that issued `certificate`.
    pub(crate) fn issuer_of(&self, certificate: &Certificate) -> Option<&Certificate> {
        self.authorities
            .iter()
            .find(|authority| certificate.is_issued_by(authority))
    }
}

fn certificates(folder: &Path, name: &str) -> Result<Vec<Certificate>, AuditError> {
    read(folder, name, |bytes| {
        let certificates = Certificate::parse_pem(bytes)?;
        if certificates.is_empty() {
            Err("no certificate".to_owned())
        } else {
            Ok(certificates)
        }
    })
}

fn freshness(folder: &Path) -> Result<Duration, AuditError> {
    read(folder, "shared-params.xml", |bytes| {
        let xml = Xml::parse(bytes).map_err(|fault| fault.0)?;
        let root = xml.root(XROAD, "conf").map_err(|fault| fault.0)?;
        let path = [("", "globalSettings"), ("", "ocspFreshnessSeconds")];
        let seconds = root.descendant(&path).map_err(|fault| fault.0)?.text();
        let seconds = seconds
            .parse()
            .map_err(|_| format!("`{seconds}` is no freshness"))?;
        Ok(Duration::from_secs(seconds))
    })
}

fn read<T>(
    folder: &Path,
    name: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<T, AuditError> {
    let file = folder.join(name);
    let parsed = std::fs::read(&file).map_err(|error| error.to_string());
    parsed
        .and_then(|bytes| parse(&bytes))
        .map_err(|what| AuditError::Trust {
            file: file.clone(),
            what,
        })
}
