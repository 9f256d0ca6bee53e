//! Bytes to a bounded tree of elements.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};
use quick_xml::reader::NsReader;

use super::{
    IDENTIFIER_NAMESPACE, MAX_ATTRIBUTES, MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_ELEMENTS,
    SCHEMA_INSTANCE_NAMESPACE, XmlError,
};

/// One element: either children or text, never both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Namespace name, empty where the element has none.
    pub(crate) namespace: String,
    /// Name without prefix.
    pub(crate) name: String,
    /// The `id` attribute.
    pub(crate) id: Option<String>,
    /// The `objectType` attribute of identifiers.
    pub(crate) object_type: Option<String>,
    /// In document order.
    pub(crate) children: Vec<Self>,
    /// Character data of an element without children.
    pub(crate) text: String,
}

/// Reads a whole document and returns its root.
pub(crate) fn parse(document: &[u8]) -> Result<Element, XmlError> {
    limit("bytes", document.len(), MAX_DOCUMENT_BYTES)?;
    let text = std::str::from_utf8(document).map_err(|_| XmlError::Utf8)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::default();
    loop {
        let event = reader.read_event();
        let at = reader.buffer_position();
        let event = event.map_err(|error| syntax(at, &error))?;
        if matches!(event, Event::Eof) {
            return builder.finish(at);
        }
        builder.take(event, reader.resolver(), at)?;
    }
}

/// The tree as far as it has been read.
#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    begun: bool,
}

impl Builder {
    fn take(
        &mut self,
        event: Event<'_>,
        resolver: &NamespaceResolver,
        at: u64,
    ) -> Result<(), XmlError> {
        let first = !std::mem::replace(&mut self.begun, true);
        match event {
            Event::Start(start) => self.open(&start, resolver, at),
            Event::Empty(start) => {
                self.open(&start, resolver, at)?;
                self.close(at)
            }
            Event::End(_) => self.close(at),
            Event::Text(text) => self.text(&text.xml10_content(), at),
            Event::GeneralRef(reference) => self.text(&resolve(&reference, at)?, at),
            Event::Comment(_) => Ok(()),
            Event::Decl(declaration) if first => {
                let encoding = declaration.encoding().transpose();
                match encoding.map_err(|error| syntax(at, &error.into()))? {
                    Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => {
                        Err(refused(&format!("encoding {encoding}"), at))
                    }
                    _ => Ok(()),
                }
            }
            Event::Decl(_) => Err(refused("a second XML declaration", at)),
            Event::CData(_) => Err(refused("a CDATA section", at)),
            Event::PI(_) => Err(refused("a processing instruction", at)),
            Event::DocType(_) => Err(refused("a document type", at)),
            Event::Eof => Ok(()),
        }
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        resolver: &NamespaceResolver,
        at: u64,
    ) -> Result<(), XmlError> {
        self.elements += 1;
        limit("elements", self.elements, MAX_ELEMENTS)?;
        limit("levels of elements", self.open.len() + 1, MAX_DEPTH)?;
        if self.root.is_some() {
            return Err(refused("a second root element", at));
        }
        let (namespace, name) = resolver.resolve_element(start.name());
        let mut element = Element {
            namespace: namespace_name(&namespace, at)?,
            name: name.as_ref().to_owned(),
            ..Element::default()
        };
        read_attributes(&mut element, start, resolver, at)?;
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self, at: u64) -> Result<(), XmlError> {
        let Some(mut element) = self.open.pop() else {
            return Err(refused("an end tag without its start", at));
        };
        if !element.children.is_empty() {
            if !element.text.trim_ascii().is_empty() {
                return Err(refused("text beside elements", at));
            }
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            // A byte order mark is not content either.
            None if text.trim_start_matches('\u{feff}').trim_ascii().is_empty() => {}
            None => return Err(refused("text outside the root element", at)),
        }
        Ok(())
    }

    fn finish(self, at: u64) -> Result<Element, XmlError> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(XmlError::Syntax {
                at,
                reason: "the document ends before its root element does".to_owned(),
            }),
        }
    }
}

fn read_attributes(
    element: &mut Element,
    start: &BytesStart<'_>,
    resolver: &NamespaceResolver,
    at: u64,
) -> Result<(), XmlError> {
    for (index, attribute) in start.attributes().enumerate() {
        limit("attributes of one element", index + 1, MAX_ATTRIBUTES)?;
        let attribute = attribute.map_err(|error| syntax(at, &error.into()))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = resolver.resolve_attribute(attribute.key);
        let namespace = namespace_name(&namespace, at)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| syntax(at, &error))?.into_owned();
        match (namespace.as_str(), name.as_ref()) {
            ("", "id") => element.id = Some(value),
            (IDENTIFIER_NAMESPACE, "objectType") => element.object_type = Some(value),
            (SCHEMA_INSTANCE_NAMESPACE, _) => {}
            (_, name) => return Err(refused(&format!("attribute `{name}`"), at)),
        }
    }
    Ok(())
}

fn resolve(reference: &BytesRef<'_>, at: u64) -> Result<String, XmlError> {
    if let Some(character) = reference
        .resolve_char_ref()
        .map_err(|error| syntax(at, &error))?
    {
        return Ok(character.to_string());
    }
    resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| refused(&format!("entity `{}`", &**reference), at))
}

fn namespace_name(namespace: &ResolveResult<'_>, at: u64) -> Result<String, XmlError> {
    match namespace {
        ResolveResult::Bound(namespace) => Ok(namespace.0.to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => {
            Err(refused(&format!("undeclared prefix {prefix:?}"), at))
        }
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), XmlError> {
    if found > limit {
        return Err(XmlError::Limit { what, limit });
    }
    Ok(())
}

fn refused(what: &str, at: u64) -> XmlError {
    let what = what.to_owned();
    XmlError::Refused { what, at }
}

fn syntax(at: u64, error: &quick_xml::Error) -> XmlError {
    let reason = error.to_string();
    XmlError::Syntax { at, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(document: &str, words: &str) {
        let error = parse(document.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{document}: {error}");
    }

    #[test]
    fn elements_text_and_the_known_attributes_are_read() {
        let root = parse(
            br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <!-- a comment --><n:a xmlns:n="urn:n" id="id0"><b> x &lt;&amp;&#228; </b><c/></n:a>"#,
        )
        .unwrap();
        assert_eq!(
            (root.namespace.as_str(), root.name.as_str()),
            ("urn:n", "a")
        );
        assert_eq!(root.id.as_deref(), Some("id0"));
        assert_eq!(root.children[0].text, " x <&ä ");
        assert_eq!(root.children[1].name, "c");
        assert_eq!(root.children.len(), 2);
    }

    #[test]
    fn what_configuration_documents_never_hold_is_refused() {
        check_refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type");
        check_refused("<a>&x;</a>", "entity `x`");
        check_refused("<a><![CDATA[x]]></a>", "CDATA");
        check_refused("<a><?x y?></a>", "processing instruction");
        check_refused("<a b='c'/>", "attribute `b`");
        check_refused("<a>x<b/></a>", "text beside");
        check_refused("<a/><b/>", "second root");
        check_refused("<a/>x", "text outside");
        check_refused("<p:a/>", "undeclared prefix");
        check_refused(
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "encoding latin1",
        );
    }

    #[test]
    fn broken_documents_are_refused() {
        check_refused("", "ends before");
        check_refused("<a>", "ends before");
        check_refused("<a></b>", "not well-formed");
        check_refused("<a id='1' id='2'/>", "not well-formed");
        assert_eq!(parse(b"<a>\xff</a>"), Err(XmlError::Utf8));
    }

    #[test]
    fn depth_and_size_are_limited() {
        check_refused(&"<a>".repeat(MAX_DEPTH + 1), "levels");
        let big = vec![b' '; MAX_DOCUMENT_BYTES + 1];
        assert!(matches!(
            parse(&big),
            Err(XmlError::Limit { what: "bytes", .. })
        ));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        check_refused(&wide, "elements");
    }
}
