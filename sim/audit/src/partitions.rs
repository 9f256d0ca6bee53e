//! Footprints on disk, parted by message ID: all of one exchange end in one file.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::footprint::{FOOTPRINT_BYTES, Footprint};

/// Files, by the first byte of the key. Of a run of 500,000 exchanges each holds some two MiB.
const PARTITIONS: usize = 256;

/// Written at once.
const BUFFER_BYTES: usize = 16 << 10;

/// Temporary files that vanish with the process.
#[derive(Debug)]
pub(crate) struct Partitions {
    files: Vec<Mutex<BufWriter<File>>>,
}

impl Partitions {
    /// Creates the files in `folder`, or where it cannot be written to, in the system's own place.
    pub(crate) fn create(folder: &Path) -> std::io::Result<Self> {
        let file = || {
            // The system's folder often is memory; the run's is where the logs found room.
            let file = tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())?;
            Ok(Mutex::new(BufWriter::with_capacity(BUFFER_BYTES, file)))
        };
        let files = (0..PARTITIONS)
            .map(|_| file())
            .collect::<std::io::Result<_>>()?;
        Ok(Self { files })
    }

    /// Keeps a footprint.
    pub(crate) fn write(&self, footprint: &Footprint) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(FOOTPRINT_BYTES);
        footprint.write(&mut bytes);
        let file = &self.files[usize::from(footprint.key[0])];
        file.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(&bytes)
    }

    /// The footprints of each file in turn, sorted by key, then role, journal and sequence.
    pub(crate) fn into_sorted(self) -> impl Iterator<Item = std::io::Result<Vec<Footprint>>> {
        self.files.into_iter().map(|file| {
            let mut file = file.into_inner().unwrap_or_else(PoisonError::into_inner);
            file.flush()?;
            let file = file.get_mut();
            file.seek(SeekFrom::Start(0))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let mut footprints: Vec<Footprint> = bytes
                .chunks_exact(FOOTPRINT_BYTES)
                .map(|bytes| Footprint::read(bytes).expect("written by this process"))
                .collect();
            footprints.sort_unstable_by_key(|footprint| {
                (
                    footprint.key,
                    footprint.role,
                    footprint.journal,
                    footprint.sequence,
                )
            });
            Ok(footprints)
        })
    }
}
