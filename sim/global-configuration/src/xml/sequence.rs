//! The children of an element, taken in the order of the schema, and their typed values.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::{CONFIGURATION_NAMESPACE, Element, XmlError};

/// Children that have not been taken yet.
#[derive(Debug)]
pub(crate) struct Sequence<'a> {
    parent: &'a Element,
    /// All children of one sequence share it.
    namespace: &'static str,
    next: usize,
}

// === impl Element ===

impl Element {
    /// Checks the root's name, which is in the configuration namespace.
    pub(crate) fn expect_root(&self, expected: &'static str) -> Result<(), XmlError> {
        if self.namespace == CONFIGURATION_NAMESPACE && self.name == expected {
            return Ok(());
        }
        let found = format!("{{{}}}{}", self.namespace, self.name);
        Err(XmlError::Root { found, expected })
    }

    /// The children, which have no namespace, in order.
    pub(crate) fn sequence(&self) -> Result<Sequence<'_>, XmlError> {
        self.sequence_in("")
    }

    /// The children, which are in `namespace`, in order.
    pub(crate) fn sequence_in(&self, namespace: &'static str) -> Result<Sequence<'_>, XmlError> {
        if !self.text.trim_ascii().is_empty() {
            return Err(self.not_a("a sequence of elements"));
        }
        Ok(Sequence {
            parent: self,
            namespace,
            next: 0,
        })
    }

    /// The text, as it stands.
    pub(crate) fn string(&self) -> Result<&str, XmlError> {
        match self.children.first() {
            None => Ok(&self.text),
            Some(child) => Err(XmlError::Unexpected {
                parent: self.name.clone(),
                child: child.name.clone(),
            }),
        }
    }

    /// The text without white space around it, for types where that means nothing.
    pub(crate) fn token(&self) -> Result<&str, XmlError> {
        Ok(self.string()?.trim_ascii())
    }

    /// `true`, `false`, `1` or `0`.
    pub(crate) fn boolean(&self) -> Result<bool, XmlError> {
        match self.token()? {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(self.not_a("a boolean")),
        }
    }

    /// A number of whole seconds.
    pub(crate) fn seconds(&self) -> Result<Duration, XmlError> {
        let seconds = self.token()?.parse::<u32>();
        let seconds = seconds.map_err(|_| self.not_a("a number of seconds"))?;
        Ok(Duration::from_secs(seconds.into()))
    }

    /// Base64, which may be broken into lines.
    pub(crate) fn base64(&self) -> Result<Vec<u8>, XmlError> {
        let mut text = self.string()?.to_owned();
        text.retain(|character| !character.is_ascii_whitespace());
        STANDARD.decode(&text).map_err(|_| self.not_a("base64"))
    }

    /// A certificate as DER. X-Road also stores PEM text here, which is unwrapped.
    pub(crate) fn certificate(&self) -> Result<Bytes, XmlError> {
        const PEM_BEGINS: &[u8] = b"-----BEGIN CERTIFICATE-----";
        let content = self.base64()?;
        if !content.starts_with(PEM_BEGINS) {
            return Ok(content.into());
        }
        let block = pem::parse(&content).map_err(|_| self.not_a("a PEM certificate"))?;
        Ok(block.into_contents().into())
    }

    /// The error that this element's content is not `expected`.
    pub(crate) fn not_a(&self, expected: &str) -> XmlError {
        XmlError::Value {
            element: self.name.clone(),
            expected: expected.to_owned(),
        }
    }
}

// === impl Sequence ===

impl<'a> Sequence<'a> {
    /// The next child, which must be a `name`.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<&'a Element, XmlError> {
        self.optional(name).ok_or_else(|| XmlError::Missing {
            parent: self.parent.name.clone(),
            child: name,
        })
    }

    /// The next child, if it is a `name`.
    pub(crate) fn optional(&mut self, name: &'static str) -> Option<&'a Element> {
        let child = self.parent.children.get(self.next)?;
        let matches = child.name == name && child.namespace == self.namespace;
        matches.then(|| {
            self.next += 1;
            child
        })
    }

    /// The next children, as far as they are `name`s, each read by `read`.
    pub(crate) fn repeated<T, E>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&'a Element) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut values = Vec::new();
        while let Some(child) = self.optional(name) {
            values.push(read(child)?);
        }
        Ok(values)
    }

    /// Checks that every child has been taken.
    pub(crate) fn finish(self) -> Result<(), XmlError> {
        match self.parent.children.get(self.next) {
            None => Ok(()),
            Some(child) => Err(XmlError::Unexpected {
                parent: self.parent.name.clone(),
                child: child.name.clone(),
            }),
        }
    }
}
