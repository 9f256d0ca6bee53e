//! `run.json`: written whole or not at all, and read only where it is whole and of this version.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::record::{RunRecord, SCHEMA_VERSION};

/// Longest run record that is read, so that a wrong file is not taken into memory.
pub const MAX_RECORD_BYTES: u64 = 256 * 1024 * 1024;

/// Why a run record could not be kept or read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The file could not be written.
    #[error("write {path}")]
    Write {
        /// Where it should have gone.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("read {path}")]
    Read {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is longer than any run record.
    #[error("{path} has {bytes} bytes, more than any run record")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// The file ends in the middle of the record.
    #[error("{path} is cut off after {bytes} bytes")]
    CutOff {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// The file belongs to another version of Roadtest.
    #[error("{path} has schema version {found}; this program reads version {SCHEMA_VERSION}")]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version it names.
        found: u64,
    },
    /// The file is no run record.
    #[error("{path} is no run record")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// Writes `record` to `path`. A reader sees the file as it was before or the whole new one, also
/// after a crash in between.
///
/// # Errors
///
/// [`RecordError::Write`] where the folder cannot be written to.
pub fn save_record(path: &Path, record: &RunRecord) -> Result<(), RecordError> {
    let failed = |source: io::Error| RecordError::Write {
        path: path.to_owned(),
        source,
    };
    let mut text = serde_json::to_vec_pretty(record).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    write_synced(&part, &text)
        .and_then(|()| fs::rename(&part, path))
        .map_err(failed)
}

/// Reads the run record at `path`.
///
/// # Errors
///
/// Refuses files that are cut off, of another schema version or no run record at all.
pub fn load_record(path: &Path) -> Result<RunRecord, RecordError> {
    let failed = |source| RecordError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_RECORD_BYTES {
        return Err(RecordError::TooLong {
            path: path.to_owned(),
            bytes,
        });
    }
    let text = fs::read(path).map_err(failed)?;
    // The version is read first: fields of another version may be anything.
    let version: VersionOnly = parse(path, &text)?;
    if version.schema_version != u64::from(SCHEMA_VERSION) {
        return Err(RecordError::OtherVersion {
            path: path.to_owned(),
            found: version.schema_version,
        });
    }
    parse(path, &text)
}

#[derive(Deserialize)]
struct VersionOnly {
    schema_version: u64,
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a [u8]) -> Result<T, RecordError> {
    serde_json::from_slice(text).map_err(|source| {
        let path = path.to_owned();
        // A number or a word cut in two is a syntax error to the parser, not an end of file.
        let unclosed = text.starts_with(b"{") && !text.trim_ascii_end().ends_with(b"}");
        if source.is_eof() || unclosed {
            RecordError::CutOff {
                path,
                bytes: text.len() as u64,
            }
        } else {
            RecordError::Malformed { path, source }
        }
    })
}

fn write_synced(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.sync_all()
}
