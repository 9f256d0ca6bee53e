//! What citizens meet: where they log in, and the portal where they find what is theirs.

use std::time::Duration;

use sim_domain::ClientId;

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
