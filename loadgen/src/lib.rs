//! The load generator: sends the workload and times every answer from its intended start.
//!
//! It is the information system of a service client, and knows X-Road's REST protocol and its
//! own questions. It is not part of the exchange: it knows nothing of the servers it measures,
//! and takes no time from them.
//!
//! The life of an exchange is the order of the modules:
//!
//! | module | what |
//! |---|---|
//! | [`config`] | what to send where, how fast |
//! | `plan` | the configuration checked and made ready |
//! | `pacer` | open model: makes exchanges due at absolute deadlines, from a thread of its own |
//! | `source` | hands what is due to the connections |
//! | `worker` | a thread of connections, each with one exchange at a time |
//! | `connector`, `tls` | makes connections, plain or over TLS |
//! | `connection` | HTTP/1.1 over a kept connection |
//! | `exchange` | the request, and what an answer is worth |
//! | `books` | what is in flight, and what came of the rest |
//! | `recorder`, `series` | counts and times, whole and by the second |
//! | `health` | how well the generator itself could work |
//! | `ledger` | one record of every exchange that was started |
//! | `interval_log` | response and service times as they come, for tools of HdrHistogram |
//! | [`progress`] | how far the load is |

mod books;
pub mod config;
mod connection;
mod connector;
mod error;
mod exchange;
mod health;
mod interval_log;
mod ledger;
mod pacer;
mod plan;
pub mod progress;
mod recorder;
mod run;
mod series;
mod source;
mod tls;
mod worker;

pub use config::{
    Limits, Load, LoadAsk, LoadConfig, LoadWindow, MAX_WINDOWS, PopulationConfig, TlsClient,
    TlsConfig, WhenFull,
};
pub use error::LoadError;
pub use progress::{LoadPhase, Progress};
pub use run::{Ready, run};
