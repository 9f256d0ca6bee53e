//! What the authority issued and revoked, in memory and in an append-only file of JSON lines.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sim_clock::UtcTime;

use super::Summary;
use crate::profile::Profile;

const REGISTER_FILE: &str = "register.jsonl";

/// Why the register cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The file could not be read or written.
    #[error("read or write {}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line is not an entry.
    #[error("read line {line} of {}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why not.
        source: serde_json::Error,
    },
}

/// What became of a serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Status {
    /// Issued and not revoked. It may have expired.
    Good,
    /// Revoked.
    Revoked {
        /// Since when, in milliseconds since the epoch.
        at_ms: i64,
        /// `CRLReason` of RFC 5280 section 5.3.1, where given.
        reason: Option<u8>,
    },
    /// Never issued.
    Unknown,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entry {
    Issued {
        serial: String,
        profile: Profile,
        subject: String,
        not_after_ms: i64,
    },
    Revoked {
        serial: String,
        at_ms: i64,
        reason: Option<u8>,
    },
}

/// The register; every change is on disk before it is visible.
pub(crate) struct Register {
    file: File,
    path: PathBuf,
    /// By serial number in lower-case hexadecimal.
    statuses: BTreeMap<String, Status>,
}

impl Register {
    /// Reads the register of a folder; there may be none yet.
    pub(crate) fn open(folder: &Path) -> Result<Self, RegisterError> {
        let path = folder.join(REGISTER_FILE);
        let opened = || {
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            let mut bytes = std::fs::read(&path)?;
            // A line without an end was being written when the authority was killed: nobody was
            // told of it.
            let whole = bytes
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            if whole < bytes.len() {
                file.set_len(whole as u64)?;
                bytes.truncate(whole);
            }
            Ok((file, bytes))
        };
        let (file, bytes) = opened().map_err(|source| RegisterError::File {
            path: path.clone(),
            source,
        })?;
        let mut register = Self {
            file,
            path,
            statuses: BTreeMap::new(),
        };
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let entry = serde_json::from_slice(line).map_err(|source| RegisterError::Line {
                path: register.path.clone(),
                line: index + 1,
                source,
            })?;
            register.apply(entry);
        }
        Ok(register)
    }

    pub(crate) fn issued(
        &mut self,
        serial: &[u8],
        profile: Profile,
        subject: String,
        not_after: UtcTime,
    ) -> Result<(), RegisterError> {
        let not_after_ms = not_after.as_millis();
        self.record(Entry::Issued {
            serial: hex::encode(serial),
            profile,
            subject,
            not_after_ms,
        })
    }

    /// Revokes a certificate; one that is revoked already stays so since when it was.
    pub(crate) fn revoke(
        &mut self,
        serial: &[u8],
        at: UtcTime,
        reason: Option<u8>,
    ) -> Result<Status, RegisterError> {
        if self.status(serial) == Status::Good {
            let at_ms = at.as_millis();
            self.record(Entry::Revoked {
                serial: hex::encode(serial),
                at_ms,
                reason,
            })?;
        }
        Ok(self.status(serial))
    }

    pub(crate) fn status(&self, serial: &[u8]) -> Status {
        self.statuses
            .get(&hex::encode(serial))
            .copied()
            .unwrap_or(Status::Unknown)
    }

    pub(crate) fn summary(&self) -> Summary {
        let revoked = |status: &&Status| matches!(status, Status::Revoked { .. });
        Summary {
            issued: self.statuses.len() as u64,
            revoked: self.statuses.values().filter(revoked).count() as u64,
        }
    }

    fn record(&mut self, entry: Entry) -> Result<(), RegisterError> {
        let mut line = serde_json::to_vec(&entry).expect("an entry has nothing JSON cannot say");
        line.push(b'\n');
        let written = self
            .file
            .write_all(&line)
            .and_then(|()| self.file.sync_data());
        written.map_err(|source| RegisterError::File {
            path: self.path.clone(),
            source,
        })?;
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        let (serial, status) = match entry {
            Entry::Issued { serial, .. } => (serial, Status::Good),
            Entry::Revoked {
                serial,
                at_ms,
                reason,
            } => (serial, Status::Revoked { at_ms, reason }),
        };
        self.statuses.insert(serial, status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcTime {
        UtcTime::from_millis(seconds * 1000)
    }

    fn issue(register: &mut Register, serial: &[u8]) {
        register
            .issued(serial, Profile::Signing, "CN=1".to_owned(), at(9))
            .unwrap();
    }

    #[test]
    fn statuses_survive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut register = Register::open(folder.path()).unwrap();
        issue(&mut register, &[1]);
        issue(&mut register, &[2]);
        let revoked = Status::Revoked {
            at_ms: 5000,
            reason: Some(1),
        };
        assert_eq!(register.revoke(&[2], at(5), Some(1)).unwrap(), revoked);
        // The first revocation counts, and what was never issued cannot be revoked.
        assert_eq!(register.revoke(&[2], at(7), None).unwrap(), revoked);
        assert_eq!(register.revoke(&[3], at(7), None).unwrap(), Status::Unknown);
        drop(register);

        let register = Register::open(folder.path()).unwrap();
        assert_eq!(register.status(&[1]), Status::Good);
        assert_eq!(register.status(&[2]), revoked);
        assert_eq!(register.status(&[3]), Status::Unknown);
        assert_eq!(
            register.summary(),
            Summary {
                issued: 2,
                revoked: 1
            }
        );
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(REGISTER_FILE);
        let mut register = Register::open(folder.path()).unwrap();
        issue(&mut register, &[1]);
        issue(&mut register, &[2]);
        drop(register);
        let whole = std::fs::read(&path).unwrap();

        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        let mut register = Register::open(folder.path()).unwrap();
        assert_eq!(register.status(&[2]), Status::Unknown);
        issue(&mut register, &[3]);
        drop(register);
        let register = Register::open(folder.path()).unwrap();
        assert_eq!(register.status(&[3]), Status::Good);

        std::fs::write(&path, b"{\"issued\":7}\n").unwrap();
        let error = Register::open(folder.path()).err().unwrap();
        assert!(
            matches!(error, RegisterError::Line { line: 1, .. }),
            "{error:?}"
        );
    }
}
