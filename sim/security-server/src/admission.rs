//! A bound on the messages in work at once.

use sim_domain::fault::{Fault, FaultCode};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::fault::refuse;
use crate::serve;

/// So many messages of one side are in work at once, and no more.
pub(crate) struct Admission {
    places: Semaphore,
    most: usize,
}

impl Admission {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            places: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
            most,
        }
    }

    /// One place among the messages in work, or a refusal with the code `overloaded`.
    pub(crate) fn admit(&self, overloaded: FaultCode) -> Result<SemaphorePermit<'_>, Fault> {
        self.places.try_acquire().map_err(|_| {
            let text = format!("more than {} messages are in work", self.most);
            refuse(overloaded, &text)
        })
    }

    /// Messages in work now.
    pub(crate) fn in_work(&self) -> usize {
        self.most.saturating_sub(self.places.available_permits())
    }

    /// Waits until no message is in work, also none whose client is gone; false where that takes
    /// too long.
    pub(crate) async fn settled(&self) -> bool {
        serve::all_back(&self.places, self.most).await
    }
}
