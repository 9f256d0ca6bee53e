//! What citizens meet: where they log in, and the portal where they find what is theirs.

use std::time::Duration;

use super::DayShape;
use sim_domain::{BackChannelAddress, ClientId, ReturnAddress};
use sim_workload::{Carrier, Journey};

/// Where citizens log in, and what their phones do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// What the simulated people behind the phones do.
    pub phones: Phones,
    /// Services beside the portal that people log in to.
    pub relying_parties: Vec<RelyingParty>,
}

/// A service beside the portal that people log in to, by OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its name in requests.
    pub client_id: String,
    /// What people read when they log in to it.
    pub name: String,
    /// Its `client_secret`; a new one at each start where absent.
    pub secret: Option<String>,
    /// Where people come back to with a code; at least one.
    pub redirect_uris: Vec<ReturnAddress>,
    /// Where people may be sent after logging out.
    pub after_logout: Vec<ReturnAddress>,
    /// Where it is told that somebody's session has ended.
    pub back_channel_logout: Option<BackChannelAddress>,
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
    /// How people log in to it.
    pub log_in: LogIn,
}

/// Whether people show who they are at each log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogIn {
    /// They do, as with TARA.
    EachTime,
    /// Once for all services that share single sign-on, as with GovSSO.
    SingleSignOn,
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
