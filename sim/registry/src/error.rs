//! Why a register does not run, or cannot answer.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use sim_population::PopulationError;

/// Why a register did not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There are no such people.
    #[error("nobody to register")]
    Population(#[from] PopulationError),
    /// A planted falsehood cannot happen every zeroth time.
    #[error("`{key}` counts from 1")]
    Lies {
        /// Its name in the configuration.
        key: &'static str,
    },
    /// There is no such spread of times.
    #[error("a service demand has a median of at least 1 ms and a p99 above it")]
    Demand,
    /// The folder of the database cannot be prepared.
    #[error("failed to prepare the database folder {}", folder.display())]
    Folder {
        /// As configured.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The register could not be filled.
    #[error("failed to fill the register")]
    Fill(#[source] StoreError),
    /// The journal of the data tracker, or a ledger, cannot be begun.
    #[error("failed to begin a journal")]
    Tracker(#[source] sim_journal::JournalError),
    /// No thread to fill the register on.
    #[error("failed to start a thread")]
    Thread(#[source] io::Error),
    /// The address is taken, or not this machine's.
    #[error("failed to listen on {address}")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// The database failed.
#[derive(Debug, thiserror::Error)]
#[error("the register's database failed")]
pub struct StoreError(#[source] Box<redb::Error>);

// === impl StoreError ===

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(Box::new(error.into()))
    }
}
