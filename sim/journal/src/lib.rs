//! Append-only journals: a folder of segment files whose records carry a checksum and a link to
//! the record before them.
//!
//! The bytes are those of `docs/log-format.md`. A [`JournalWriter`] gathers records in memory and
//! makes them durable together ([`JournalWriter::commit`]); after a kill at any byte,
//! [`JournalWriter::open`] cuts what was not whole and goes on with sequence and links. A
//! [`JournalReader`] walks a journal from the outside.
//!
//! It is not: a database, safe for two writers, or aware of what its records mean; only a ledger's exchanges, which
//! several parts write, have their form here.
//!
//! | module | holds |
//! |---|---|
//! | [`mod@format`] | headers, records, checksum and link |
//! | [`ExchangeRecord`] | what a ledger keeps of an exchange |
//! | [`storage`] | the file layer, behind traits so that tests can let it fail |
//! | [`writer`] | append, commit, rotation, seal |
//! | [`recovery`] | reopening after a crash |
//! | [`reader`] | iteration, and single records by position |
//! | [`simulated_disk`] | a disk that fills up, fails to sync, or forgets what was not synced |

pub mod error;
mod exchange_record;
pub mod format;
mod options;
pub mod reader;
pub mod recovery;
mod segment_scan;
pub mod simulated_disk;
pub mod storage;
pub mod writer;

pub use error::JournalError;
pub use exchange_record::{EXCHANGE, ExchangeLedger, ExchangeRecord};
pub use format::{JournalKind, MAX_PAYLOAD_BYTES, Position, Record, SEAL};
pub use options::{DEFAULT_SEGMENT_BYTES, JournalOptions, SyncPolicy};
pub use reader::JournalReader;
pub use recovery::Recovery;
pub use storage::{DiskStorage, SegmentFile, Storage};
pub use writer::JournalWriter;
