//! A small XML tree with limits, for hash chains that others wrote.
//!
//! Documents with a document type, processing instructions or references to named entities are
//! refused: nothing that expands is read.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

/// Deepest nesting that is read; a hash chain has four levels.
const MAX_DEPTH: usize = 16;

/// Most elements that are read; a step has up to six.
const MAX_ELEMENTS: usize = 4096;

/// An element with its namespace resolved.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) namespace: String,
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    /// The element's own character data.
    pub(super) text: String,
}

impl Element {
    /// Reads a whole document; `None` for anything that is not well-formed within the limits.
    pub(super) fn read(document: &[u8]) -> Option<Self> {
        let document = std::str::from_utf8(document).ok()?;
        let mut reader = NsReader::from_str(document);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        let mut elements = 0;
        loop {
            let (namespace, event) = reader.read_resolved_event().ok()?;
            match event {
                Event::Start(ref start) | Event::Empty(ref start) => {
                    let element = Self::open(&namespace, start)?;
                    elements += 1;
                    if root.is_some() || elements > MAX_ELEMENTS || open.len() == MAX_DEPTH {
                        return None;
                    }
                    if matches!(event, Event::Start(_)) {
                        open.push(element);
                    } else {
                        close(&mut open, &mut root, element);
                    }
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    close(&mut open, &mut root, element);
                }
                Event::Text(text) => add_text(&mut open, &text.xml10_content())?,
                Event::CData(text) => add_text(&mut open, &text)?,
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().ok()??;
                    add_text(&mut open, character.encode_utf8(&mut [0; 4]))?;
                }
                Event::Comment(_) | Event::Decl(_) => {}
                Event::PI(_) | Event::DocType(_) => return None,
                Event::Eof => break,
            }
        }
        root.filter(|_| open.is_empty())
    }

    /// The value of an attribute without a namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether this is `name` of `namespace`.
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// Whether there is nothing but blanks between the children.
    pub(super) fn has_no_text(&self) -> bool {
        self.text.chars().all(is_blank)
    }

    fn open(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Option<Self> {
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.0.to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return None,
        };
        let mut attributes = Vec::new();
        // The reader refuses an attribute that is given twice.
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        let name = start.local_name().into_inner().to_owned();
        Some(Self {
            namespace,
            name,
            attributes,
            children: Vec::new(),
            text: String::new(),
        })
    }
}

/// XML's white space.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn close(open: &mut [Element], root: &mut Option<Element>, element: Element) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

/// Character data belongs into an element; outside there may be blanks only.
fn add_text(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => {
            element.text.push_str(text);
            Some(())
        }
        None => text.chars().all(is_blank).then_some(()),
    }
}
