//! People by index from a seed, and the truth to check answers against.
//!
//! A [`Population`] is a function, not a table: [`Population::person`] computes the person of any
//! index from the seed alone, and [`Population::index_of`] goes back from a national ID. So the
//! load generator, the register and the audit each hold the whole truth in a few kilobytes, and
//! nobody has to be trusted to have copied it correctly.
//!
//! How an index becomes a person:
//!
//! 1. a keyed permutation shuffles the indices, so that neighbours have nothing in common;
//! 2. an age pyramid cuts the shuffled positions into one cell per year of age and sex, the older the
//!    smaller, and the first few of every cell have died;
//! 3. within its cell, a position becomes a birth day and a serial number by two strides that can
//!    be walked back;
//! 4. an [`IdScheme`] writes birth day, sex and serial as a national ID.
//!
//! Families are functions of the same places: see `families`.
//!
//! Each step is a bijection, so no two people share an ID and the number of the dead is exact.
//!
//! It is not a register: it does no I/O, and what a register answers is the register's affair.

mod cells;
mod families;
mod id_scheme;
mod isikukood;
mod island;
pub mod iso_date;
mod names;
mod permutation;
mod person;
mod plan;
mod population;
mod pyramid;
mod stride;

pub use id_scheme::{IdError, IdParts, IdScheme, MAX_SERIALS, NationalId, SchemeName, Sex};
pub use isikukood::Isikukood;
pub use island::Island;
pub use names::{NameLists, Names};
pub use person::{Address, Identity, Person, Relatives, Status};
pub use plan::{Ages, PeopleConfig, PopulationError, PopulationPlan};
pub use population::Population;

/// Calendar dates, as everywhere in this crate's interface.
pub use time::Date;
