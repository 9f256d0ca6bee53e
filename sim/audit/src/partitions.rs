//! Footprints on disk, parted by message ID: all of one exchange end in one file.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::footprint::{FOOTPRINT_BYTES, Footprint};

/// Footprints that are brought into memory at once, in bytes; a file that has more is parted again.
const MAX_PART_BYTES: u64 = 4 << 20;

/// The most files at a time, so that they can all be open.
const MAX_PARTS: u64 = 256;

/// Bytes of journals for which one more file is worth while: they leave about a MiB of footprints.
const JOURNAL_BYTES_PER_PART: u64 = 8 << 20;

/// What a writer gathers before it is written, of all files together: the same for every run.
const GATHERED_BYTES: usize = 1 << 20;

/// Bytes of a key, each of which can part footprints once.
const KEY_BYTES: usize = 16;

/// Temporary files that vanish with the process.
#[derive(Debug)]
pub(crate) struct Partitions {
    folder: PathBuf,
    files: Vec<Part>,
    /// Which byte of a key tells the file.
    key_byte: usize,
}

#[derive(Debug)]
struct Part {
    file: File,
    bytes: AtomicU64,
}

/// Writes footprints for one reader.
#[derive(Debug)]
pub(crate) struct PartitionWriter<'a> {
    partitions: &'a Partitions,
    buffers: Vec<Vec<u8>>,
    /// Bytes that a buffer may have.
    limit: usize,
}

// === impl Partitions ===

impl Partitions {
    /// Creates files for a run whose journals have so many bytes, in `folder`, or where it cannot
    /// be written to, in the system's own place.
    pub(crate) fn create(folder: &Path, journal_bytes: u64) -> std::io::Result<Self> {
        Self::of(folder, journal_bytes / JOURNAL_BYTES_PER_PART, 0)
    }

    fn of(folder: &Path, count: u64, key_byte: usize) -> std::io::Result<Self> {
        let part = || {
            // The system's folder often is memory; the run's is where the logs found room.
            let file = tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())?;
            let bytes = AtomicU64::new(0);
            Ok(Part { file, bytes })
        };
        let count = count.clamp(1, MAX_PARTS);
        let files = (0..count).map(|_| part()).collect::<std::io::Result<_>>()?;
        Ok(Self {
            folder: folder.to_owned(),
            files,
            key_byte,
        })
    }

    /// A new writer; what it was given is there once it was finished.
    pub(crate) fn writer(&self) -> PartitionWriter<'_> {
        PartitionWriter {
            partitions: self,
            buffers: self.files.iter().map(|_| Vec::new()).collect(),
            limit: GATHERED_BYTES / self.files.len(),
        }
    }

    /// How many files there are.
    pub(crate) const fn count(&self) -> usize {
        self.files.len()
    }

    /// Hands over the footprints of one file, sorted by key, then role, journal and sequence; all
    /// of a key at once, but not all of the file where it is large.
    pub(crate) fn read(
        &self,
        number: usize,
        take: &mut dyn FnMut(&[Footprint]),
    ) -> std::io::Result<()> {
        let part = &self.files[number];
        let bytes = part.bytes.load(Ordering::Acquire);
        if bytes > MAX_PART_BYTES && self.key_byte + 1 < KEY_BYTES {
            return self.part_again(part, bytes, take);
        }
        let mut footprints = Vec::with_capacity((bytes / FOOTPRINT_BYTES as u64) as usize);
        part.each(bytes, |footprint| {
            footprints.push(footprint);
            Ok(())
        })?;
        footprints.sort_unstable_by_key(|footprint| {
            (
                footprint.key,
                footprint.role,
                footprint.journal,
                footprint.sequence,
            )
        });
        take(&footprints);
        Ok(())
    }

    /// Parts a file by the next byte of the keys, and hands over what comes of it.
    fn part_again(
        &self,
        part: &Part,
        bytes: u64,
        take: &mut dyn FnMut(&[Footprint]),
    ) -> std::io::Result<()> {
        let count = 2 * bytes.div_ceil(MAX_PART_BYTES);
        let smaller = Self::of(&self.folder, count, self.key_byte + 1)?;
        let mut writer = smaller.writer();
        part.each(bytes, |footprint| writer.write(&footprint))?;
        writer.finish()?;
        (0..smaller.count()).try_for_each(|number| smaller.read(number, take))
    }
}

// === impl Part ===

impl Part {
    /// Writes whole footprints behind what there is, and empties `buffer`.
    fn append(&self, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        let at = self.bytes.fetch_add(buffer.len() as u64, Ordering::AcqRel);
        self.file.write_all_at(buffer, at)?;
        buffer.clear();
        Ok(())
    }

    /// Reads its first `bytes` bytes.
    fn each(
        &self,
        bytes: u64,
        mut take: impl FnMut(Footprint) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        const AT_ONCE: usize = 1_024 * FOOTPRINT_BYTES;
        let mut buffer = vec![0; AT_ONCE];
        let mut at = 0;
        while at < bytes {
            let count = usize::try_from(bytes - at).unwrap_or(AT_ONCE).min(AT_ONCE);
            self.file.read_exact_at(&mut buffer[..count], at)?;
            for footprint in buffer[..count].chunks_exact(FOOTPRINT_BYTES) {
                take(Footprint::read(footprint).expect("written by this process"))?;
            }
            at += count as u64;
        }
        Ok(())
    }
}

// === impl PartitionWriter ===

impl PartitionWriter<'_> {
    /// Keeps a footprint.
    pub(crate) fn write(&mut self, footprint: &Footprint) -> std::io::Result<()> {
        let byte = usize::from(footprint.key[self.partitions.key_byte]);
        let number = byte * self.buffers.len() / 256;
        let buffer = &mut self.buffers[number];
        if buffer.len() + FOOTPRINT_BYTES > self.limit {
            self.partitions.files[number].append(buffer)?;
        }
        if buffer.capacity() == 0 {
            buffer.reserve_exact(self.limit);
        }
        footprint.write(buffer);
        Ok(())
    }

    /// Writes what was gathered.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        let mut parts = self.partitions.files.iter().zip(&mut self.buffers);
        parts.try_for_each(|(part, buffer)| part.append(buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{half, sha512};
    use crate::footprint::{Marks, Role};

    /// Writes `keys` exchanges of five records each and counts what comes back together.
    fn parted(partitions: &Partitions, keys: u64) -> (u64, usize) {
        let roles = Role::OF_MESSAGES.into_iter().chain([Role::Exchange]);
        for (journal, role) in (0..).zip(roles) {
            let mut writer = partitions.writer();
            for number in 0..keys {
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
                writer.write(&footprint).unwrap();
            }
            writer.finish().unwrap();
        }
        let mut groups = 0;
        let mut largest = 0;
        for number in 0..partitions.count() {
            let mut take = |footprints: &[Footprint]| {
                largest = largest.max(footprints.len());
                for group in footprints.chunk_by(|one, other| one.key == other.key) {
                    groups += 1;
                    assert_eq!((group.len(), group[0].role), (5, Role::Exchange));
                    assert!(
                        group
                            .iter()
                            .all(|footprint| footprint.sequence == group[0].sequence)
                    );
                }
            };
            partitions.read(number, &mut take).unwrap();
        }
        (groups, largest)
    }

    #[test]
    fn all_of_a_key_come_back_together() {
        let folder = tempfile::tempdir().unwrap();
        let journal_bytes = 40 * JOURNAL_BYTES_PER_PART;
        let partitions = Partitions::create(folder.path(), journal_bytes).unwrap();
        assert_eq!(partitions.count(), 40);
        let (groups, largest) = parted(&partitions, 500);
        assert_eq!(groups, 500);
        assert!(largest < 500, "{largest} in one file");
    }

    #[test]
    fn a_file_that_is_too_large_is_parted_again() {
        let folder = tempfile::tempdir().unwrap();
        let partitions = Partitions::create(folder.path(), 0).unwrap();
        assert_eq!(partitions.count(), 1);
        let keys = 3 * MAX_PART_BYTES / (5 * FOOTPRINT_BYTES as u64);
        let (groups, largest) = parted(&partitions, keys);
        assert_eq!(groups, keys);
        assert!((largest * FOOTPRINT_BYTES) as u64 <= MAX_PART_BYTES);
    }
}
