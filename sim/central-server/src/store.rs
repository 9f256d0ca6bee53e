//! The data folder: registrations as one JSON file, the signing key and its certificate.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_global_configuration::signed_directory::DirectorySigner;
use thiserror::Error;

use crate::registrations::Registrations;
use crate::signing_certificate::{self, SigningCertificateError};

const REGISTRATIONS_FILE: &str = "registrations.json";
const KEY_FILE: &str = "signing-key.pem";
const CERTIFICATE_FILE: &str = "signing-certificate.pem";
const KEY_TAG: &str = "PRIVATE KEY";
/// Version of the registrations file.
const FORMAT_VERSION: u32 = 1;

/// Why the data folder could not be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file could not be read or written.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The registrations file is not one.
    #[error("read registrations from {}", path.display())]
    Registrations {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
    /// The registrations file is of another version of Roadtest.
    #[error("read registrations from {}: format {found}, not {FORMAT_VERSION}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The signing key or certificate is damaged, or they do not belong together.
    #[error("read the signing key in {}: {reason}", folder.display())]
    SigningKey {
        /// The data folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A new signing key or certificate could not be made.
    #[error("make a signing key")]
    NewSigningKey(#[from] SigningCertificateError),
}

/// The registrations file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationsFile {
    format_version: u32,
    registrations: Registrations,
}

/// A central server's data folder.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens the folder, making it where it does not exist.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(failed("create", folder))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// What was saved last; `None` in a new folder.
    pub(crate) fn load(&self) -> Result<Option<Registrations>, StoreError> {
        let path = self.folder.join(REGISTRATIONS_FILE);
        let Some(content) = read_if_there(&path)? else {
            return Ok(None);
        };
        match serde_json::from_slice::<RegistrationsFile>(&content) {
            Ok(file) if file.format_version == FORMAT_VERSION => Ok(Some(file.registrations)),
            Ok(file) => Err(StoreError::Format {
                path,
                found: file.format_version,
            }),
            Err(source) => Err(StoreError::Registrations { path, source }),
        }
    }

    /// Saves `registrations`; after a crash either they or the ones before are there.
    pub(crate) fn save(&self, registrations: &Registrations) -> Result<(), StoreError> {
        let file = RegistrationsFile {
            format_version: FORMAT_VERSION,
            registrations: registrations.clone(),
        };
        let content = serde_json::to_vec_pretty(&file).expect("every key of a map is a string");
        self.replace(REGISTRATIONS_FILE, &content)
    }

    /// The signing key, made at `now` in a new folder: anchors that were given out must hold.
    pub(crate) fn signer(
        &self,
        instance: &str,
        now: UtcTime,
    ) -> Result<DirectorySigner, StoreError> {
        let key = read_if_there(&self.folder.join(KEY_FILE))?;
        let certificate = read_if_there(&self.folder.join(CERTIFICATE_FILE))?;
        // The key is written last, so that with a key there always is a certificate.
        let (Some(key), Some(certificate)) = (key, certificate) else {
            let (key, signer) = signing_certificate::generate(instance, now)?;
            self.replace(CERTIFICATE_FILE, signer.certificate().to_pem().as_bytes())?;
            let pem = pem::encode(&pem::Pem::new(KEY_TAG, key.to_pkcs8_der()));
            self.replace(KEY_FILE, pem.as_bytes())?;
            return Ok(signer);
        };
        self.read_signer(&key, &certificate)
            .map_err(|reason| StoreError::SigningKey {
                folder: self.folder.clone(),
                reason,
            })
    }

    fn read_signer(&self, key: &[u8], certificate: &[u8]) -> Result<DirectorySigner, String> {
        let key = pem::parse(key).map_err(|error| error.to_string())?;
        let key = SigningKey::from_pkcs8_der(key.contents()).map_err(|error| error.to_string())?;
        let certificate = std::str::from_utf8(certificate).map_err(|error| error.to_string())?;
        let certificate = Certificate::from_pem(certificate).map_err(|error| error.to_string())?;
        DirectorySigner::new(key, certificate).map_err(|error| error.to_string())
    }

    /// Replaces a file as a whole: written beside it, made durable, renamed.
    fn replace(&self, name: &str, content: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        let beside = self.folder.join(format!("{name}.new"));
        let write = || {
            // Not for other users: one of these files is a private key.
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&beside)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(failed("write", &path))
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match std::fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io {
        doing,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use sim_clock::Clock;

    use super::*;

    #[test]
    fn the_signing_key_is_kept_and_is_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let first = store.signer("EE", Clock::wall().now()).unwrap();
        let second = store.signer("EE", Clock::wall().now()).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        let mode = folder
            .path()
            .join(KEY_FILE)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_certificate_for_another_key_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &two] {
            let store = Store::open(folder.path()).unwrap();
            store.signer("EE", Clock::wall().now()).unwrap();
        }
        std::fs::copy(one.path().join(KEY_FILE), two.path().join(KEY_FILE)).unwrap();
        let mixed = Store::open(two.path())
            .unwrap()
            .signer("EE", Clock::wall().now());
        assert!(
            matches!(mixed, Err(StoreError::SigningKey { .. })),
            "{mixed:?}"
        );
    }

    #[test]
    fn damaged_or_foreign_registrations_are_an_error_not_a_fresh_start() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.load().unwrap(), None);
        store.save(&Registrations::default()).unwrap();
        assert_eq!(store.load().unwrap(), Some(Registrations::default()));
        let path = folder.path().join(REGISTRATIONS_FILE);
        let content = std::fs::read_to_string(&path).unwrap();
        std::fs::write(
            &path,
            content.replace("\"format_version\": 1", "\"format_version\": 2"),
        )
        .unwrap();
        assert!(matches!(
            store.load(),
            Err(StoreError::Format { found: 2, .. })
        ));
        std::fs::write(&path, &content[..content.len() / 2]).unwrap();
        assert!(matches!(
            store.load(),
            Err(StoreError::Registrations { .. })
        ));
    }
}
