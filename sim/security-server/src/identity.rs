//! Who this server is: its authentication key and a signing key for each member it acts for.
//!
//! Keys are made on first start, certified by the certification authority, and found again in the
//! data folder after a restart.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::{KeyType, MemberKey};
use sim_trust_services::{Profile, enrolment};

use crate::config::SecurityServerConfig;
use crate::transport::tls::Credentials;

/// Why the server cannot prove who it is.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A key or certificate file could not be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key file holds something else, or no key could be made.
    #[error("key {0}: {1}")]
    Key(String, String),
    /// A certificate file holds something else.
    #[error("certificate {0}: {1}")]
    Certificate(String, String),
    /// The authority refused or did not answer.
    #[error("the certification authority gave no certificate for {0}: {1}")]
    Enrolment(String, String),
}

/// A key and its certificate.
pub(crate) struct Credential {
    pub(crate) key: MemberKey,
    pub(crate) certificate: Certificate,
}

/// All the credentials of one security server.
pub(crate) struct Identity {
    pub(crate) authentication: Credential,
    pub(crate) signing: BTreeMap<MemberId, Credential>,
}

// === impl Identity ===

impl Identity {
    /// Loads the credentials, or makes them and has them certified.
    pub(crate) async fn establish(config: &SecurityServerConfig) -> Result<Self, IdentityError> {
        let folder = keys_folder(config);
        std::fs::create_dir_all(&folder).map_err(|source| IdentityError::File {
            path: folder.clone(),
            source,
        })?;
        let owner = config.id.owner();
        let authentication = credential(
            config,
            &folder,
            "authentication",
            owner,
            (Profile::Authentication, config.exchange.authentication_key),
        )
        .await?;
        let mut signing = BTreeMap::new();
        for client in &config.clients {
            let member = client.id.member();
            if !signing.contains_key(member) {
                let name = format!("signing-{}-{}", member.class(), member.code());
                let wanted = (Profile::Signing, config.exchange.signing_key);
                let credential = credential(config, &folder, &name, member, wanted).await?;
                signing.insert(member.clone(), credential);
            }
        }
        Ok(Self {
            authentication,
            signing,
        })
    }

    /// What TLS between security servers needs.
    pub(crate) fn tls_credentials(&self) -> Credentials<'_> {
        Credentials {
            certificate: &self.authentication.certificate,
            key_pkcs8: self.authentication.key.to_pkcs8_der(),
        }
    }

    /// Every certificate of this server.
    pub(crate) fn certificates(&self) -> Vec<Certificate> {
        std::iter::once(&self.authentication)
            .chain(self.signing.values())
            .map(|credential| credential.certificate.clone())
            .collect()
    }
}

// === functions ===

/// Where keys and certificates are.
pub(crate) fn keys_folder(config: &SecurityServerConfig) -> PathBuf {
    config.data_folder.join("keys")
}

async fn credential(
    config: &SecurityServerConfig,
    folder: &Path,
    name: &str,
    member: &MemberId,
    (profile, key_type): (Profile, KeyType),
) -> Result<Credential, IdentityError> {
    let key_path = folder.join(format!("{name}.key.der"));
    let certificate_path = folder.join(format!("{name}.crt.der"));
    let bad_key =
        |error: &dyn std::fmt::Display| IdentityError::Key(name.to_owned(), error.to_string());
    let bad_certificate = |error: &dyn std::fmt::Display| {
        IdentityError::Certificate(name.to_owned(), error.to_string())
    };
    if certificate_path.exists() {
        let key = MemberKey::from_pkcs8_der(&read(&key_path)?).map_err(|e| bad_key(&e))?;
        let certificate =
            Certificate::parse(read(&certificate_path)?).map_err(|e| bad_certificate(&e))?;
        // A folder of another server, or two members whose file names agree.
        if !certificate.names_member(member) {
            return Err(bad_certificate(&format!(
                "it is not one of member {member}"
            )));
        }
        return Ok(Credential { key, certificate });
    }
    let (ca_url, token) = (&config.ca_url, &config.enrolment_token);
    let (key, certificate) = enrolment::enrol_member(ca_url, token, profile, member, key_type)
        .await
        .map_err(|error| IdentityError::Enrolment(name.to_owned(), error.to_string()))?;
    write(&key_path, &key.to_pkcs8_der())?;
    write(&certificate_path, certificate.der())?;
    Ok(Credential { key, certificate })
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    std::fs::read(path).map_err(|source| IdentityError::File {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file that only this server's user can read. Whenever a kill or a power cut comes, it is
/// there whole or not at all: a torn certificate would keep the server from starting for good.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    write_whole(path, bytes).map_err(|source| IdentityError::File {
        path: path.to_owned(),
        source,
    })
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("tmp");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    File::open(folder)?.sync_all()
}
