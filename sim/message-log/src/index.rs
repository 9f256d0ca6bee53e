//! The index beside a finished segment: from message ID to message records.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use sim_journal::Position;

const MAGIC: &[u8; 8] = b"RTINDX01";
const HEADER_BYTES: usize = 16;
const ENTRY_BYTES: usize = 32;
const KEY_BYTES: usize = 16;

type Key = [u8; KEY_BYTES];

/// One message record of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    offset: u64,
    sequence: u64,
}

/// The message records of the segment that is being written.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    entries: Vec<Entry>,
}

/// The index of a segment, read back.
#[derive(Clone, Debug)]
pub struct Index {
    bytes: Vec<u8>,
}

/// The index file of a segment.
#[must_use]
pub fn index_path(folder: &Path, segment: u32) -> PathBuf {
    folder.join(format!("{segment:08}.idx"))
}

fn key_of(message_id: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&digest(&SHA256, message_id.as_bytes()).as_ref()[..KEY_BYTES]);
    key
}

// === impl IndexBuilder ===

impl IndexBuilder {
    pub(crate) fn add(&mut self, message_id: &str, at: Position) {
        let key = key_of(message_id);
        self.entries.push(Entry {
            key,
            offset: at.offset,
            sequence: at.sequence,
        });
    }

    /// Writes the index and begins the next one, whether or not that succeeds.
    ///
    /// The file appears whole or not at all; it can be made again from its segment, so it is not
    /// synced.
    pub(crate) fn finish(&mut self, folder: &Path, segment: u32) -> io::Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable();
        let path = index_path(folder, segment);
        let unfinished = path.with_extension("idx.tmp");
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(&encode(&entries))?;
        drop(file);
        fs::rename(&unfinished, &path)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + entries.len() * ENTRY_BYTES);
    let count = u32::try_from(entries.len()).expect("a segment is too small for so many records");
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    for entry in entries {
        bytes.extend_from_slice(&entry.key);
        bytes.extend_from_slice(&entry.offset.to_le_bytes());
        bytes.extend_from_slice(&entry.sequence.to_le_bytes());
    }
    let checksum = crc32c::crc32c(&bytes[HEADER_BYTES..]);
    bytes[12..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

// === impl Index ===

impl Index {
    /// Reads the index of a segment; `None` where it has none, or one that is not whole.
    ///
    /// # Errors
    /// Where the file exists, but cannot be read.
    pub fn read(folder: &Path, segment: u32) -> io::Result<Option<Self>> {
        match fs::read(index_path(folder, segment)) {
            Ok(bytes) => Ok(Self::from_bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The index that a file with this content is; `None` where it is not whole.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        Some(Self { bytes }).filter(Self::is_whole)
    }

    /// The offsets of records that may be of this message; whoever reads them compares the ID.
    #[must_use]
    pub fn offsets(&self, message_id: &str) -> Vec<u64> {
        let key = key_of(message_id);
        let entries = self.bytes[HEADER_BYTES..].as_chunks::<ENTRY_BYTES>().0;
        let first = entries.partition_point(|entry| entry[..KEY_BYTES] < key[..]);
        entries[first..]
            .iter()
            .take_while(|entry| entry[..KEY_BYTES] == key)
            .map(|entry| {
                let mut offset = [0; 8];
                offset.copy_from_slice(&entry[KEY_BYTES..KEY_BYTES + 8]);
                u64::from_le_bytes(offset)
            })
            .collect()
    }

    fn is_whole(&self) -> bool {
        let Some((header, entries)) = self.bytes.split_at_checked(HEADER_BYTES) else {
            return false;
        };
        let count = u32::try_from(entries.len() / ENTRY_BYTES).unwrap_or(u32::MAX);
        header[..8] == *MAGIC
            && entries.len() % ENTRY_BYTES == 0
            && header[8..12] == count.to_le_bytes()
            && header[12..] == crc32c::crc32c(entries).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_every_record_of_a_message_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = IndexBuilder::default();
        for sequence in 0..1000_u64 {
            let position = Position {
                sequence,
                segment: 2,
                offset: 64 + sequence * 100,
            };
            builder.add(&format!("message-{}", sequence % 500), position);
        }
        builder.finish(folder.path(), 2).unwrap();
        let index = Index::read(folder.path(), 2).unwrap().expect("an index");
        assert_eq!(index.offsets("message-7"), [64 + 700, 64 + 50_700]);
        assert_eq!(index.offsets("message-500"), Vec::<u64>::new());
        assert!(Index::read(folder.path(), 1).unwrap().is_none());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        /// Also where the checksum fits, which a forger can see to.
        #[test]
        fn no_file_makes_the_reader_panic(
            entries in prop::collection::vec(any::<u8>(), 0..200),
            count in 0_u32..8,
        ) {
            let mut bytes = MAGIC.to_vec();
            bytes.extend_from_slice(&count.to_le_bytes());
            bytes.extend_from_slice(&crc32c::crc32c(&entries).to_le_bytes());
            bytes.extend_from_slice(&entries);
            let is_whole = entries.len() == ENTRY_BYTES * usize::try_from(count).unwrap();
            prop_assert!(Index::from_bytes(entries).is_none());
            let index = Index::from_bytes(bytes);
            prop_assert_eq!(index.is_some(), is_whole);
            if let Some(index) = index {
                prop_assert!(index.offsets("message-1").len() <= 8);
            }
        }
    }

    #[test]
    fn the_file_is_laid_out_as_documented() {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = IndexBuilder::default();
        builder.add(
            "b",
            Position {
                sequence: 9,
                segment: 0,
                offset: 300,
            },
        );
        builder.add(
            "b",
            Position {
                sequence: 5,
                segment: 0,
                offset: 200,
            },
        );
        builder.finish(folder.path(), 0).unwrap();
        let bytes = fs::read(folder.path().join("00000000.idx")).unwrap();
        assert_eq!(&bytes[..12], b"RTINDX01\x02\0\0\0");
        assert_eq!(bytes[12..16], crc32c::crc32c(&bytes[16..]).to_le_bytes());
        assert_eq!(bytes[16..32], digest(&SHA256, b"b").as_ref()[..16]);
        assert_eq!((bytes[32..34].to_vec(), bytes[40]), (vec![200, 0], 5));
        assert_eq!((bytes[64..66].to_vec(), bytes[72]), (vec![44, 1], 9));
        assert_eq!(bytes.len(), 80);
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            fs::write(folder.path().join("00000000.idx"), changed).unwrap();
            assert!(
                Index::read(folder.path(), 0).unwrap().is_none(),
                "byte {index}"
            );
        }
    }
}
