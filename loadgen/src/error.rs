//! Why there is no load, or no result of one.

use std::io;
use std::path::PathBuf;

use sim_journal::JournalError;
use sim_population::PopulationError;
use sim_workload::{QuestionsError, RateError};
use thiserror::Error;

/// A load that could not be made ready, or whose ledger could not be kept.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The base URL is not `http://host:port` or `https://host:port`.
    #[error("`{0}` is not an http:// or https:// address with nothing behind its port")]
    BaseUrl(String),
    /// The base URL says the one, and the settings say the other.
    #[error("`{0}` and `tls` do not go together: an https:// address needs it, no other has it")]
    TlsAndUrl(String),
    /// A certificate or key for TLS is not one.
    #[error("read {what} from PEM")]
    Pem {
        /// Which.
        what: &'static str,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key cannot be used for TLS.
    #[error("set up TLS")]
    Tls(#[source] rustls::Error),
    /// The service path does not make a request target.
    #[error("`{target}` is no request target")]
    Target {
        /// The whole of it.
        target: String,
        /// Why.
        source: http::uri::InvalidUri,
    },
    /// A text cannot be sent in a header.
    #[error("`{0}` cannot be sent in a header")]
    Header(String),
    /// A number is outside its bounds.
    #[error("{name} is {value}, which is not between 1 and {max}")]
    Limit {
        /// Name of the setting.
        name: &'static str,
        /// Its value.
        value: u64,
        /// The highest allowed.
        max: u64,
    },
    /// There is no such population.
    #[error("make the population")]
    Population(#[from] PopulationError),
    /// There are no such questions.
    #[error("make the questions")]
    Questions(#[from] QuestionsError),
    /// There is no such rate.
    #[error("make the schedule")]
    Rate(#[from] RateError),
    /// The ledger could not be written: without it a load proves nothing.
    #[error("write the ledger")]
    Ledger(#[source] JournalError),
    /// The interval log could not be written.
    #[error("write {path}")]
    IntervalLog {
        /// Where it goes.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("start thread {name}")]
    Thread {
        /// Its name.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// A thread ended without a result.
    #[error("thread {0} ended without a result")]
    ThreadLost(String),
}
