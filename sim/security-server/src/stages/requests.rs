//! Requests to other parts: few, so all of them are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sim_clock::Clock;
use sim_evidence::digest::Sha512;
use sim_message_log::Stamper;
use sim_message_log::time_stamping::{Stamp, StampError};
use sim_metrics::stages::{CacheUse, Requests};

/// Requests of one kind.
#[derive(Default)]
pub(crate) struct RequestTally {
    count: AtomicU64,
    ns: AtomicU64,
}

/// A request that is under way; it ends when this is dropped.
pub(crate) struct Asking<'a> {
    tally: &'a RequestTally,
    clock: Clock,
    began: Instant,
}

/// How often something was remembered, and how often not.
#[derive(Default)]
pub(crate) struct CacheTally {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// A stamper whose requests are counted.
pub(crate) struct CountedStamper<S> {
    pub(crate) stamper: S,
    pub(crate) tally: Arc<RequestTally>,
    pub(crate) clock: Clock,
}

// === impl RequestTally ===

impl RequestTally {
    /// A request begins.
    pub(crate) fn begin(&self, clock: Clock) -> Asking<'_> {
        Asking {
            tally: self,
            clock,
            began: clock.monotonic(),
        }
    }

    pub(crate) fn requests(&self) -> Requests {
        Requests {
            count: self.count.load(Ordering::Relaxed),
            time_us: self.ns.load(Ordering::Relaxed) as f64 / 1e3,
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let took = self.clock.monotonic().duration_since(self.began);
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.tally.count.fetch_add(1, Ordering::Relaxed);
        self.tally.ns.fetch_add(ns, Ordering::Relaxed);
    }
}

// === impl CacheTally ===

impl CacheTally {
    /// Counts one more, and passes on whether it was remembered.
    pub(crate) fn count(&self, is_hit: bool) -> bool {
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        is_hit
    }

    pub(crate) fn cache_use(&self) -> CacheUse {
        CacheUse {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}

// === impl CountedStamper ===

impl<S: Stamper> Stamper for CountedStamper<S> {
    async fn stamp(&self, imprint: Sha512) -> Result<Stamp, StampError> {
        let _asking = self.tally.begin(self.clock);
        self.stamper.stamp(imprint).await
    }
}
