//! Verifies signature values aside from the readers, and each but once.
//!
//! Nearly all the time of an audit goes into the curve, and both sides of an exchange log the same
//! signatures. So readers only hand the values over, and ask in the end which did not verify.

use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::{Digest, Half, half, sha512_of_parts};
use crate::keys::PublicKey;

/// Values that may wait; then readers wait.
pub(crate) const QUEUE: usize = 1_024;

/// Values that are remembered, so as not to verify them again: some megabytes.
const REMEMBERED: usize = 65_536;

/// A value to verify.
pub(crate) struct Task {
    value: Half,
    key: PublicKey,
    digest: Digest,
    signature: Vec<u8>,
}

/// What is known of all values.
#[derive(Debug, Default)]
pub(crate) struct ValueChecks {
    handed_over: Mutex<Remembered>,
    failed: Mutex<BTreeSet<Half>>,
}

/// The most recent values.
#[derive(Debug, Default)]
struct Remembered {
    values: BTreeSet<Half>,
    order: VecDeque<Half>,
}

/// A reader's way to have values verified.
#[derive(Clone)]
pub(crate) struct Checker<'a> {
    checks: &'a ValueChecks,
    tasks: SyncSender<Task>,
}

// === impl ValueChecks ===

impl ValueChecks {
    /// Verifies values until nobody can hand over any more.
    pub(crate) fn work(&self, tasks: &Mutex<Receiver<Task>>) {
        // The lock must be free while a value is verified.
        let next = || locked(tasks).recv();
        while let Ok(task) = next() {
            if !task.key.verifies_xml(&task.digest, &task.signature) {
                locked(&self.failed).insert(task.value);
            }
        }
    }

    /// The values that did not verify.
    pub(crate) fn into_failed(self) -> BTreeSet<Half> {
        self.failed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Remembered ===

impl Remembered {
    /// True where `value` is not remembered; from now on it is.
    fn is_new(&mut self, value: Half) -> bool {
        if !self.values.insert(value) {
            return false;
        }
        self.order.push_back(value);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        true
    }
}

// === impl Checker ===

impl<'a> Checker<'a> {
    pub(crate) const fn new(checks: &'a ValueChecks, tasks: SyncSender<Task>) -> Self {
        Self { checks, tasks }
    }

    /// Has a signature over a SHA-512 digest verified; what it returns names the result.
    pub(crate) fn hand_over(&self, key: &PublicKey, digest: Digest, signature: Vec<u8>) -> Half {
        let value = half(&sha512_of_parts(&[&key.to_bytes(), &digest, &signature]));
        if locked(&self.checks.handed_over).is_new(value) {
            let task = Task {
                value,
                key: key.clone(),
                digest,
                signature,
            };
            if self.tasks.send(task).is_err() {
                // Nobody is there to verify it, so nothing is proven.
                locked(&self.checks.failed).insert(value);
            }
        }
        value
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_value_is_forgotten_first() {
        let mut remembered = Remembered::default();
        let value = |number: usize| half(&sha512_of_parts(&[&number.to_le_bytes()]));
        for number in 0..REMEMBERED {
            assert!(remembered.is_new(value(number)));
        }
        assert!(!remembered.is_new(value(0)));
        assert!(remembered.is_new(value(REMEMBERED)));
        assert!(remembered.is_new(value(0)), "forgotten, so verified again");
        assert!(!remembered.is_new(value(2)));
        assert_eq!(remembered.values.len(), REMEMBERED);
    }
}
