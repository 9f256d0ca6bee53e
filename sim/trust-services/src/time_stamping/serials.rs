//! Serial numbers of tokens: unique over every run of every authority.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts up behind a random prefix that is drawn once.
pub(super) struct Serials {
    prefix: [u8; 8],
    next: AtomicU64,
}

impl Serials {
    pub(super) fn new() -> Self {
        let mut prefix = [0; 8];
        aws_lc_rs::rand::fill(&mut prefix).expect("the operating system gives random numbers");
        // Positive, and of the same length always.
        prefix[0] = prefix[0] & 0x7f | 0x40;
        Self {
            prefix,
            next: AtomicU64::new(1),
        }
    }

    pub(super) fn next(&self) -> [u8; 16] {
        let mut serial = [0; 16];
        serial[..8].copy_from_slice(&self.prefix);
        serial[8..].copy_from_slice(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        serial
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Serials;

    #[test]
    fn no_serial_number_comes_twice() {
        let runs = [Serials::new(), Serials::new()];
        let serials: BTreeSet<_> = runs
            .iter()
            .flat_map(|run| (0..1000).map(|_| run.next()))
            .collect();
        assert_eq!(serials.len(), 2000);
        assert!(
            serials
                .iter()
                .all(|serial| (0x40..0x80).contains(&serial[0]))
        );
    }
}
