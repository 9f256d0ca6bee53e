//! A disk that fails on purpose, for tests of whoever writes a journal.
//!
//! [`SimulatedDisk`] keeps what was written but not synced aside and brings it to the real files at
//! a sync only. [`SimulatedDisk::power_cut`] then decides, write by write, what of the rest got
//! through, as a disk may: in any order, in part, or not at all.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::storage::{DiskStorage, SegmentFile, Storage};

/// Bytes a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A file layer with faults; clones share one disk.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    unsynced: BTreeMap<PathBuf, Vec<Change>>,
    unlisted: Vec<PathBuf>,
    bytes_left: Option<u64>,
    syncs_left: Option<u32>,
    powered_off: bool,
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

#[derive(Debug)]
struct SimulatedFile {
    path: PathBuf,
    disk: SimulatedDisk,
}

// === impl SimulatedDisk ===

impl SimulatedDisk {
    /// Lets every write fail with "no space left" once `bytes` more have been written.
    pub fn fill_up_after(&self, bytes: u64) {
        self.state().bytes_left = Some(bytes);
    }

    /// Lets every sync fail after `count` more have succeeded.
    pub fn fail_syncs_after(&self, count: u32) {
        self.state().syncs_left = Some(count);
    }

    /// Cuts the power. Of the changes that were not synced, each sector of each survives where
    /// `survives` says so; files whose folder was not synced do likewise. Everything the writer
    /// tries afterwards fails.
    ///
    /// # Panics
    /// Where the real files cannot be written.
    pub fn power_cut(&self, mut survives: impl FnMut() -> bool) {
        let mut state = self.state();
        state.powered_off = true;
        for (path, changes) in std::mem::take(&mut state.unsynced) {
            for change in changes {
                apply_torn(&path, change, &mut survives).expect("the real file takes the write");
            }
        }
        for path in std::mem::take(&mut state.unlisted) {
            if !survives() {
                std::fs::remove_file(path).expect("the real file exists");
            }
        }
    }

    /// The state; a test thread that panicked while holding it changes nothing about it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn powered(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.powered_off {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(state)
        }
    }

    fn file(&self, path: &Path) -> Box<dyn SegmentFile> {
        Box::new(SimulatedFile {
            path: path.to_owned(),
            disk: self.clone(),
        })
    }
}

impl Storage for SimulatedDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut state = self.powered()?;
        DiskStorage.create(path)?;
        state.unlisted.push(path.to_owned());
        Ok(self.file(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let _on = self.powered()?;
        DiskStorage.open(path)?;
        Ok(self.file(path))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.powered()?;
        state.unsynced.remove(path);
        state.unlisted.retain(|unlisted| unlisted != path);
        DiskStorage.remove(path)
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        self.powered()?.unlisted.clear();
        Ok(())
    }
}

// === impl SimulatedFile ===

impl SegmentFile for SimulatedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.powered()?;
        if let Some(left) = &mut state.bytes_left {
            let wanted = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            *left = left
                .checked_sub(wanted)
                .ok_or_else(|| io::Error::from(io::ErrorKind::StorageFull))?;
        }
        let change = Change::Write(offset, bytes.to_vec());
        state
            .unsynced
            .entry(self.path.clone())
            .or_default()
            .push(change);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.powered()?;
        if let Some(left) = &mut state.syncs_left {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| io::Error::other("the disk lost a write"))?;
        }
        for change in state.unsynced.remove(&self.path).unwrap_or_default() {
            apply_torn(&self.path, change, &mut || true)?;
        }
        Ok(())
    }

    fn set_len(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.disk.powered()?;
        state
            .unsynced
            .entry(self.path.clone())
            .or_default()
            .push(Change::Length(length));
        Ok(())
    }
}

/// Brings those sectors of a change to the real file that survive.
fn apply_torn(path: &Path, change: Change, survives: &mut impl FnMut() -> bool) -> io::Result<()> {
    let mut file = DiskStorage.open(path)?;
    match change {
        Change::Length(length) if survives() => file.set_len(length),
        Change::Length(_) => Ok(()),
        Change::Write(mut offset, bytes) => {
            for sector in bytes.chunks(SECTOR_BYTES) {
                if survives() {
                    file.write_at(offset, sector)?;
                }
                offset += u64::try_from(sector.len()).unwrap_or(0);
            }
            Ok(())
        }
    }
}
