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
//! | [`liveness`] | "who of these has died?": the questions, and the judge of the answers |

pub mod arrivals;
pub mod liveness;
pub mod rate;
pub mod shapes;
pub mod trace;

pub use arrivals::{ArrivalProcess, Schedule};
pub use liveness::{BrokenAnswer, Judgement, Liveness, LivenessError, Question};
pub use rate::{Course, RateError, RatePoint, RateProfile};
pub use shapes::{Shape, ShapeError};
