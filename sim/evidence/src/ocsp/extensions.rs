//! The one extension of requests and responses that matters here: the nonce.

use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};
use crate::object_identifiers as oid;

/// RFC 9654 section 2.1: a nonce has 1 to 128 octets.
pub(super) const MAX_NONCE_OCTETS: usize = 128;

/// What a list of extensions says to a reader that knows the nonce alone.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// Octets of the nonce.
    pub(super) nonce: Option<Vec<u8>>,
    /// True when an extension that is not known here is marked critical.
    pub(super) unknown_critical: bool,
}

/// Reads the one `Extensions` that `contents` (of an EXPLICIT tag) must be.
pub(super) fn read(contents: &[u8]) -> Result<Extensions, DerError> {
    let mut found = Extensions::default();
    let mut list = DerReader::only_sequence(contents)?;
    while !list.is_empty() {
        let mut fields = list.sequence()?;
        let id = fields.oid()?;
        let critical = match fields.optional(tag::BOOLEAN)? {
            None | Some([0x00]) => false,
            Some([0xff]) => true,
            Some(_) => return Err(DerError::BadValue("a BOOLEAN")),
        };
        let value = fields.contents(tag::OCTET_STRING)?;
        fields.finish()?;
        if id == oid::OCSP_NONCE {
            found.nonce = Some(read_nonce(value)?);
        } else {
            found.unknown_critical |= critical;
        }
    }
    Ok(found)
}

fn read_nonce(value: &[u8]) -> Result<Vec<u8>, DerError> {
    let mut reader = DerReader::new(value);
    let nonce = reader.contents(tag::OCTET_STRING)?;
    reader.finish()?;
    if nonce.is_empty() || nonce.len() > MAX_NONCE_OCTETS {
        return Err(DerError::BadValue("a nonce"));
    }
    Ok(nonce.to_vec())
}

/// Writes `[number] EXPLICIT Extensions` with the nonce alone.
pub(super) fn write_nonce(writer: &mut DerWriter, number: u8, nonce: &[u8]) {
    let mut value = DerWriter::new();
    value.octet_string(nonce);
    let value = value.into_bytes();
    writer.nested(tag::constructed(number), |explicit| {
        explicit.sequence(|list| {
            list.sequence(|extension| {
                extension.oid(oid::OCSP_NONCE);
                extension.octet_string(&value);
            });
        });
    });
}
