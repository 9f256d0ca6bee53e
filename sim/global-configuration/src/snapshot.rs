//! The verified configuration as a value, with the questions that every message asks of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sim_clock::UtcTime;
use sim_domain::{ClientId, SecurityServerId};
use sim_evidence::certificate::{
    Certificate, CertificateError, CertificationAuthority, TrustAnchors,
};
use thiserror::Error;

use crate::private_parameters::PrivateParameters;
use crate::shared_parameters::{CaInfo, Maintenance, SharedParameters};

/// One downloaded and verified configuration; clones share it.
#[derive(Clone, Debug)]
pub struct GlobalConfiguration {
    /// Members, servers, trust services.
    pub shared: Arc<SharedParameters>,
    /// What concerns this country's servers alone.
    pub private: Arc<PrivateParameters>,
    /// From when on it must not be used.
    pub expires_at: UtcTime,
    index: Arc<Index>,
}

/// Why parameters do not make a usable configuration.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// A certificate of a trust service cannot be used.
    #[error("read the certificate of {name}")]
    Certificate {
        /// The trust service's name.
        name: String,
        /// Why.
        source: CertificateError,
    },
    /// One authentication certificate is registered for two servers.
    #[error("{0} and {1} have the same authentication certificate")]
    SharedAuthenticationCertificate(SecurityServerId, SecurityServerId),
}

/// The answers, computed once for each configuration.
#[derive(Debug)]
struct Index {
    addresses: BTreeMap<ClientId, Vec<(SecurityServerId, String)>>,
    servers: BTreeMap<SecurityServerId, ServerEntry>,
    server_of_certificate: BTreeMap<[u8; 32], SecurityServerId>,
    registered: std::collections::BTreeSet<ClientId>,
    trust_anchors: TrustAnchors,
    ocsp_urls: BTreeMap<Bytes, Vec<String>>,
    time_stamping_urls: Vec<String>,
}

#[derive(Debug)]
struct ServerEntry {
    clients: Vec<ClientId>,
    maintenance: Option<Maintenance>,
}

// === impl GlobalConfiguration ===

impl GlobalConfiguration {
    /// Indexes verified parameters.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] where they contradict themselves or hold an unusable certificate.
    pub fn new(
        shared: SharedParameters,
        private: PrivateParameters,
        expires_at: UtcTime,
    ) -> Result<Self, SnapshotError> {
        let index = Arc::new(Index::build(&shared)?);
        Ok(Self {
            shared: Arc::new(shared),
            private: Arc::new(private),
            expires_at,
            index,
        })
    }

    /// The same configuration, confirmed by a newer directory until `expires_at`.
    #[must_use]
    pub fn renewed(&self, expires_at: UtcTime) -> Self {
        Self {
            expires_at,
            ..self.clone()
        }
    }

    /// Whether it must not be used any more at `now`.
    #[must_use]
    pub fn is_expired(&self, now: UtcTime) -> bool {
        now >= self.expires_at
    }

    /// The servers that act for `client` and have an address, in the order of registration.
    #[must_use]
    pub fn server_addresses(&self, client: &ClientId) -> &[(SecurityServerId, String)] {
        self.index.addresses.get(client).map_or(&[], Vec::as_slice)
    }

    /// Whether `server` is registered to act for `client`: it is among its clients, or owns it.
    #[must_use]
    pub fn serves(&self, server: &SecurityServerId, client: &ClientId) -> bool {
        let entry = self.index.servers.get(server);
        entry.is_some_and(|entry| entry.clients.contains(client))
    }

    /// [`Self::serves`], asked from the client's side.
    #[must_use]
    pub fn is_registered(&self, client: &ClientId, server: &SecurityServerId) -> bool {
        self.serves(server, client)
    }

    /// Whether `client` is a registered member or subsystem.
    #[must_use]
    pub fn knows_client(&self, client: &ClientId) -> bool {
        self.index.registered.contains(client)
    }

    /// Whether `server` is registered.
    #[must_use]
    pub fn knows_server(&self, server: &SecurityServerId) -> bool {
        self.index.servers.contains_key(server)
    }

    /// What the operator says while `server` is in maintenance.
    #[must_use]
    pub fn maintenance(&self, server: &SecurityServerId) -> Option<&Maintenance> {
        self.index.servers.get(server)?.maintenance.as_ref()
    }

    /// The server whose authentication certificate has this SHA-256.
    #[must_use]
    pub fn server_of_auth_certificate(&self, sha256: &[u8; 32]) -> Option<&SecurityServerId> {
        self.index.server_of_certificate.get(sha256)
    }

    /// What certificates, OCSP responses and time-stamps are verified against.
    #[must_use]
    pub fn trust_anchors(&self) -> &TrustAnchors {
        &self.index.trust_anchors
    }

    /// Where the status of certificates issued by `authority` is asked for.
    #[must_use]
    pub fn ocsp_urls(&self, authority: &Certificate) -> &[String] {
        let urls = self.index.ocsp_urls.get(authority.der());
        urls.map_or(&[], Vec::as_slice)
    }

    /// Where the status of `certificate` is asked for: at its issuer's first responder.
    #[must_use]
    pub fn ocsp_url(&self, certificate: &Certificate) -> Option<&str> {
        let authorities = &self.trust_anchors().certification_authorities;
        let issuers = authorities.iter().map(|authority| &authority.certificate);
        let mut urls = issuers
            .filter(|issuer| issuer.subject_der() == certificate.issuer_der())
            .flat_map(|issuer| self.ocsp_urls(issuer));
        urls.next().map(String::as_str)
    }

    /// URLs of the approved time-stamping authorities, in the order of preference.
    #[must_use]
    pub fn time_stamping_authorities(&self) -> &[String] {
        &self.index.time_stamping_urls
    }

    /// How long a logged record may stay without a time-stamp.
    #[must_use]
    pub fn time_stamping_interval(&self) -> Duration {
        self.private.time_stamping_interval
    }
}

// === impl Index ===

impl Index {
    fn build(shared: &SharedParameters) -> Result<Self, SnapshotError> {
        let mut index = Self {
            addresses: BTreeMap::new(),
            servers: BTreeMap::new(),
            server_of_certificate: BTreeMap::new(),
            registered: shared
                .members
                .iter()
                .flat_map(|member| {
                    let subsystems = member
                        .subsystems
                        .iter()
                        .map(|subsystem| subsystem.id.clone());
                    subsystems.chain([ClientId::of_member(member.id.clone())])
                })
                .collect(),
            trust_anchors: TrustAnchors {
                certification_authorities: Vec::new(),
                time_stamping_authorities: Vec::new(),
                ocsp_freshness: shared.ocsp_freshness,
            },
            ocsp_urls: BTreeMap::new(),
            time_stamping_urls: Vec::new(),
        };
        index.add_servers(shared)?;
        index.add_trust_services(shared)?;
        Ok(index)
    }

    fn add_servers(&mut self, shared: &SharedParameters) -> Result<(), SnapshotError> {
        for server in &shared.security_servers {
            let mut clients = server.clients.clone();
            let owner = ClientId::of_member(server.id.owner().clone());
            if !clients.contains(&owner) {
                clients.push(owner);
            }
            if let Some(address) = &server.address {
                for client in &clients {
                    let addresses = self.addresses.entry(client.clone()).or_default();
                    addresses.push((server.id.clone(), address.clone()));
                }
            }
            for hash in &server.authentication_certificate_hashes {
                let before = self.server_of_certificate.insert(*hash, server.id.clone());
                if let Some(before) = before.filter(|before| *before != server.id) {
                    let id = server.id.clone();
                    return Err(SnapshotError::SharedAuthenticationCertificate(before, id));
                }
            }
            let maintenance = server.maintenance.clone();
            let entry = ServerEntry {
                clients,
                maintenance,
            };
            self.servers.insert(server.id.clone(), entry);
        }
        Ok(())
    }

    fn add_trust_services(&mut self, shared: &SharedParameters) -> Result<(), SnapshotError> {
        for authority in &shared.certification_authorities {
            for info in std::iter::once(&authority.top).chain(&authority.intermediates) {
                self.add_authority(&authority.name, info)?;
            }
        }
        for authority in &shared.time_stamping_authorities {
            let certificate = read_certificate(&authority.name, &authority.certificate)?;
            self.trust_anchors
                .time_stamping_authorities
                .push(certificate);
            self.time_stamping_urls.push(authority.url.clone());
        }
        Ok(())
    }

    fn add_authority(&mut self, name: &str, info: &CaInfo) -> Result<(), SnapshotError> {
        let certificate = read_certificate(name, &info.certificate)?;
        let responders = info
            .ocsp
            .iter()
            .filter_map(|ocsp| ocsp.certificate.as_ref());
        let ocsp_responders = responders
            .map(|der| read_certificate(name, der))
            .collect::<Result<_, _>>()?;
        let urls = info.ocsp.iter().map(|ocsp| ocsp.url.clone()).collect();
        self.ocsp_urls.insert(info.certificate.clone(), urls);
        let authority = CertificationAuthority {
            certificate,
            ocsp_responders,
        };
        self.trust_anchors.certification_authorities.push(authority);
        Ok(())
    }
}

fn read_certificate(name: &str, der: &Bytes) -> Result<Certificate, SnapshotError> {
    Certificate::parse(der.clone()).map_err(|source| SnapshotError::Certificate {
        name: name.to_owned(),
        source,
    })
}
