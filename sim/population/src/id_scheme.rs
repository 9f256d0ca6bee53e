//! What a country's national ID is made of, and the text it is written as.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize, Serializer};
use time::Date;

use crate::isikukood::Isikukood;
use crate::island::Island;

/// Longest national ID this crate can hold, in characters.
const MAX_LENGTH: usize = 15;

/// The most serial numbers a scheme can have; a day's serials are reckoned in 32 bits.
pub const MAX_SERIALS: u32 = 65_536;

/// A national ID as text: up to fifteen ASCII characters, held in place.
///
/// The text alone promises nothing; [`IdScheme::parse`] tells whether it is valid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NationalId {
    /// Unused places are zero, so that equality and order are those of the text.
    text: [u8; MAX_LENGTH],
    length: u8,
}

/// Sex as national registers record it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Written `male`.
    Male,
    /// Written `female`.
    Female,
}

/// What a national ID says about its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdParts {
    /// Day of birth.
    pub birth_date: Date,
    /// Sex.
    pub sex: Sex,
    /// Which of those of one sex born on one day; from 0, below [`IdScheme::serials`].
    pub serial: u32,
}

/// A country's rule for national IDs that carry birth day, sex and a serial number.
pub trait IdScheme {
    /// How many serial numbers there are for one birth day and sex: 1 to [`MAX_SERIALS`].
    fn serials(&self) -> u32;

    /// The birth days the scheme can write.
    fn birth_days(&self) -> RangeInclusive<Date>;

    /// Writes the ID of `parts`, whose birth day and serial lie within the scheme's limits.
    fn compose(&self, parts: &IdParts) -> NationalId;

    /// Reads an ID and checks it completely, check digit included.
    ///
    /// # Errors
    ///
    /// [`IdError`] names the first thing that is wrong.
    fn parse(&self, text: &str) -> Result<IdParts, IdError>;
}

/// The schemes there are, and each of them as a scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemeName {
    /// Estonia's eleven-digit personal identification code.
    #[default]
    Isikukood,
    /// The code of a made-up island, with letters in it.
    Island,
}

impl IdScheme for SchemeName {
    fn serials(&self) -> u32 {
        match self {
            Self::Isikukood => Isikukood.serials(),
            Self::Island => Island.serials(),
        }
    }

    fn birth_days(&self) -> RangeInclusive<Date> {
        match self {
            Self::Isikukood => Isikukood.birth_days(),
            Self::Island => Island.birth_days(),
        }
    }

    #[inline]
    fn compose(&self, parts: &IdParts) -> NationalId {
        match self {
            Self::Isikukood => Isikukood.compose(parts),
            Self::Island => Island.compose(parts),
        }
    }

    #[inline]
    fn parse(&self, text: &str) -> Result<IdParts, IdError> {
        match self {
            Self::Isikukood => Isikukood.parse(text),
            Self::Island => Island.parse(text),
        }
    }
}

/// Why a text is not a national ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Too short or too long.
    #[error("a national ID has {expected} characters, not {found}")]
    Length {
        /// The scheme's length.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// A character that cannot stand where it does.
    #[error("character {position} of a national ID must be a digit")]
    NotADigit {
        /// Counted from 1.
        position: usize,
    },
    /// The digit or letter for century and sex is none of the scheme's.
    #[error("{found} stands for no century and sex in a national ID")]
    Century {
        /// The character found.
        found: char,
    },
    /// What separates its parts is not where it must be.
    #[error("the parts of the national ID are not separated as they must be")]
    Separator,
    /// Its birth day is not in the calendar.
    #[error("the birth date within the national ID does not exist")]
    BirthDate,
    /// The check digit or letter is that of another number.
    #[error("the check digit of the national ID must be {expected}, not {found}")]
    CheckDigit {
        /// Recomputed.
        expected: char,
        /// As written.
        found: char,
    },
}

// === impl NationalId ===

impl NationalId {
    /// Holds `text`; `None` where it is empty, longer than fifteen characters or not ASCII.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_LENGTH || !text.is_ascii() {
            return None;
        }
        let mut held = [0; MAX_LENGTH];
        held[..text.len()].copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).expect("at most MAX_LENGTH");
        Some(Self { text: held, length })
    }

    /// Holds ASCII characters.
    pub(crate) fn from_ascii<const N: usize>(characters: [u8; N]) -> Self {
        const { assert!(N <= MAX_LENGTH) };
        debug_assert!(characters.is_ascii());
        let mut text = [0; MAX_LENGTH];
        text[..N].copy_from_slice(&characters);
        Self {
            text,
            length: N as u8,
        }
    }

    /// Holds digits, each 0 to 9.
    pub(crate) fn from_digits<const N: usize>(digits: [u8; N]) -> Self {
        const { assert!(N <= MAX_LENGTH) };
        let mut text = [0; MAX_LENGTH];
        for (place, digit) in text.iter_mut().zip(digits) {
            debug_assert!(digit < 10);
            *place = b'0' + digit;
        }
        Self {
            text,
            length: N as u8,
        }
    }

    /// The ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = &self.text[..usize::from(self.length)];
        std::str::from_utf8(text).expect("every constructor takes ASCII only")
    }
}

impl fmt::Display for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NationalId({})", self.as_str())
    }
}

impl Serialize for NationalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

// === impl Sex ===

impl Sex {
    /// `male` or `female`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_text_are_those_of_the_string() {
        let texts = ["1", "10", "2", "36805280109", "ABCDEFGHIJKLMNO"];
        let ids: Vec<NationalId> = texts
            .iter()
            .map(|text| NationalId::from_text(text).unwrap())
            .collect();
        assert!(ids.is_sorted());
        assert_eq!(
            ids.iter().map(NationalId::as_str).collect::<Vec<_>>(),
            texts
        );
        assert_eq!(serde_json::to_string(&ids[3]).unwrap(), "\"36805280109\"");
    }

    #[test]
    fn what_cannot_be_an_id_is_not_held() {
        assert_eq!(NationalId::from_text(""), None);
        assert_eq!(NationalId::from_text("ABCDEFGHIJKLMNOP"), None);
        assert_eq!(NationalId::from_text("3680528010\u{e9}"), None);
    }
}
