//! What users do, without I/O: when they ask, what they ask, and whether the answer is true.
//!
//! It is not the load generator: it opens no connection and waits for nothing. Time comes out as
//! offsets from a beginning, so that a live load and a simulated one can follow the same plan.
//!
//! | module | what |
//! |---|---|
//! | [`rate`] | how the rate of arrivals goes over time |
//! | [`shapes`] | an ordinary day and a deadline's last, as such courses |
//! | [`trace`] | such a course out of a table of times and rates |
//! | [`arrivals`] | when exchanges come due: an arrival process along a rate profile |
//! | [`questions`] | what is asked about whom, and the judge of the answers |
//! | [`sizes`] | how many people a question is about |
//! | `deck` | which kind and size of question comes when |
//! | [`citizens`] | what citizens come to the portal for, with what, and how long they think |
//! | `deaths`, `persons` | answers of each service, held against the truth |

pub mod arrivals;
pub mod citizens;
mod deaths;
mod deck;
mod persons;
pub mod questions;
pub mod rate;
pub mod shapes;
pub mod sizes;
pub mod trace;

pub use arrivals::{ArrivalProcess, Schedule};
pub use citizens::{Carrier, CitizenPlan, Journey, Taking};
pub use deck::DECK;
pub use questions::{
    Ask, BrokenAnswer, Judgement, Question, Questions, QuestionsError, Subject, exchanges_for,
    people_for,
};
pub use rate::{Course, RateError, RatePoint, RateProfile};
pub use shapes::{Shape, ShapeError};
pub use sizes::Sizes;
