//! Verifies signature values aside from the readers.
//!
//! Much of the time of an audit goes into the curve. So readers only hand the values over, and ask
//! in the end which did not verify.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::digest::{Digest, Half, half, sha512_of_parts};
use crate::keys::PublicKey;
use crate::prepared_key::PreparedKey;

/// Values that may wait; then readers wait.
pub(crate) const QUEUE: usize = 1_024;

/// Signatures by one key from which on it is worth while to prepare that key: preparing takes as
/// long as verifying some fifty.
const OFTEN: u32 = 100;

/// The most keys that are prepared: some ten megabytes.
const MAX_PREPARED: usize = 16;

/// The most keys whose signatures are counted.
const MAX_COUNTED: usize = 65_536;

/// A value to verify.
pub(crate) struct Task {
    value: Half,
    key: PublicKey,
    digest: Digest,
    signature: Vec<u8>,
}

/// What is known of all values.
#[derive(Default)]
pub(crate) struct ValueChecks {
    keys: Mutex<Keys>,
    failed: Mutex<BTreeSet<Half>>,
}

/// Who signs how often.
#[derive(Default)]
struct Keys {
    /// Signatures of keys that are not prepared, by the point.
    counted: BTreeMap<Box<[u8]>, u32>,
    prepared: BTreeMap<Box<[u8]>, Arc<PreparedKey>>,
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
            let prepared = locked(&self.keys).prepared(&task.key);
            let holds = match prepared {
                Some(key) => key.verifies_raw(&task.digest, &task.signature),
                None => task.key.verifies_xml(&task.digest, &task.signature),
            };
            if !holds {
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

// === impl Keys ===

impl Keys {
    /// Counts a signature by `key`; the key prepared, where it signs often.
    fn prepared(&mut self, key: &PublicKey) -> Option<Arc<PreparedKey>> {
        let point = key.to_bytes();
        if let Some(prepared) = self.prepared.get(&point) {
            return Some(Arc::clone(prepared));
        }
        if self.prepared.len() == MAX_PREPARED {
            return None;
        }
        if self.counted.len() == MAX_COUNTED {
            self.counted.clear();
        }
        let count = self.counted.entry(point.clone()).or_default();
        *count += 1;
        if *count < OFTEN {
            return None;
        }
        self.counted.remove(&point);
        let prepared = Arc::new(key.prepared()?);
        self.prepared.insert(point, Arc::clone(&prepared));
        Some(prepared)
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
        value
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> PublicKey {
        let secret = p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap();
        let point = secret.verifying_key().to_sec1_bytes();
        PublicKey::of("1.2.840.10045.2.1".parse().unwrap(), &point).unwrap()
    }

    #[test]
    fn keys_that_sign_often_are_prepared_and_not_too_many() {
        let mut keys = Keys::default();
        for _ in 1..OFTEN {
            assert!(keys.prepared(&key(1)).is_none());
            assert!(keys.prepared(&key(2)).is_none());
        }
        assert!(keys.prepared(&key(1)).is_some());
        assert!(keys.prepared(&key(1)).is_some());
        assert!(keys.prepared(&key(3)).is_none(), "counted by itself");
        assert_eq!((keys.prepared.len(), keys.counted.len()), (1, 2));
        for number in 2..100 {
            for _ in 0..=OFTEN {
                keys.prepared(&key(number));
            }
        }
        assert_eq!(keys.prepared.len(), MAX_PREPARED);
        assert!(keys.prepared(&key(99)).is_none());
    }
}
