//! Every word that a person reads, in each language, in one place.
//!
//! Each line of a table is a name, the English text and the Estonian one. A text that is missing in
//! a language does not compile. What belongs to the country (its name, its currency, the names of
//! its registries) is in the configuration.

mod catalogue;
mod reasons;
mod table;

use serde::{Deserialize, Serialize};

pub(crate) use catalogue::{EVENTS, Event, ServiceText, Words, register};
pub(crate) use reasons::said;
pub(crate) use table::Texts;

/// A language of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Estonian.
    #[serde(rename = "et")]
    Estonian,
}

// === impl Language ===

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::Estonian];

    /// Its code (ISO 639-1), as in `lang` and `ui_locales`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Estonian => "et",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Estonian => "Eesti",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &table::ENGLISH,
            Self::Estonian => &table::ESTONIAN,
        }
    }

    pub(crate) const fn decimal_sign(self) -> char {
        match self {
            Self::English => '.',
            Self::Estonian => ',',
        }
    }

    /// What Mobile-ID calls it.
    pub(crate) const fn mobile_id_code(self) -> &'static str {
        match self {
            Self::English => "ENG",
            Self::Estonian => "EST",
        }
    }
}
