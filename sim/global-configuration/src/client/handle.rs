//! How others see the newest configuration: without waiting, or waiting for a condition.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use thiserror::Error;
use tokio::sync::{Notify, watch};

use crate::snapshot::GlobalConfiguration;

/// The newest configuration that a client has verified; clones share it.
#[derive(Clone, Debug)]
pub struct ConfigurationHandle {
    shared: Arc<Shared>,
    revision: watch::Receiver<u64>,
}

/// The client was stopped, so that the awaited configuration cannot come any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("wait for the global configuration: its client was stopped")]
pub struct ConfigurationClientStopped;

/// The client's side of a handle.
pub(super) struct Publisher {
    shared: Arc<Shared>,
    revision: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Swapped as a whole, so that one message sees one configuration.
    current: ArcSwapOption<GlobalConfiguration>,
    last_failure: Mutex<Option<String>>,
    refresh: Notify,
}

/// A handle without a configuration yet, and what fills it.
pub(super) fn channel() -> (ConfigurationHandle, Publisher) {
    let shared = Arc::new(Shared::default());
    let (sender, receiver) = watch::channel(0);
    let handle = ConfigurationHandle {
        shared: Arc::clone(&shared),
        revision: receiver,
    };
    let publisher = Publisher {
        shared,
        revision: sender,
    };
    (handle, publisher)
}

// === impl ConfigurationHandle ===

impl ConfigurationHandle {
    /// A handle on a configuration that never changes, for parts that are given one.
    #[must_use]
    pub fn fixed(configuration: GlobalConfiguration) -> Self {
        let (handle, publisher) = channel();
        publisher.publish(configuration);
        handle
    }

    /// The newest verified configuration, if any came yet. It may have expired.
    #[must_use]
    pub fn current(&self) -> Option<Arc<GlobalConfiguration>> {
        self.shared.current.load_full()
    }

    /// Why the last download failed; `None` after one that worked.
    #[must_use]
    pub fn last_failure(&self) -> Option<String> {
        let failure = self.shared.last_failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the client not to wait for the next refresh.
    pub fn refresh(&self) {
        self.shared.refresh.notify_one();
    }

    /// Waits until there is a configuration that fulfils `condition`, and returns it.
    ///
    /// # Errors
    ///
    /// [`ConfigurationClientStopped`] when none can come any more.
    pub async fn wait_until(
        &self,
        mut condition: impl FnMut(&GlobalConfiguration) -> bool,
    ) -> Result<Arc<GlobalConfiguration>, ConfigurationClientStopped> {
        let mut revision = self.revision.clone();
        loop {
            // Marked as seen before looking, so that a change in between is not missed.
            revision.borrow_and_update();
            if let Some(current) = self.current()
                && condition(&current)
            {
                return Ok(current);
            }
            let changed = revision.changed().await;
            changed.map_err(|_| ConfigurationClientStopped)?;
        }
    }
}

// === impl Publisher ===

impl Publisher {
    /// Makes `configuration` the current one.
    pub(super) fn publish(&self, configuration: GlobalConfiguration) {
        self.shared.current.store(Some(Arc::new(configuration)));
        self.set_failure(None);
        self.revision.send_modify(|revision| *revision += 1);
    }

    /// Keeps the current configuration and notes why there is no newer one.
    pub(super) fn failed(&self, error: String) {
        self.set_failure(Some(error));
    }

    /// Returns when a handle asked for a refresh.
    pub(super) async fn asked_to_refresh(&self) {
        self.shared.refresh.notified().await;
    }

    fn set_failure(&self, failure: Option<String>) {
        let slot = self.shared.last_failure.lock();
        *slot.unwrap_or_else(PoisonError::into_inner) = failure;
    }
}
