//! Names that the author chooses, and references to them.

use std::fmt::{Display, Formatter, Result as FormatResult};

use schemars::{Schema, json_schema};
use sim_domain::MemberId;

use super::{Scalar, ValueError};

/// Longest name of the author's own choice, in characters.
const MAX_NAME_CHARACTERS: usize = 63;
/// Longest sentence, in characters.
const MAX_SENTENCE_CHARACTERS: usize = 300;

/// A name of lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShortName(pub(crate) String);

/// A line of text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence(pub(crate) String);

/// One part of an X-Road identifier, such as a subsystem code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdentifierPart(pub(crate) String);

/// Member class and code: `GOV/00000001`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberCode {
    pub(crate) class: String,
    pub(crate) code: String,
}

/// A subsystem by its member's name: `pension-board/pensions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubsystemReference {
    pub(crate) member: String,
    pub(crate) subsystem: String,
}

/// A service by its member's name: `population-register/people/liveness`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceReference {
    pub(crate) provider: SubsystemReference,
    pub(crate) service: String,
}

// === impl ShortName ===

impl Scalar for ShortName {
    fn accepted() -> String {
        "a name of lower-case letters, digits and hyphens, such as `pension-board`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[a-z][a-z0-9-]*$",
            "maxLength": MAX_NAME_CHARACTERS,
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.len() > MAX_NAME_CHARACTERS {
            return Err(ValueError::new(format!(
                "the name is longer than {MAX_NAME_CHARACTERS} characters"
            )));
        }
        if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(ValueError::new(format!("`{text}` is no such name")))
    }
}

// === impl Sentence ===

impl Scalar for Sentence {
    fn accepted() -> String {
        format!("a line of text of at most {MAX_SENTENCE_CHARACTERS} characters")
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX_SENTENCE_CHARACTERS })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::new("the text is empty"));
        }
        if text.chars().count() > MAX_SENTENCE_CHARACTERS {
            return Err(ValueError::new("the text is too long"));
        }
        if text.chars().any(char::is_control) {
            return Err(ValueError::new(
                "the text has line breaks or control characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

// === impl IdentifierPart ===

impl Scalar for IdentifierPart {
    fn accepted() -> String {
        "a code such as `EE` or `pensions`, without `/`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["string", "integer"], "pattern": "^[^/]+$", "maxLength": 255 })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        checked_part(text).map(Self)
    }
}

/// A part that sim-domain takes in an identifier and that a reference can name.
fn checked_part(text: &str) -> Result<String, ValueError> {
    if text.contains('/') {
        return Err(ValueError::new(format!("`{text}` contains `/`")));
    }
    MemberId::new("instance", "class", text)
        .map(|member| member.code().to_owned())
        .map_err(|_| ValueError::new(format!("`{text}` cannot be part of an identifier")))
}

/// Exactly `N` parts separated by `/`.
fn parts<const N: usize>(text: &str) -> Result<[String; N], ValueError> {
    let written: Vec<&str> = text.split('/').collect();
    let count = written.len();
    if count != N {
        return Err(ValueError::new(format!(
            "`{text}` has {count} parts, not {N}"
        )));
    }
    let parts = written
        .into_iter()
        .map(checked_part)
        .collect::<Result<Vec<_>, _>>()?;
    parts
        .try_into()
        .map_err(|_| ValueError::new(format!("`{text}` does not have {N} parts")))
}

// === impl MemberCode ===

impl Scalar for MemberCode {
    fn accepted() -> String {
        "a member class and a member code, such as `GOV/00000001`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/]+/[^/]+$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        parts::<2>(text).map(|[class, code]| Self { class, code })
    }
}

// === impl SubsystemReference ===

impl Scalar for SubsystemReference {
    fn accepted() -> String {
        "a member's name and one of its subsystems, such as `pension-board/pensions`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/]+/[^/]+$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        parts::<2>(text).map(|[member, subsystem]| Self { member, subsystem })
    }
}

impl Display for SubsystemReference {
    fn fmt(&self, f: &mut Formatter<'_>) -> FormatResult {
        write!(f, "{}/{}", self.member, self.subsystem)
    }
}

// === impl ServiceReference ===

impl Scalar for ServiceReference {
    fn accepted() -> String {
        "a member's name, one of its subsystems and a service, such as \
         `population-register/people/liveness`"
            .to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/]+/[^/]+/[^/]+$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        parts::<3>(text).map(|[member, subsystem, service]| Self {
            provider: SubsystemReference { member, subsystem },
            service,
        })
    }
}

impl Display for ServiceReference {
    fn fmt(&self, f: &mut Formatter<'_>) -> FormatResult {
        write!(f, "{}/{}", self.provider, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_folders_and_charts() {
        assert!(ShortName::parse("pension-board-2").is_ok());
        for text in [
            "",
            "Pension",
            "2nd",
            "-a",
            "a b",
            "a/b",
            "õ",
            "a_b",
            "..",
            &"a".repeat(64),
        ] {
            assert!(ShortName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn references_have_their_number_of_parts() {
        let service = ServiceReference::parse("a/b/c").expect("three parts");
        assert_eq!(service.to_string(), "a/b/c");
        assert_eq!(
            SubsystemReference::parse("a/b/c")
                .expect_err("three parts")
                .message,
            "`a/b/c` has 3 parts, not 2"
        );
        for text in ["a//c", "/b/c", "a/b/", "a/../c", "a/b/\u{7}"] {
            assert!(ServiceReference::parse(text).is_err(), "{text:?}");
        }
        assert!(MemberCode::parse("GOV/00000001").is_ok());
        assert!(IdentifierPart::parse("a/b").is_err());
    }

    #[test]
    fn sentences_are_one_line() {
        assert!(Sentence::parse("Õige?").is_ok());
        for text in ["", "two\nlines", &"õ".repeat(301)] {
            assert!(Sentence::parse(text).is_err(), "{text:?}");
        }
    }
}
