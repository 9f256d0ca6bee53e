//! Names of subjects and issuers: as RFC 2253 text, and as a member of the country.

use std::fmt::Write;

use der::asn1::ObjectIdentifier;
use der::{Encode, Tag, Tagged};
use sim_domain::identifiers::MemberId;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// The attribute types that RFC 2253, section 2.3, gives a keyword.
const KEYWORDS: [(ObjectIdentifier, &str); 9] = [
    (COMMON_NAME, "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ORGANISATION, "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (COUNTRY, "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"),
        "DC",
    ),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"),
        "UID",
    ),
];

/// The name as RFC 2253 text: last part first, types without a keyword as number and hex.
pub(super) fn rfc2253(name: &Name) -> String {
    let mut text = String::new();
    let parts: Vec<_> = name.iter_rdn().collect();
    for (index, part) in parts.into_iter().rev().enumerate() {
        if index > 0 {
            text.push(',');
        }
        for (index, attribute) in part.iter().enumerate() {
            if index > 0 {
                text.push('+');
            }
            push_attribute(&mut text, attribute);
        }
    }
    text
}

/// The member that a subject of the form C=instance, O=class, CN=code names.
pub(super) fn member(subject: &Name) -> Option<MemberId> {
    let instance = only_value(subject, &COUNTRY)?;
    let class = only_value(subject, &ORGANISATION)?;
    let code = only_value(subject, &COMMON_NAME)?;
    MemberId::new(&instance, &class, &code).ok()
}

/// The text of the one attribute of this type; two of them would be ambiguous.
fn only_value(name: &Name, kind: &ObjectIdentifier) -> Option<String> {
    let mut values = name.iter().filter(|attribute| attribute.oid == *kind);
    let value = text_of(values.next()?)?;
    values.next().is_none().then_some(value)
}

fn push_attribute(text: &mut String, attribute: &AttributeTypeAndValue) {
    let keyword = KEYWORDS.iter().find(|(kind, _)| *kind == attribute.oid);
    match (keyword, text_of(attribute)) {
        (Some((_, keyword)), Some(value)) => {
            text.push_str(keyword);
            text.push('=');
            push_escaped(text, &value);
        }
        _ => {
            let encoding = attribute.value.to_der().unwrap_or_default();
            let written = write!(text, "{}=#{}", attribute.oid, hex::encode(encoding));
            written.expect("writing to a String does not fail");
        }
    }
}

fn text_of(attribute: &AttributeTypeAndValue) -> Option<String> {
    let bytes = attribute.value.value();
    match attribute.value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        _ => None,
    }
}

/// RFC 2253, section 2.4.
fn push_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (index, character) in value.chars().enumerate() {
        let special = match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            '#' => index == 0,
            ' ' => index == 0 || index == last,
            _ => false,
        };
        if special {
            text.push('\\');
        }
        text.push(character);
    }
}
