//! XML documents as trees, and the canonical form of their parts.

use bergshamra_c14n::C14nMode;
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId, Parser};

/// Namespace of XML signatures.
pub(crate) const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Deepest nesting that is read: signature documents have a dozen levels.
const MAX_DEPTH: u32 = 64;

/// Why a document is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XmlFault(pub(crate) String);

/// A parsed document.
pub(crate) struct Xml<'a> {
    document: Document<'a>,
}

/// An element of a document.
#[derive(Clone, Copy)]
pub(crate) struct Element<'x> {
    document: &'x Document<'x>,
    id: NodeId,
}

// === impl Xml ===

impl<'a> Xml<'a> {
    /// Parses a document; one with a document type is refused.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, XmlFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| XmlFault("not UTF-8".to_owned()))?;
        let parser = Parser::new()
            .with_forbid_dtd(true)
            .with_max_depth(MAX_DEPTH);
        let document = parser
            .parse(text)
            .map_err(|error| XmlFault(format!("not XML: {error}")))?;
        Ok(Self { document })
    }

    /// The outermost element, which must have this name.
    pub(crate) fn root(&self, namespace: &str, name: &str) -> Result<Element<'_>, XmlFault> {
        let root = self.document.document_element().map(|id| Element {
            document: &self.document,
            id,
        });
        root.filter(|root| root.name_in(namespace) == Some(name))
            .ok_or_else(|| XmlFault(format!("the document is no {name}")))
    }

    /// How many elements have an attribute `Id` of this value.
    pub(crate) fn count_of_id(&self, value: &str) -> usize {
        let ids = self.document.descendants(self.document.root()).into_iter();
        ids.filter(|id| self.document.get_attribute(*id, "Id") == Some(value))
            .count()
    }
}

// === impl Element ===

impl<'x> Element<'x> {
    /// The local name, where the element is of this namespace; empty means none.
    pub(crate) fn name_in(&self, namespace: &str) -> Option<&'x str> {
        let name = &self.document.element(self.id)?.name;
        (name.namespace_uri.as_deref().unwrap_or_default() == namespace)
            .then_some(&*name.local_name)
    }

    /// Child elements.
    pub(crate) fn elements(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        document
            .children_iter(self.id)
            .filter(move |id| document.element(*id).is_some())
            .map(move |id| Element { document, id })
    }

    /// Child elements of one name.
    pub(crate) fn children(self, namespace: &'x str, name: &'x str) -> impl Iterator<Item = Self> {
        self.elements()
            .filter(move |child| child.name_in(namespace) == Some(name))
    }

    /// The child of this name, of which there must be one only.
    pub(crate) fn child(self, namespace: &'x str, name: &'x str) -> Result<Self, XmlFault> {
        let mut children = self.children(namespace, name);
        match (children.next(), children.next()) {
            (Some(child), None) => Ok(child),
            (None, _) => Err(XmlFault(format!("no {name}"))),
            _ => Err(XmlFault(format!("more than one {name}"))),
        }
    }

    /// The element at the end of a path of only children.
    pub(crate) fn descendant(self, path: &[(&'x str, &'x str)]) -> Result<Self, XmlFault> {
        path.iter().try_fold(self, |element, (namespace, name)| {
            element.child(namespace, name)
        })
    }

    pub(crate) fn attribute(self, name: &str) -> Result<&'x str, XmlFault> {
        let value = self.document.get_attribute(self.id, name);
        value.ok_or_else(|| XmlFault(format!("no attribute {name}")))
    }

    /// All text within, without blanks and line breaks.
    pub(crate) fn text(self) -> String {
        let text = self.document.text_content_deep(self.id);
        text.split_ascii_whitespace().collect()
    }

    /// All text within, as it is.
    pub(crate) fn raw_text(self) -> String {
        self.document.text_content_deep(self.id)
    }

    /// The element and all within in canonical form: Canonical XML 1.0 without comments.
    pub(crate) fn canonical(self) -> Result<Vec<u8>, XmlFault> {
        let nodes = NodeSet::tree_without_comments(self.id, self.document);
        let none: [&str; 0] = [];
        bergshamra_c14n::canonicalize_doc(self.document, C14nMode::Inclusive, Some(&nodes), &none)
            .map_err(|error| XmlFault(format!("no canonical form: {error}")))
    }
}
