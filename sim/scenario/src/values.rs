//! Single values: each type knows its text form, what to say when a text does not fit, and its
//! JSON Schema. None of them knows of YAML or of the rest of the scenario.

mod access;
mod address;
mod choice;
mod cipher_suite;
mod citizens;
mod condition;
mod course;
mod date;
mod lie;
mod name;
mod number;
mod pace;
mod quantity;
mod size;

use schemars::Schema;

pub(crate) use access::AccessText;
pub(crate) use citizens::{CurrencyCode, Promille, Spread};
pub(crate) use condition::{Condition, Counted, PerSecond, Share, Timed, Weighed};
pub(crate) use course::{DayShare, FileName, Step};
pub(crate) use name::{
    IdentifierPart, MemberCode, Sentence, ServiceReference, ShortName, SubsystemReference,
};
pub(crate) use number::{Count, grouped};
pub(crate) use pace::Pace;
pub(crate) use quantity::{ByteSize, Interval};
pub(crate) use size::QuestionSize;

pub use condition::MAX_RESPONSE_TIME;
pub use pace::{MAX_IN_FLIGHT, MAX_RATE};
pub use quantity::{MAX_INTERVAL, MAX_SIZE_BYTES, MIN_INTERVAL};

/// A value written as one piece of text.
pub(crate) trait Scalar: Sized {
    /// What is accepted, for people, with examples: ``a duration such as `60s` ``.
    fn accepted() -> String;

    /// The JSON Schema of the text.
    fn schema() -> Schema;

    /// The value of `text`, which has no blanks around it.
    fn parse(text: &str) -> Result<Self, ValueError>;
}

/// Why a text is not the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueError {
    /// What is wrong, as a fragment.
    pub(crate) message: String,
    /// What may help beyond what is accepted.
    pub(crate) help: Option<String>,
}

impl ValueError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    fn with_help(message: impl Into<String>, help: Option<String>) -> Self {
        Self {
            message: message.into(),
            help,
        }
    }
}
