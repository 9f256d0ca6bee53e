//! Why the carriers end.

use std::io;
use std::net::SocketAddr;

/// Why the carriers ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not of this machine.
    #[error("listen on {address}")]
    Bind {
        /// What the configuration says.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// There are no such people.
    #[error("people")]
    People(#[from] sim_population::PopulationError),
    /// The country is no code of two capitals.
    #[error("country `{0}`: a code of two capitals is wanted, such as EE")]
    Country(String),
    /// A relying party has no identifier, or a name that no phone shows.
    #[error("relying party `{0}`: a uuid and a name of 1 to 32 bytes are wanted")]
    RelyingParty(String),
    /// The configuration says how people behave, and they cannot.
    #[error("phones: {0}")]
    Behaviour(&'static str),
    /// A person in the room shall play somebody who does not exist.
    #[error("human phones: nobody has the national ID `{0}`")]
    Human(String),
    /// The operating system closed the listener.
    #[error("serve the carriers")]
    Serve(#[source] io::Error),
}
