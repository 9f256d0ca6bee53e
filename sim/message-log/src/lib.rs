//! The durable log of one security server: every request and response it saw, the signatures they
//! carry, and the time-stamps over those signatures.
//!
//! [`MessageLog::append`] returns once its record is on stable storage; a thread of the log's own
//! writes all records that wait with one sync. Signature documents that several messages share are
//! stored once. [`MessageLog::stamp_now`] has the signatures of up to ten thousand messages stamped
//! by one token. [`LogReader`] finds messages again and puts together what a container of evidence
//! needs. On disk it is a journal, laid out in `docs/log-format.md`.
//!
//! It is not: the audit, which reads the same files with code of its own, or the judge of what it
//! logs. Messages arrive verified, or made here.
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | what is logged, and its bytes |
//! | [`log`] | the handle, and the thread behind it |
//! | [`time_stamping`] | the client of the time-stamping authorities, and the task that stamps |
//! | [`index`] | from message ID to record |
//! | [`reader`] | messages and evidence read back |
//! | [`writer`] | a whole log from records at hand |

pub mod config;
pub mod error;
pub mod index;
pub mod log;
pub mod reader;
pub mod record;
mod signature_cache;
pub mod time_stamping;
mod unstamped;
pub mod writer;

pub use config::{BodyLogging, LogConfig, StampingTime};
pub use error::LogError;
pub use log::{LogStatistics, LogSummary, MessageLog, RecoveryReport, StampedCount, imprint_of};
pub use reader::{LogReader, ReadError, StoredMessage};
pub use record::{Direction, LoggedBody, LoggedChain, MessageRecord, Side};
pub use time_stamping::{
    Stamp, StampError, Stamper, TimeStampClient, run_time_stamping, run_time_stamping_at_once,
};
pub use writer::SealedLogWriter;
