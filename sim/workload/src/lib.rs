//! What users do, without I/O: when they ask, what they ask, and whether the answer is true.
//!
//! It is not the load generator: it opens no connection and waits for nothing. Time comes out as
//! offsets from a beginning, so that a live load and a simulated one can follow the same plan.
//!
//! | module | what |
//! |---|---|
//! | [`arrivals`] | when exchanges come due: an arrival process along a rate profile |
//! | [`liveness`] | "who of these has died?": the questions, and the judge of the answers |

pub mod arrivals;
pub mod liveness;

pub use arrivals::{ArrivalProcess, RateError, RateProfile, Schedule};
pub use liveness::{BrokenAnswer, Judgement, Liveness, LivenessError, Question};
