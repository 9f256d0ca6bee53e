//! A disk that fails on purpose, for tests of whoever writes a journal.
//!
//! The real files show what an operating system would show to whoever reads them: everything
//! written so far. What is on stable storage is kept aside, and grows at a sync only. A process
//! that dies loses nothing; [`SimulatedDisk::power_cut`] takes everything back that was not synced,
//! except for what got through by chance: any sector of any write, any length, any file whose
//! folder was not synced.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::storage::{DiskStorage, SegmentFile, Storage};

mod content;

use content::{Change, Content};

/// A file layer with faults; clones share one disk.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Content>,
    /// Entries of folders that no sync of the folder has made durable.
    unlisted: Vec<Entry>,
    bytes_left: Option<u64>,
    syncs_left: Option<u32>,
    steps_left: Option<u32>,
    powered_off: bool,
}

/// What was done to the entry of a folder.
#[derive(Debug)]
enum Entry {
    /// A file or folder is new.
    Created(PathBuf),
    /// A file is gone; this was in it.
    Removed(PathBuf, Vec<u8>),
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

    /// Lets every sync fail after `count` more have succeeded. As with a real disk, what a failed
    /// sync should have made durable is given up: readers still see it, a later sync does not
    /// write it.
    pub fn fail_syncs_after(&self, count: u32) {
        self.state().syncs_left = Some(count);
    }

    /// Lets syncs succeed again.
    pub fn mend_syncs(&self) {
        self.state().syncs_left = None;
    }

    /// Lets the power fail in the middle of the step after `count` more; a step is anything that
    /// is asked of the disk. [`Self::power_cut`] then decides what of it all survives.
    pub fn lose_power_after(&self, count: u32) {
        self.state().steps_left = Some(count);
    }

    /// Cuts the power. Of the changes that were not synced, each sector of each survives where
    /// `survives` says so; so does each change of a folder that was not synced. Everything that is
    /// tried afterwards fails.
    ///
    /// # Panics
    /// Where the real files cannot be written.
    pub fn power_cut(&self, mut survives: impl FnMut() -> bool) {
        let mut state = self.state();
        state.powered_off = true;
        for (path, content) in std::mem::take(&mut state.files) {
            let left = content.after_power_cut(&mut survives);
            fs::write(path, left).expect("the real file takes what is left");
        }
        // Latest first: a file that was removed and made again is taken back in that order.
        for entry in std::mem::take(&mut state.unlisted).into_iter().rev() {
            if !survives() {
                entry.take_back().expect("the real folder can be changed");
            }
        }
    }

    /// The state; a test thread that panicked while holding it changes nothing about it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a step that is whole or not at all.
    fn step(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.step()?;
        Ok(state)
    }

    fn file(&self, path: &Path) -> Box<dyn SegmentFile> {
        Box::new(SimulatedFile {
            path: path.to_owned(),
            disk: self.clone(),
        })
    }
}

impl Storage for SimulatedDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.step()?;
        fs::create_dir(folder)?;
        state.unlisted.push(Entry::Created(folder.to_owned()));
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut state = self.step()?;
        DiskStorage.create(path)?;
        state.files.insert(path.to_owned(), Content::default());
        state.unlisted.push(Entry::Created(path.to_owned()));
        Ok(self.file(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut state = self.step()?;
        DiskStorage.open(path)?;
        state.content_of(path)?;
        Ok(self.file(path))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.step()?;
        let before = state.content_of(path)?.durable().to_vec();
        DiskStorage.remove(path)?;
        state.files.remove(path);
        state.unlisted.push(Entry::Removed(path.to_owned(), before));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.step()?;
        state
            .unlisted
            .retain(|entry| entry.path().parent() != Some(folder));
        Ok(())
    }

    fn settle(&self, path: &Path) -> io::Result<()> {
        let mut state = self.step()?;
        let content = state.content_of(path)?;
        content.sync();
        fs::write(path, content.durable())
    }
}

// === impl State ===

impl State {
    fn step(&mut self) -> io::Result<()> {
        if let Some(left) = &mut self.steps_left {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => self.powered_off = true,
            }
        }
        if self.powered_off {
            Err(io::Error::other("the power is off"))
        } else {
            Ok(())
        }
    }

    /// What is known of a file; one that nobody has touched is on stable storage as it is.
    fn content_of(&mut self, path: &Path) -> io::Result<&mut Content> {
        if !self.files.contains_key(path) {
            let content = Content::durably(fs::read(path)?);
            self.files.insert(path.to_owned(), content);
        }
        self.files
            .get_mut(path)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

// === impl Entry ===

impl Entry {
    fn path(&self) -> &Path {
        match self {
            Self::Created(path) | Self::Removed(path, _) => path,
        }
    }

    fn take_back(self) -> io::Result<()> {
        match self {
            Self::Created(path) if path.is_dir() => fs::remove_dir_all(path),
            Self::Created(path) if path.exists() => fs::remove_file(path),
            // It was in a folder that is gone by now, or was removed again.
            Self::Created(_) => Ok(()),
            Self::Removed(path, _) if path.exists() => Ok(()),
            Self::Removed(path, content) => fs::write(path, content),
        }
    }
}

// === impl SimulatedFile ===

impl SimulatedFile {
    /// Changes what readers see; where the power fails meanwhile, some of it may still get through.
    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.disk.state();
        let was_on = !state.powered_off;
        let step = state.step();
        if was_on {
            change.apply_to_file(&self.path)?;
            state.content_of(&self.path)?.note(change);
        }
        step
    }
}

impl SegmentFile for SimulatedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Some(left) = &mut self.disk.state().bytes_left {
            let wanted = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            *left = left
                .checked_sub(wanted)
                .ok_or_else(|| io::Error::from(io::ErrorKind::StorageFull))?;
        }
        self.change(Change::Write(offset, bytes.to_vec()))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.step()?;
        let fails = match &mut state.syncs_left {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        };
        let content = state.content_of(&self.path)?;
        if fails {
            content.give_up();
            return Err(io::Error::other("the disk lost a write"));
        }
        content.sync();
        Ok(())
    }

    fn set_len(&mut self, length: u64) -> io::Result<()> {
        self.change(Change::Length(length))
    }
}
