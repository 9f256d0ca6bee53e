//! How many exchanges a run should have had.

use std::fmt;

/// How many exchanges a run should have had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedExchanges {
    /// So many.
    Exactly(u64),
    /// No more than so many: a run may leave out what comes due while it has enough in flight.
    AtMost(u64),
    /// As many as went in the time.
    AnyNumber,
}

// === impl PlannedExchanges ===

impl PlannedExchanges {
    pub(crate) const fn at_least(self) -> u64 {
        match self {
            Self::Exactly(count) => count,
            Self::AtMost(_) | Self::AnyNumber => 0,
        }
    }

    pub(crate) const fn at_most(self) -> u64 {
        match self {
            Self::Exactly(count) | Self::AtMost(count) => count,
            Self::AnyNumber => u64::MAX,
        }
    }
}

impl fmt::Display for PlannedExchanges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(count) => write!(formatter, "{count}"),
            Self::AtMost(count) => write!(formatter, "at most {count}"),
            Self::AnyNumber => formatter.write_str("any number"),
        }
    }
}
