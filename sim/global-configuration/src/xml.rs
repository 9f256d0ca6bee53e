//! The small, bounded XML that configuration documents need.
//!
//! [`parse`] reads a document into a tree of elements, refusing everything that configuration
//! documents never hold: document types, processing instructions, CDATA, entities that are not
//! predefined, unknown attributes, text beside elements. A [`Sequence`](sequence::Sequence) then takes the children of
//! an element in the order the schema gives, so that an element too many, too few or out of place
//! is an error that names it. [`Output`] writes.

mod output;
mod sequence;
mod tree;

use thiserror::Error;

pub(crate) use output::Output;
pub(crate) use tree::{Element, parse};

/// Namespace of the root elements of all configuration documents.
pub(crate) const CONFIGURATION_NAMESPACE: &str = "http://x-road.eu/xsd/xroad.xsd";
/// Namespace of the parts of an identifier and of its `objectType` attribute.
pub(crate) const IDENTIFIER_NAMESPACE: &str = "http://x-road.eu/xsd/identifiers";
/// Namespace of `schemaLocation`, the one attribute that is read past.
const SCHEMA_INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Largest document that is read, in bytes; a country of 20,000 members needs less than half.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting of elements; the schemas need six.
pub(crate) const MAX_DEPTH: usize = 12;
/// Most elements in one document.
pub(crate) const MAX_ELEMENTS: usize = 400_000;
/// Most attributes on one element, namespace declarations included.
pub(crate) const MAX_ATTRIBUTES: usize = 16;

/// Why a text is not the configuration document it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum XmlError {
    /// A limit on documents is exceeded.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much is accepted.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("not UTF-8 text")]
    Utf8,
    /// Not well-formed XML.
    #[error("not well-formed at byte {at}: {reason}")]
    Syntax {
        /// Offset near which the reader gave up.
        at: u64,
        /// The XML reader's words.
        reason: String,
    },
    /// A construct that configuration documents do not have.
    #[error("{what} at byte {at} is not accepted in a configuration document")]
    Refused {
        /// Which construct.
        what: String,
        /// Offset just behind it.
        at: u64,
    },
    /// The document's root is another element.
    #[error("the root element is `{found}`, not `{expected}`")]
    Root {
        /// The name found, with its namespace in braces.
        found: String,
        /// The name needed.
        expected: &'static str,
    },
    /// A required child is absent, or not at its place.
    #[error("`{parent}` lacks `{child}` at its place")]
    Missing {
        /// The parent element's name.
        parent: String,
        /// The absent child's name.
        child: &'static str,
    },
    /// A child that the schema does not have, or not at this place.
    #[error("`{parent}` has an unexpected `{child}`")]
    Unexpected {
        /// The parent element's name.
        parent: String,
        /// The child's name.
        child: String,
    },
    /// The text of an element is not a value of its type.
    #[error("`{element}` is not {expected}")]
    Value {
        /// The element's name.
        element: String,
        /// What would be accepted.
        expected: String,
    },
}
