//! The raw and encoded texts of every identifier type, from its parts.
//!
//! The raw form shows parts as they are, save that a `/` or `%` inside a part is written `%2F` or
//! `%25`: so the raw form, too, always reads back as the same identifier.

use std::borrow::Cow;
use std::fmt;

use super::IdentifierError;

/// Implements the texts of `$type`, which has `parts` and `of_parts`.
macro_rules! text_form {
    ($type:ident, $description:literal) => {
        impl $type {
            /// Reads the percent-encoded form of URLs and headers.
            pub fn parse_encoded(text: &str) -> Result<Self, $crate::IdentifierError> {
                let parts: Vec<_> = text
                    .split('/')
                    .map($crate::identifiers::decode_part)
                    .collect::<Result<_, _>>()?;
                Self::of_parts(&parts)
            }

            /// The percent-encoded form of URLs and headers.
            #[must_use]
            pub fn to_encoded(&self) -> String {
                let mut text = String::with_capacity($crate::identifiers::USUAL_ENCODED_BYTES);
                for part in self.parts() {
                    if !text.is_empty() {
                        text.push('/');
                    }
                    text.push_str(&$crate::identifiers::encode_part(part));
                }
                text
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::IdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let parts: Vec<_> = text
                    .split('/')
                    .map($crate::identifiers::text_form::unescape)
                    .collect::<Result<_, _>>()?;
                Self::of_parts(&parts)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::identifiers::text_form::write_raw(self.parts(), formatter)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({self})", stringify!($type))
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(source)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $description })
            }
        }
    };
}

pub(super) use text_form;

pub(super) fn write_raw<'a>(
    parts: impl Iterator<Item = &'a str>,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            formatter.write_str("/")?;
        }
        formatter.write_str(&escape(part))?;
    }
    Ok(())
}

pub(super) fn escape(part: &str) -> Cow<'_, str> {
    if part.contains(['/', '%']) {
        part.replace('%', "%25").replace('/', "%2F").into()
    } else {
        part.into()
    }
}

pub(super) fn unescape(part: &str) -> Result<Cow<'_, str>, IdentifierError> {
    if !part.contains('%') {
        return Ok(part.into());
    }
    let unescaped = part.replace("%2F", "/").replace("%25", "%");
    // What cannot have been written by `escape` has no meaning in the raw form.
    if escape(&unescaped) == part {
        Ok(unescaped.into())
    } else {
        Err(IdentifierError::Encoding(part.to_owned()))
    }
}
