//! The registries and their services, on an embedded store.
//!
//! [`run`] fills a population register and serves it over plain HTTP, as an information system
//! does behind its security server:
//!
//! - `POST /liveness`: IDs in, the deceased among them out;
//! - `POST /person`: IDs in, what the register holds of each out;
//! - `GET /export.csv`: the whole register, streamed;
//! - `GET /openapi.json`, `GET /health`, as every registry does.
//!
//! Citizens' services, of this registry and of the other [`Kind`]s, are in `office`: records,
//! benefits, taxes, health, companies, studies, consents, the data tracker that tells who looked,
//! and inquiries that find out why. What a registry does not hold it asks others for, over the
//! exchange.
//!
//! The modules, along the way of a request: `server` (connections and drain), `service` (which
//! path, which method), `liveness` and `persons` (questions and answers), `register` (the store), and `lies`,
//! through which a test can make the register answer falsely, and `demand`, through which a scenario
//! makes it take its time. `openapi` composes the description that a registry serves of itself.
//!
//! It is not a security server: it checks no access right and signs nothing. Citizens' services
//! take from the `X-Road-` headers who asks on whose behalf, and believe them. It is no truth either: what is true is in `sim_population`, from which the register is
//! filled once; afterwards it answers from its store alone.

mod config;
mod demand;
mod error;
mod export;
mod lies;
mod liveness;
mod office;
mod openapi;
mod persons;
mod register;
mod server;
mod service;

pub use config::{
    AskedService, CitizensSide, ExchangeAccess, Kind, Lies, RegisteredPopulation, RegistryConfig,
};
pub use error::{Error, StoreError};
pub use liveness::MAX_IDS;
pub use server::{Ready, Summary, run};
pub use service::MAX_BODY_BYTES;
