//! What citizens meet: where they log in, and the portal where they find what is theirs.

use std::time::Duration;

use super::DayShape;
use sim_domain::ClientId;
use sim_workload::{Carrier, Journey};

/// Where citizens log in, and what their phones do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// What the simulated people behind the phones do.
    pub phones: Phones,
}

/// What simulated people do when their phone asks for a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phones {
    /// Half of them take no longer.
    pub median: Duration,
    /// 99 of 100 take no longer.
    pub p99: Duration,
    /// How many in 1,000 refuse.
    pub refuse_per_mille: u32,
    /// How many in 1,000 enter or confirm something wrong.
    pub mistype_per_mille: u32,
    /// How many in 1,000 have the phone off.
    pub off_per_mille: u32,
}

/// The citizen portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The subsystem that it asks as.
    pub subsystem: ClientId,
    /// What it is called.
    pub name: String,
    /// The currency of amounts, as ISO 4217 writes it.
    pub currency: String,
    /// What it speaks, the first one unless asked for another; at least one.
    pub languages: Vec<Language>,
}

/// A language that pages can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Estonian.
    Estonian,
}

/// Simulated people who use the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizens {
    /// How many are at it at once.
    pub people_at_once: u32,
    /// For how long new ones begin.
    pub duration: Duration,
    /// How many of them there are over that time, which is one day then: all of them for a constant
    /// one.
    pub shape: DayShape,
    /// What they come for, each with its weight; at least one.
    pub journeys: Vec<(Journey, u32)>,
    /// What they log in with, each with its weight; at least one.
    pub carriers: Vec<(Carrier, u32)>,
    /// Half of them look at a page no longer than this,
    pub think_median: Duration,
    /// and 99 of 100 no longer than this.
    pub think_p99: Duration,
}

impl Language {
    /// The language's code (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Estonian => "et",
        }
    }
}
