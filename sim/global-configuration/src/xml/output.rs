//! Writes configuration documents: indented, unqualified children, deterministic.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use sim_domain::ClientId;

use super::{CONFIGURATION_NAMESPACE, IDENTIFIER_NAMESPACE};

const INDENT: usize = 4;

/// A document being written.
pub(crate) struct Output {
    writer: Writer<Vec<u8>>,
}

impl Output {
    /// A whole document: declaration, and the root `name` around what `content` writes.
    pub(crate) fn document(name: &str, content: impl FnOnce(&mut Self)) -> String {
        let writer = Writer::new_with_indent(Vec::new(), b' ', INDENT);
        let mut output = Self { writer };
        output.event(Event::Decl(BytesDecl::new(
            "1.0",
            Some("UTF-8"),
            Some("yes"),
        )));
        let root = BytesStart::new(format!("xroad:{name}")).with_attributes([
            ("xmlns:id", IDENTIFIER_NAMESPACE),
            ("xmlns:xroad", CONFIGURATION_NAMESPACE),
        ]);
        output.inside(root, content);
        let mut document = output.writer.into_inner();
        document.push(b'\n');
        String::from_utf8(document).expect("only text was written")
    }

    /// An element around what `content` writes.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.inside(BytesStart::new(name), content);
    }

    /// An element with an `id` attribute.
    pub(crate) fn element_with_id(
        &mut self,
        name: &str,
        id: &str,
        content: impl FnOnce(&mut Self),
    ) {
        self.inside(BytesStart::new(name).with_attributes([("id", id)]), content);
    }

    /// An element with text; characters that XML cannot carry become U+FFFD.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.event(Event::Start(BytesStart::new(name)));
        self.event(Event::Text(BytesText::from_escaped(escaped(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with base64 of `content`.
    pub(crate) fn base64(&mut self, name: &str, content: &[u8]) {
        self.text(name, &STANDARD.encode(content));
    }

    /// An element that holds an identifier of a member or a subsystem.
    pub(crate) fn client(&mut self, name: &str, client: &ClientId) {
        let object_type = match client.subsystem() {
            Some(_) => "SUBSYSTEM",
            None => "MEMBER",
        };
        let start = BytesStart::new(name).with_attributes([("id:objectType", object_type)]);
        self.inside(start, |output| {
            output.text("id:xRoadInstance", client.member().instance());
            output.text("id:memberClass", client.member().class());
            output.text("id:memberCode", client.member().code());
            if let Some(subsystem) = client.subsystem() {
                output.text("id:subsystemCode", subsystem);
            }
        });
    }

    fn inside(&mut self, start: BytesStart<'_>, content: impl FnOnce(&mut Self)) {
        let end = start.to_end().into_owned();
        self.event(Event::Start(start));
        content(self);
        self.event(Event::End(end));
    }

    fn event(&mut self, event: Event<'_>) {
        let written = self.writer.write_event(event);
        written.expect("a vector takes every write");
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A reader turns a bare carriage return into a line feed.
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::xml::parse;

    proptest! {
        #[test]
        fn any_text_that_xml_can_carry_round_trips(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]*") {
            let document = Output::document("conf", |output| output.text("name", &text));
            let root = parse(document.as_bytes()).unwrap();
            prop_assert_eq!(&root.children[0].text, &text);
        }
    }

    #[test]
    fn a_character_xml_cannot_carry_becomes_a_replacement_character() {
        let document = Output::document("conf", |output| output.text("name", "a\u{1}b\u{ffff}"));
        let root = parse(document.as_bytes()).unwrap();
        assert_eq!(root.children[0].text, "a\u{fffd}b\u{fffd}");
    }
}
