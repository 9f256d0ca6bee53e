//! The orderly end of a log.

use std::sync::Arc;
use std::time::Duration;

use tokio::time;

use crate::error::LogError;
use crate::log::queue::Command;
use crate::log::statistics::LogSummary;
use crate::log::{MessageLog, StampedCount};
use crate::time_stamping::Stamper;

/// Rounds of time-stamping that may fail before the log is sealed without.
const STAMPING_ATTEMPTS: u32 = 4;
/// Pause between them.
const STAMPING_PAUSE: Duration = Duration::from_millis(500);

impl MessageLog {
    /// Ends the log: accepts nothing more, has the rest stamped, seals the journal, cuts it to its
    /// length, and writes the indexes.
    ///
    /// # Errors
    /// Where the log cannot be written, or signatures remain without a time-stamp
    /// ([`LogError::SealedUnstamped`]; it is sealed nevertheless).
    pub async fn drain(self, stamper: &impl Stamper) -> Result<LogSummary, LogError> {
        self.command(|done| Command::Close { done }).await?;
        let stamped = self.stamp_the_rest(stamper).await;
        let summary = self.command(|done| Command::Seal { done }).await?;
        match stamped {
            Ok(_) => Ok(summary),
            Err(LogError::Stamping(source)) => {
                let unstamped = usize::try_from(summary.statistics.unstamped);
                Err(LogError::SealedUnstamped {
                    unstamped: unstamped.unwrap_or(usize::MAX),
                    source,
                })
            }
            Err(error) => Err(error),
        }
    }

    async fn stamp_the_rest(&self, stamper: &impl Stamper) -> Result<StampedCount, LogError> {
        let mut attempt = 1;
        loop {
            match self.stamp_now(stamper).await {
                Err(LogError::Stamping(error)) if attempt < STAMPING_ATTEMPTS => {
                    tracing::warn!(attempt, error = %Arc::clone(&error), "no time-stamp, trying again");
                    attempt += 1;
                    time::sleep(STAMPING_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }
}
