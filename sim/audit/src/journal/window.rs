//! The stretch of a segment file that is in memory, and how it moves on.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// Read at once, and kept in memory where no record is longer.
const WINDOW_BYTES: usize = 1 << 20;

/// A stretch of a file.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Memory; only the first `held` bytes are of the file.
    bytes: Vec<u8>,
    held: usize,
    /// Where in the file they begin.
    start: u64,
    /// Bytes of the file.
    length: u64,
}

impl Window {
    /// Begins a new file of this many bytes.
    pub(super) fn begin(&mut self, length: u64) {
        self.bytes.truncate(WINDOW_BYTES);
        self.bytes.shrink_to_fit();
        self.held = 0;
        self.start = 0;
        self.length = length;
    }

    /// Bytes of the file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// What is in memory from `offset` on.
    pub(super) fn from(&self, offset: u64) -> &[u8] {
        self.place_of(offset)
            .map_or(&[], |place| &self.bytes[place..self.held])
    }

    /// Sees that `count` bytes from `offset` on are in memory, or all there are; what is before
    /// `offset` may go.
    pub(super) fn hold(&mut self, file: &File, offset: u64, count: usize) -> std::io::Result<()> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let place = self.place_of(offset).unwrap_or(self.held);
        let kept = self.held - place;
        if kept >= count.min(left) {
            return Ok(());
        }
        let wanted = count.max(WINDOW_BYTES).min(left);
        self.bytes.copy_within(place..self.held, 0);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        self.start = offset;
        self.held = kept;
        file.read_exact_at(&mut self.bytes[kept..wanted], offset + kept as u64)?;
        self.held = wanted;
        Ok(())
    }

    /// Where in memory the byte at `offset` is, or the end of what is held.
    fn place_of(&self, offset: u64) -> Option<usize> {
        let place = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        (place <= self.held).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_asked_for_is_held_wherever_it_lies() {
        let content: Vec<u8> = (0..3 * WINDOW_BYTES).map(|at| (at / 7) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let mut window = Window::default();
        window.begin(content.len() as u64);
        let mut hold = |offset: usize, count: usize| {
            window.hold(&file, offset as u64, count).unwrap();
            let held = window.from(offset as u64);
            assert!(held.len() >= count.min(content.len() - offset));
            assert!(content[offset..].starts_with(held));
            held.len()
        };
        assert_eq!(hold(0, 64), WINDOW_BYTES);
        assert_eq!(hold(64, 16), WINDOW_BYTES - 64, "not read again");
        assert_eq!(hold(WINDOW_BYTES - 8, 16), WINDOW_BYTES);
        assert_eq!(hold(WINDOW_BYTES, 2 * WINDOW_BYTES), 2 * WINDOW_BYTES);
        assert_eq!(hold(content.len() - 5, usize::MAX), 5);
        assert_eq!(hold(content.len(), 16), 0);
        window.begin(0);
        window.hold(&file, 0, 64).unwrap();
        assert_eq!(window.from(0), [0; 0]);
    }
}
