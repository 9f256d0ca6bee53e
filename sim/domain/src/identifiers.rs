//! Who is who: members, their subsystems, services and security servers.
//!
//! Every identifier has two texts. The *raw* form (`EE/GOV/70000310/pensions`) is for people, files
//! and logs: `Display`, `FromStr` and serde use it. The *encoded* form is for URLs and headers:
//! each part is UTF-8, percent-encoded on its own. They differ only where a part holds a character
//! that a URL path segment cannot carry.
//!
//! Parts keep their case, and comparisons are exact, as in X-Road.

mod encoding;
mod text_form;

use std::sync::Arc;

use thiserror::Error;

pub use encoding::{decode_part, encode_part};
use text_form::text_form;

/// Room that most encoded identifiers fit in.
pub(crate) const USUAL_ENCODED_BYTES: usize = 64;

/// Longest accepted part, in bytes of UTF-8: what X-Road's databases hold for a code.
pub const MAX_PART_BYTES: usize = 255;

/// An organisation: `INSTANCE/CLASS/CODE`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(Arc<MemberParts>);

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct MemberParts {
    instance: Box<str>,
    class: Box<str>,
    code: Box<str>,
}

/// Who sends or receives messages: a member (three parts) or, nearly always, one of its
/// subsystems (four parts).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId {
    member: MemberId,
    subsystem: Option<Arc<str>>,
}

/// A service of a client: the client's parts and the service code.
///
/// Over REST a service always has five parts; REST knows no service version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId {
    provider: ClientId,
    code: Arc<str>,
}

/// A security server: the owner's parts and the server code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityServerId {
    owner: MemberId,
    code: Arc<str>,
}

/// Why a text is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// The number of parts separated by `/` is wrong.
    #[error("`{text}` has {found} parts, {expected} are needed")]
    PartCount {
        /// The whole text.
        text: String,
        /// What would be accepted, in words.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A part is the empty string.
    #[error("the {0} is empty")]
    EmptyPart(&'static str),
    /// A part is longer than [`MAX_PART_BYTES`].
    #[error("the {0} is longer than {MAX_PART_BYTES} bytes")]
    LongPart(&'static str),
    /// A part holds a control character, or is `.` or `..`, which no URL can carry.
    #[error("`{text}` cannot be a {part}")]
    Unusable {
        /// Which part.
        part: &'static str,
        /// Its text, with control characters escaped.
        text: String,
    },
    /// A `%` is not followed by two hexadecimal digits, or an unencoded character is not allowed.
    #[error("`{0}` is not correctly percent-encoded")]
    Encoding(String),
    /// The decoded bytes are not UTF-8.
    #[error("`{0}` does not decode to UTF-8")]
    Utf8(String),
}

// === impl MemberId ===

impl MemberId {
    /// The member of these parts; fails where one is empty, too long or unusable.
    pub fn new(instance: &str, class: &str, code: &str) -> Result<Self, IdentifierError> {
        Ok(Self(Arc::new(MemberParts {
            instance: checked("instance", instance)?.into(),
            class: checked("member class", class)?.into(),
            code: checked("member code", code)?.into(),
        })))
    }

    /// The X-Road instance (ecosystem), such as `EE`.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.0.instance
    }

    /// The member class, such as `GOV`.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.0.class
    }

    /// The member's code within its class, such as a business register number.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    fn of_parts(parts: &[impl AsRef<str>]) -> Result<Self, IdentifierError> {
        let [instance, class, code] = parts else {
            return Err(wrong_count(parts, "3 (INSTANCE/CLASS/CODE)"));
        };
        Self::new(instance.as_ref(), class.as_ref(), code.as_ref())
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        [self.instance(), self.class(), self.code()].into_iter()
    }
}

// === impl ClientId ===

impl ClientId {
    /// The member itself as a client.
    #[must_use]
    pub const fn of_member(member: MemberId) -> Self {
        Self {
            member,
            subsystem: None,
        }
    }

    /// The subsystem `code` of `member`; fails where the code is empty, too long or unusable.
    pub fn subsystem_of(member: MemberId, code: &str) -> Result<Self, IdentifierError> {
        let subsystem = Some(checked("subsystem code", code)?.into());
        Ok(Self { member, subsystem })
    }

    /// The member this client is, or belongs to.
    #[must_use]
    pub const fn member(&self) -> &MemberId {
        &self.member
    }

    /// The subsystem code, unless the client is the bare member.
    #[must_use]
    pub fn subsystem(&self) -> Option<&str> {
        self.subsystem.as_deref()
    }

    fn of_parts(parts: &[impl AsRef<str>]) -> Result<Self, IdentifierError> {
        match parts {
            [member @ .., subsystem] if member.len() == 3 => {
                Self::subsystem_of(MemberId::of_parts(member)?, subsystem.as_ref())
            }
            member if member.len() == 3 => Ok(Self::of_member(MemberId::of_parts(member)?)),
            _ => Err(wrong_count(
                parts,
                "3 or 4 (INSTANCE/CLASS/CODE[/SUBSYSTEM])",
            )),
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.member.parts().chain(self.subsystem())
    }
}

// === impl ServiceId ===

impl ServiceId {
    /// The service `code` of `provider`; fails where the code is empty, too long or unusable.
    pub fn new(provider: ClientId, code: &str) -> Result<Self, IdentifierError> {
        Ok(Self {
            provider,
            code: checked("service code", code)?.into(),
        })
    }

    /// The client that offers the service.
    #[must_use]
    pub const fn provider(&self) -> &ClientId {
        &self.provider
    }

    /// The service code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    fn of_parts(parts: &[impl AsRef<str>]) -> Result<Self, IdentifierError> {
        match parts {
            [provider @ .., code] if provider.len() == 4 => {
                Self::new(ClientId::of_parts(provider)?, code.as_ref())
            }
            _ => Err(wrong_count(
                parts,
                "5 (INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE)",
            )),
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.provider.parts().chain([self.code()])
    }
}

// === impl SecurityServerId ===

impl SecurityServerId {
    /// The server `code` of `owner`; fails where the code is empty, too long or unusable.
    pub fn new(owner: MemberId, code: &str) -> Result<Self, IdentifierError> {
        Ok(Self {
            owner,
            code: checked("server code", code)?.into(),
        })
    }

    /// The member that owns the server.
    #[must_use]
    pub const fn owner(&self) -> &MemberId {
        &self.owner
    }

    /// The server code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    fn of_parts(parts: &[impl AsRef<str>]) -> Result<Self, IdentifierError> {
        match parts {
            [owner @ .., code] if owner.len() == 3 => {
                Self::new(MemberId::of_parts(owner)?, code.as_ref())
            }
            _ => Err(wrong_count(parts, "4 (INSTANCE/CLASS/CODE/SERVER)")),
        }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.owner.parts().chain([self.code()])
    }
}

text_form!(MemberId, "member: INSTANCE/CLASS/CODE");
text_form!(ClientId, "client: INSTANCE/CLASS/CODE[/SUBSYSTEM]");
text_form!(ServiceId, "service: INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE");
text_form!(
    SecurityServerId,
    "security server: INSTANCE/CLASS/CODE/SERVER"
);

fn checked<'a>(part: &'static str, text: &'a str) -> Result<&'a str, IdentifierError> {
    if text.is_empty() {
        return Err(IdentifierError::EmptyPart(part));
    }
    if text.len() > MAX_PART_BYTES {
        return Err(IdentifierError::LongPart(part));
    }
    // A URL normaliser would swallow dot segments, and control characters could break a header.
    if matches!(text, "." | "..") || text.chars().any(char::is_control) {
        return Err(IdentifierError::Unusable {
            part,
            text: text.escape_debug().to_string(),
        });
    }
    Ok(text)
}

fn wrong_count(parts: &[impl AsRef<str>], expected: &'static str) -> IdentifierError {
    let text: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    IdentifierError::PartCount {
        text: text.join("/"),
        expected,
        found: parts.len(),
    }
}
