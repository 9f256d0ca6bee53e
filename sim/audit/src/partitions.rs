//! Footprints on disk, parted by message ID: all of one exchange end in one file.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::footprint::{FOOTPRINT_BYTES, Footprint};

/// The most files; a run of 500,000 exchanges fills some two MiB of each.
const MAX_PARTITIONS: u64 = 256;

/// Bytes of journals for which one more file is worth while.
const BYTES_PER_PARTITION: u64 = 8 << 20;

/// Written at once.
const BUFFER_BYTES: usize = 16 << 10;

/// Temporary files that vanish with the process.
#[derive(Debug)]
pub(crate) struct Partitions {
    files: Vec<Mutex<BufWriter<File>>>,
}

impl Partitions {
    /// Creates files for a run whose journals have so many bytes, in `folder`, or where it cannot
    /// be written to, in the system's own place.
    pub(crate) fn create(folder: &Path, journal_bytes: u64) -> std::io::Result<Self> {
        let file = || {
            // The system's folder often is memory; the run's is where the logs found room.
            let file = tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())?;
            Ok(Mutex::new(BufWriter::with_capacity(BUFFER_BYTES, file)))
        };
        let count = (journal_bytes / BYTES_PER_PARTITION).clamp(1, MAX_PARTITIONS);
        let files = (0..count).map(|_| file()).collect::<std::io::Result<_>>()?;
        Ok(Self { files })
    }

    /// Keeps a footprint.
    pub(crate) fn write(&self, footprint: &Footprint) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(FOOTPRINT_BYTES);
        footprint.write(&mut bytes);
        // By the first byte of the key, so that all footprints of a key are in one file.
        let file = &self.files[usize::from(footprint.key[0]) * self.files.len() / 256];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{half, sha512};
    use crate::footprint::{Marks, Role};

    #[test]
    fn all_of_a_key_come_back_together() {
        let folder = tempfile::tempdir().unwrap();
        let partitions = Partitions::create(folder.path(), 40 * BYTES_PER_PARTITION).unwrap();
        let roles = Role::OF_MESSAGES.into_iter().chain([Role::Exchange]);
        for (journal, role) in (0..).zip(roles) {
            for number in 0..500u64 {
                let digest = half(&sha512(&number.to_le_bytes()));
                let footprint = Footprint {
                    key: *digest.first_chunk().unwrap(),
                    journal,
                    role,
                    outcome: 0,
                    status: 0,
                    marks: Marks::default(),
                    segment: 0,
                    offset: 0,
                    sequence: number,
                    signature: 0,
                    head: digest,
                    body: digest,
                    asked: digest,
                    request_hash: digest,
                    parties: digest,
                };
                partitions.write(&footprint).unwrap();
            }
        }
        let mut groups = 0;
        let mut files = 0;
        for footprints in partitions.into_sorted() {
            let footprints = footprints.unwrap();
            files += u64::from(!footprints.is_empty());
            for group in footprints.chunk_by(|one, other| one.key == other.key) {
                groups += 1;
                assert_eq!((group.len(), group[0].role), (5, Role::Exchange));
                assert!(
                    group
                        .iter()
                        .all(|footprint| footprint.sequence == group[0].sequence)
                );
            }
        }
        assert_eq!((groups, files), (500, 40));
    }
}
