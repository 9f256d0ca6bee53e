//! Canonical XML, written directly: attributes in order, no blanks, no empty-element tags.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) const C14N11: &str = "http://www.w3.org/2006/12/xml-c14n11";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(crate) const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// An element without attributes.
pub(crate) fn element(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// An element with attributes, which must be in canonical order, and values that need no escape.
pub(crate) fn with(name: &str, attributes: &[(&str, &str)], content: &str) -> String {
    let attributes: String = attributes
        .iter()
        .map(|(name, value)| format!(" {name}=\"{value}\""))
        .collect();
    format!("<{name}{attributes}>{content}</{name}>")
}

/// `element` as the apex of what is digested: with the namespaces that are in scope there.
pub(crate) fn apex(element: &str, namespaces: &str) -> String {
    let name_ends = element
        .find([' ', '>'])
        .expect("an element begins with its name");
    format!(
        "{}{namespaces}{}",
        &element[..name_ends],
        &element[name_ends..]
    )
}

/// A digest as XML Signature has it.
pub(crate) fn digest(of: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, of);
    with("ds:DigestMethod", &[("Algorithm", SHA256)], "")
        + &element("ds:DigestValue", &STANDARD.encode(digest.as_ref()))
}

/// Text of an element.
pub(crate) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#xD;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apex_carries_the_namespaces() {
        assert_eq!(apex("<a>x</a>", " xmlns:b=\"c\""), "<a xmlns:b=\"c\">x</a>");
        assert_eq!(
            apex("<a Id=\"1\">x</a>", " xmlns:b=\"c\""),
            "<a xmlns:b=\"c\" Id=\"1\">x</a>"
        );
    }

    #[test]
    fn text_is_escaped_as_canonical_xml_has_it() {
        assert_eq!(text("a<b>&\"'\r\n"), "a&lt;b&gt;&amp;\"'&#xD;\n");
    }
}
