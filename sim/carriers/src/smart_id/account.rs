//! Whose Smart-ID is meant, and whether it can do what is asked.

use crate::people::People;

/// The four characters that tell one person's documents apart; everybody has one.
const ONLY_DOCUMENT: &str = "ROAD";
/// What the numbers of documents end with, by the level of their certificates.
const QUALIFIED: &str = "Q";
const BASIC: &str = "NQ";
/// Letters before the hyphen of a semantics identifier: its type and its country.
const SEMANTICS_LEN: usize = 5;

/// How much a certificate is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Advanced,
    Qualified,
    /// Qualified, with the key on a device for signatures; every qualified one here is.
    Qscd,
}

/// Somebody's Smart-ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) person: u64,
    pub(super) document_number: String,
}

/// Why there is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAccount {
    #[error("the identifier must be PNO, PAS or IDC, a country, a hyphen and a code")]
    Malformed,
    #[error("there is no such account")]
    Nobody,
    #[error("there is no account of the level asked for, but there is another")]
    OtherLevel,
    #[error("the relying party may not ask accounts of the level ADVANCED")]
    Forbidden,
    #[error("the person must open the app first")]
    MustOpenApp,
}

/// How an account is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// `PNOEE-…` (ETSI EN 319 412-1, section 5.1.3).
    Semantics(&'a str),
    /// `PNOEE-…-ROAD-Q`.
    Document(&'a str),
}

// === impl Level ===

impl Level {
    /// `QUALIFIED` unless said otherwise.
    pub(super) fn read(name: Option<&str>, is_for_signing: bool) -> Option<Self> {
        match name {
            None | Some("QUALIFIED") => Some(Self::Qualified),
            Some("ADVANCED") => Some(Self::Advanced),
            Some("QSCD") if is_for_signing => Some(Self::Qscd),
            Some(_) => None,
        }
    }
}

// === impl Reference ===

impl<'a> Reference<'a> {
    /// By the part of the path that names the sort: `etsi` or `document`.
    pub(super) fn read(sort: &str, whom: &'a str) -> Option<Self> {
        match sort {
            "etsi" => Some(Self::Semantics(whom)),
            "document" => Some(Self::Document(whom)),
            _ => None,
        }
    }
}

// === impl Account ===

impl Account {
    /// The account, where it can do what is asked.
    pub(super) fn find(
        people: &People,
        reference: Reference<'_>,
        level: Level,
    ) -> Result<Self, NoAccount> {
        let account = Self::of(people, reference)?;
        let person = account.person;
        if people.has_basic_smart_id(person) {
            return Err(match level {
                Level::Advanced => NoAccount::Forbidden,
                Level::Qualified | Level::Qscd => NoAccount::OtherLevel,
            });
        }
        if people.must_open_app(person) {
            return Err(NoAccount::MustOpenApp);
        }
        Ok(account)
    }

    fn of(people: &People, reference: Reference<'_>) -> Result<Self, NoAccount> {
        let prefix = format!("PNO{}-", people.country);
        let national_id = match reference {
            Reference::Semantics(whom) if !is_semantics(whom) => return Err(NoAccount::Malformed),
            Reference::Semantics(whom) => whom.strip_prefix(&prefix),
            Reference::Document(number) => number
                .strip_prefix(&prefix)
                .and_then(|rest| rest.rsplit_once(&format!("-{ONLY_DOCUMENT}-")))
                .map(|(national_id, _)| national_id),
        };
        let person = national_id.and_then(|text| people.by_national_id(text));
        let person = person
            .filter(|person| !people.is_without_smart_id(*person))
            .ok_or(NoAccount::Nobody)?;
        let national_id = people.population.national_id(person).to_string();
        let level = if people.has_basic_smart_id(person) {
            BASIC
        } else {
            QUALIFIED
        };
        let document_number = format!("{prefix}{national_id}-{ONLY_DOCUMENT}-{level}");
        match reference {
            Reference::Document(number) if number != document_number => Err(NoAccount::Nobody),
            Reference::Document(_) | Reference::Semantics(_) => Ok(Self {
                person,
                document_number,
            }),
        }
    }

    /// Whose app this document number is of, whatever the app can do.
    pub(super) fn holder(people: &People, document_number: &str) -> Option<u64> {
        let account = Self::of(people, Reference::Document(document_number));
        account.ok().map(|account| account.person)
    }
}

fn is_semantics(text: &str) -> bool {
    let Some((head, code)) = text.split_once('-') else {
        return false;
    };
    head.len() == SEMANTICS_LEN
        && head.bytes().all(|byte| byte.is_ascii_uppercase())
        && ["PNO", "PAS", "IDC"].contains(&&head[..3])
        && !code.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_a_type_and_a_country() {
        for good in [
            "PNOEE-48010010101",
            "PASKZ-987654321012",
            "IDCCZ-1234567890",
        ] {
            assert!(is_semantics(good), "{good}");
        }
        for bad in [
            "",
            "48010010101",
            "PNOEE",
            "PNOEE-",
            "pnoee-1",
            "TAXEE-1",
            "PNOEST-1",
        ] {
            assert!(!is_semantics(bad), "{bad}");
        }
    }

    #[test]
    fn signatures_alone_may_ask_for_a_device() {
        assert_eq!(Level::read(None, false), Some(Level::Qualified));
        assert_eq!(Level::read(Some("QSCD"), true), Some(Level::Qscd));
        assert_eq!(Level::read(Some("QSCD"), false), None);
        assert_eq!(Level::read(Some("BEST"), true), None);
    }
}
