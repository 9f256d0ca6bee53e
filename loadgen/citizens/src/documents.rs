//! Some of what citizens sign, kept so that others can judge it.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Documents that are kept; each has some tens of kilobytes.
const MAX_DOCUMENTS: usize = 20;

/// A folder of signed documents.
#[derive(Debug)]
pub(crate) struct Documents {
    folder: Option<PathBuf>,
    count: AtomicUsize,
}

// === impl Documents ===

impl Documents {
    pub(crate) const fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            count: AtomicUsize::new(0),
        }
    }

    /// Keeps a container as `NNNN.asice`, while there is room.
    pub(crate) fn keep(&self, container: &[u8]) -> io::Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        if number >= MAX_DOCUMENTS {
            return Ok(());
        }
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(format!("{number:04}.asice")), container)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_and_no_more() {
        let folder = std::env::temp_dir().join(format!("documents-{}", std::process::id()));
        let documents = Documents::new(Some(folder.clone()));
        for number in 0..MAX_DOCUMENTS + 2 {
            documents.keep(&[number as u8]).unwrap();
        }
        let kept = std::fs::read_dir(&folder).unwrap().count();
        let last = folder.join(format!("{:04}.asice", MAX_DOCUMENTS - 1));
        let last = std::fs::read(last).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(kept, MAX_DOCUMENTS);
        assert_eq!(last, [MAX_DOCUMENTS as u8 - 1]);
    }
}
