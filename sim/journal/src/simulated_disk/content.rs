//! What a file holds on stable storage, and what has been done to it since.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// The content of one file.
#[derive(Debug, Default)]
pub(super) struct Content {
    durable: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

#[derive(Debug)]
struct Unsynced {
    change: Change,
    /// A sync of it failed: no later one will write it.
    given_up: bool,
}

/// One change of a file.
#[derive(Debug)]
pub(super) enum Change {
    /// Bytes at an offset.
    Write(u64, Vec<u8>),
    /// A new length.
    Length(u64),
}

// === impl Content ===

impl Content {
    /// A file that is on stable storage.
    pub(super) fn durably(durable: Vec<u8>) -> Self {
        Self {
            durable,
            unsynced: Vec::new(),
        }
    }

    pub(super) fn durable(&self) -> &[u8] {
        &self.durable
    }

    pub(super) fn note(&mut self, change: Change) {
        self.unsynced.push(Unsynced {
            change,
            given_up: false,
        });
    }

    /// Makes durable what no sync has failed for.
    pub(super) fn sync(&mut self) {
        for Unsynced { change, given_up } in std::mem::take(&mut self.unsynced) {
            if !given_up {
                change.apply(&mut self.durable, &mut || true);
            }
        }
    }

    /// What a failed sync leaves.
    pub(super) fn give_up(&mut self) {
        for unsynced in &mut self.unsynced {
            unsynced.given_up = true;
        }
    }

    /// What is found when the power is back.
    pub(super) fn after_power_cut(mut self, survives: &mut impl FnMut() -> bool) -> Vec<u8> {
        for unsynced in self.unsynced {
            unsynced.change.apply(&mut self.durable, survives);
        }
        self.durable
    }
}

// === impl Change ===

impl Change {
    /// Brings those sectors of the change that survive to `content`.
    fn apply(self, content: &mut Vec<u8>, survives: &mut impl FnMut() -> bool) {
        match self {
            Self::Length(length) if survives() => content.resize(as_usize(length), 0),
            Self::Length(_) => {}
            Self::Write(offset, bytes) => {
                let (mut at, mut rest) = (as_usize(offset), bytes.as_slice());
                while !rest.is_empty() {
                    let to_next_sector = SECTOR_BYTES - at % SECTOR_BYTES;
                    let (sector, after) = rest.split_at(to_next_sector.min(rest.len()));
                    if survives() {
                        if content.len() < at + sector.len() {
                            content.resize(at + sector.len(), 0);
                        }
                        content[at..at + sector.len()].copy_from_slice(sector);
                    }
                    (at, rest) = (at + sector.len(), after);
                }
            }
        }
    }

    /// Makes the change where readers see it.
    pub(super) fn apply_to_file(&self, path: &Path) -> io::Result<()> {
        let file = fs::File::options().write(true).open(path)?;
        match self {
            Self::Write(offset, bytes) => file.write_all_at(bytes, *offset),
            Self::Length(length) => file.set_len(*length),
        }
    }
}

fn as_usize(offset: u64) -> usize {
    usize::try_from(offset).expect("a simulated file fits in memory")
}
