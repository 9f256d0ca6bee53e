//! Why the carriers end.

use std::io;
use std::net::SocketAddr;

/// Why the carriers ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not of this machine.
    #[error("listen on {address}: {source}")]
    Bind {
        /// What the configuration says.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// There are no such people.
    #[error("people: {0}")]
    People(#[from] sim_population::PopulationError),
    /// The configuration says how people behave, and they cannot.
    #[error("phones: {0}")]
    Behaviour(&'static str),
    /// The operating system closed the listener.
    #[error("serve the carriers: {0}")]
    Serve(#[source] io::Error),
}
