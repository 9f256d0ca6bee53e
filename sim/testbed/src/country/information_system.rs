//! The information system of the scenario's service client, which the load generator plays: who
//! it is towards its security server, and how it gets there.

use std::net::SocketAddr;
use std::path::PathBuf;

use loadgen::{TlsClient, TlsConfig};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use sim_domain::ClientId;
use sim_scenario::{Connection, Scenario, SecurityServer};

use super::{CountryError, LOAD_GENERATOR, RunningServer, write};
use crate::run_folder::RunFolder;

/// How the information system of the scenario's service client reaches its security server, for
/// whoever wants to do as it does.
#[derive(Clone, Debug)]
pub struct ClientAccess {
    /// `http://…` or `https://…`, nothing behind the port.
    pub url: String,
    /// The certificate that the server shows over HTTPS, PEM; absent over HTTP.
    pub ca_file: Option<PathBuf>,
    /// The certificate to show, PEM; absent where none is asked for.
    pub cert_file: Option<PathBuf>,
    /// The key of [`Self::cert_file`], PEM.
    pub key_file: Option<PathBuf>,
}

/// Who the information system is. There just where its security server wants to know.
pub(super) struct InformationSystem {
    tls: Option<TlsClient>,
}

/// The way from the information system to its security server.
pub(super) struct Route {
    pub(super) access: ClientAccess,
    pub(super) tls: Option<TlsConfig>,
}

/// Files of the information system that differ from those of every other part.
struct Files(PathBuf);

// === impl InformationSystem ===

impl InformationSystem {
    /// Makes a key and a self-signed certificate, if a server of the service client asks for one.
    pub(super) fn of(scenario: &Scenario) -> Result<Self, CountryError> {
        let client = &scenario.workload.client;
        let mut connections = scenario
            .servers_of(client)
            .map(|server| connection(server, client));
        let tls = if connections.any(|connection| connection == Connection::MutualTls) {
            Some(credentials(client)?)
        } else {
            None
        };
        Ok(Self { tls })
    }

    /// The certificates by which a security server knows it.
    pub(super) fn certificates_pem(&self) -> Vec<String> {
        let certificates = self.tls.iter().map(|client| client.certificate_pem.clone());
        certificates.collect()
    }

    /// The way to the first of the service client's security servers; writes the files that
    /// lead over HTTPS.
    pub(super) fn route(
        self,
        scenario: &Scenario,
        folder: &RunFolder,
        running: &[RunningServer],
    ) -> Result<Route, CountryError> {
        let client = &scenario.workload.client;
        let unserved = || CountryError::Unsupported(format!("no security server serves {client}"));
        let server = scenario.servers_of(client).next().ok_or_else(unserved)?;
        let ready = running
            .iter()
            .find(|running| running.id.code() == server.code)
            .map(|running| &running.ready)
            .ok_or_else(unserved)?;
        let connection = connection(server, client);
        if connection == Connection::Http {
            return Ok(Route::plain(ready.client_listen));
        }
        let listen = ready.client_tls_listen.ok_or_else(|| {
            CountryError::Unsupported(format!("{} does not listen for HTTPS", server.code))
        })?;
        let tls = TlsConfig {
            trusted_certificate_pem: ready.tls_certificate_pem.clone(),
            client: self.tls.filter(|_| connection == Connection::MutualTls),
        };
        Route::encrypted(listen, tls, &Files(folder.node(LOAD_GENERATOR)))
    }
}

fn connection(server: &SecurityServer, client: &ClientId) -> Connection {
    server
        .clients
        .iter()
        .find(|served| served.client == *client)
        .map_or(Connection::Http, |served| served.connection)
}

fn credentials(client: &ClientId) -> Result<TlsClient, CountryError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, client.to_string());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(TlsClient {
        certificate_pem: params.self_signed(&key)?.pem(),
        key_pem: key.serialize_pem(),
    })
}

// === impl Route ===

impl Route {
    fn plain(listen: SocketAddr) -> Self {
        Self {
            access: ClientAccess {
                url: format!("http://{listen}"),
                ca_file: None,
                cert_file: None,
                key_file: None,
            },
            tls: None,
        }
    }

    fn encrypted(listen: SocketAddr, tls: TlsConfig, files: &Files) -> Result<Self, CountryError> {
        let client = tls.client.as_ref();
        let access = ClientAccess {
            url: format!("https://{listen}"),
            ca_file: Some(files.keep("security-server.pem", &tls.trusted_certificate_pem)?),
            cert_file: client
                .map(|client| files.keep("certificate.pem", &client.certificate_pem))
                .transpose()?,
            key_file: client
                .map(|client| files.keep("key.pem", &client.key_pem))
                .transpose()?,
        };
        let tls = Some(tls);
        Ok(Self { access, tls })
    }
}

// === impl Files ===

impl Files {
    fn keep(&self, name: &str, text: &str) -> Result<PathBuf, CountryError> {
        let in_folder = |source| CountryError::File {
            path: self.0.clone(),
            source,
        };
        std::fs::create_dir_all(&self.0).map_err(in_folder)?;
        let path = self.0.join(name);
        write(&path, text)?;
        Ok(path)
    }
}
