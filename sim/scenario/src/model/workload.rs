//! Who asks what, how fast, and which lies are told on the way.

use sim_domain::{ClientId, ServiceId};

/// Who asks what, and how fast.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The service client that asks.
    pub client: ClientId,
    /// The service that is asked; the client has access to it.
    pub service: ServiceId,
    /// How many people one exchange asks about; at least 1.
    pub ids_per_exchange: u32,
    /// How fast exchanges are started.
    pub load: Load,
}

/// How fast exchanges are started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// As fast as it goes with this many in flight (closed model).
    InFlight {
        /// Exchanges in flight; at least 1.
        in_flight: u32,
    },
    /// At a set rate, however slow the answers are (open model).
    ArrivalRate {
        /// Exchanges started a second, on average.
        per_second: f64,
        /// How the starts are spread.
        arrivals: Arrivals,
        /// An exchange beyond this many in flight waits, and the wait is part of its response time.
        max_in_flight: u32,
    },
}

/// How arrivals are spread over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Independent of each other, as from many people.
    Poisson,
    /// At equal distances.
    Uniform,
}

/// A lie told on purpose, to see that the run notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedLie {
    /// The registry answers falsely once in `every` answers.
    FalseAnswers {
        /// At least 1.
        every: u64,
    },
    /// The registry swaps two answers once in `every` answers.
    SwappedAnswers {
        /// At least 2.
        every: u64,
    },
    /// One record of an exchange is missing on one side.
    MissingRecord,
    /// A message log holds a record of an exchange that nobody asked for.
    ExtraRecord,
    /// A signature by the right key is over another message.
    SignatureOverAnotherMessage,
    /// A time-stamp token is of another batch.
    TokenOfAnotherBatch,
    /// A message is signed with the certificate of another member.
    CertificateOfAnotherMember,
}
