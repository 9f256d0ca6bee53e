//! The file layer of a journal, as small as a writer needs it.
//!
//! Behind traits so that tests can put a disk underneath that fills up, fails to sync, or forgets
//! what was not synced ([`crate::simulated_disk`]). Reading goes to the files themselves.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{Advice, fadvise};

/// Makes and removes segment files.
pub trait Storage: Debug + Send + Sync {
    /// Creates one folder; fails where it exists.
    ///
    /// # Errors
    /// What the operating system says.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Creates a new file for writing; fails where it exists.
    ///
    /// # Errors
    /// What the operating system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Opens an existing file for writing.
    ///
    /// # Errors
    /// What the operating system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes durable which files a folder has.
    ///
    /// # Errors
    /// What the operating system says.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Makes durable what a file holds, and lets readers see nothing but that.
    ///
    /// A sync that failed leaves pages in memory that no disk has and no later sync writes. Who
    /// read them would take them for safe.
    ///
    /// # Errors
    /// What the operating system says.
    fn settle(&self, path: &Path) -> io::Result<()>;
}

/// One open segment file.
pub trait SegmentFile: Debug + Send {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// What the operating system says; nothing is known then of what was written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns once everything written is on stable storage, with the length of the file.
    ///
    /// # Errors
    /// What the operating system says; what was written since the last sync may be lost then,
    /// even if a later sync succeeds.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts or extends the file.
    ///
    /// # Errors
    /// What the operating system says.
    fn set_len(&mut self, length: u64) -> io::Result<()>;
}

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskStorage;

#[derive(Debug)]
struct DiskFile(File);

// === impl DiskStorage ===

impl Storage for DiskStorage {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(DiskFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Box::new(DiskFile(file)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn settle(&self, path: &Path) -> io::Result<()> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        file.sync_all()?;
        // All of it is clean now, so the system can let go of it; what is read next comes from the
        // disk.
        Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
    }
}

// === impl DiskFile ===

impl SegmentFile for DiskFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        // fdatasync: times of change are not worth a second journal write of the file system.
        self.0.sync_data()
    }

    fn set_len(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }
}
