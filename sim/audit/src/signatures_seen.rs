//! What was found of each signature document, for the messages that come after it.
//!
//! A message may name any signature before it, but nearly always names a recent one: those are
//! kept in memory, the others on disk in the order of their sequences.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::digest::{Digest, Half};
use crate::fields::Fields;

/// Signatures in memory: some one MiB.
const WINDOW: usize = 8_192;

/// Moved to disk at once, when the window is full.
const SPILL: usize = WINDOW / 4;

const ENTRY_BYTES: usize = 8 + 4 + 1 + 4 + 64 + 32;

/// What a signature document references beside its own properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `/message.xml`
    Message,
    /// `/sig-hashchainresult.xml`
    ChainResult,
}

/// A signature document, as far as its messages need to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeenSignature {
    pub(crate) sequence: u64,
    /// Number of the segment that it stands in.
    pub(crate) segment: u32,
    /// `None` where the document does not verify.
    pub(crate) reference: Option<Reference>,
    /// Number of the member whose certificate signed it.
    pub(crate) member: u32,
    /// Digest of what it references.
    pub(crate) digest: Digest,
    /// Names its value, which is verified aside; zeros where there is none.
    pub(crate) value: Half,
}

/// All signatures of one log so far.
#[derive(Debug)]
pub(crate) struct SignaturesSeen {
    window: VecDeque<SeenSignature>,
    file: File,
    on_disk: u64,
}

impl SignaturesSeen {
    pub(crate) fn create(folder: &Path) -> std::io::Result<Self> {
        let file = tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())?;
        Ok(Self {
            window: VecDeque::new(),
            file,
            on_disk: 0,
        })
    }

    /// Adds a signature, whose sequence is above all before.
    pub(crate) fn add(&mut self, signature: SeenSignature) -> std::io::Result<()> {
        if self.window.len() == WINDOW {
            let mut bytes = Vec::with_capacity(SPILL * ENTRY_BYTES);
            for old in self.window.drain(..SPILL) {
                old.write(&mut bytes);
            }
            self.file.write_all(&bytes)?;
            self.on_disk += SPILL as u64;
        }
        self.window.push_back(signature);
        Ok(())
    }

    /// The signature with this sequence.
    pub(crate) fn find(&self, sequence: u64) -> std::io::Result<Option<SeenSignature>> {
        match self.window.front() {
            Some(oldest) if oldest.sequence <= sequence => {
                let place = self
                    .window
                    .binary_search_by_key(&sequence, |seen| seen.sequence);
                Ok(place.ok().map(|place| self.window[place]))
            }
            _ => self.find_on_disk(sequence),
        }
    }

    /// All signatures, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = std::io::Result<SeenSignature>> {
        let on_disk = (0..self.on_disk).map(|place| self.on_disk_at(place));
        on_disk.chain(self.window.iter().copied().map(Ok))
    }

    fn on_disk_at(&self, place: u64) -> std::io::Result<SeenSignature> {
        let mut bytes = [0; ENTRY_BYTES];
        self.file
            .read_exact_at(&mut bytes, place * ENTRY_BYTES as u64)?;
        Ok(SeenSignature::read(&bytes))
    }

    fn find_on_disk(&self, sequence: u64) -> std::io::Result<Option<SeenSignature>> {
        let mut places = 0..self.on_disk;
        while !places.is_empty() {
            let middle = places.start + (places.end - places.start) / 2;
            let found = self.on_disk_at(middle)?;
            match found.sequence.cmp(&sequence) {
                std::cmp::Ordering::Equal => return Ok(Some(found)),
                std::cmp::Ordering::Less => places.start = middle + 1,
                std::cmp::Ordering::Greater => places.end = middle,
            }
        }
        Ok(None)
    }
}

impl SeenSignature {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.segment.to_le_bytes());
        out.push(match self.reference {
            None => 0,
            Some(Reference::Message) => 1,
            Some(Reference::ChainResult) => 2,
        });
        out.extend_from_slice(&self.member.to_le_bytes());
        out.extend_from_slice(&self.digest);
        out.extend_from_slice(&self.value);
    }

    fn read(bytes: &[u8; ENTRY_BYTES]) -> Self {
        let mut fields = Fields::of(bytes);
        let mut read = || {
            Ok::<_, crate::fields::Malformed>(Self {
                sequence: fields.u64("sequence")?,
                segment: fields.u32("segment")?,
                reference: match fields.u8("reference")? {
                    1 => Some(Reference::Message),
                    2 => Some(Reference::ChainResult),
                    _ => None,
                },
                member: fields.u32("member")?,
                digest: fields.array("digest")?,
                value: fields.array("value")?,
            })
        };
        read().expect("an entry holds all its fields")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_signatures_are_found_as_well_as_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let mut seen = SignaturesSeen::create(folder.path()).unwrap();
        let entry = |number: u64| SeenSignature {
            sequence: number * 3,
            segment: number as u32 / 5,
            reference: [None, Some(Reference::Message), Some(Reference::ChainResult)]
                [(number % 3) as usize],
            member: (number % 7) as u32,
            digest: crate::digest::sha512(&number.to_le_bytes()),
            value: [number as u8; 32],
        };
        let count = (WINDOW + 2 * SPILL) as u64;
        assert_eq!(seen.find(0).unwrap(), None);
        for number in 0..count {
            seen.add(entry(number)).unwrap();
        }
        assert!(seen.on_disk > 0);
        let all: Vec<SeenSignature> = seen.iter().map(Result::unwrap).collect();
        assert!(all.iter().copied().eq((0..count).map(entry)));
        for number in (0..count).step_by(97).chain([count - 1]) {
            assert_eq!(seen.find(number * 3).unwrap(), Some(entry(number)));
            assert_eq!(seen.find(number * 3 + 1).unwrap(), None);
        }
    }
}
