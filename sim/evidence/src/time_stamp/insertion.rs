//! Putting the authority's certificate into a token that came without.

use super::token::Token;
use super::verification::TimeStampError;
use crate::certificate::Certificate;
use crate::der_writer::{DerWriter, tag};
use crate::object_identifiers as oid;

/// The same token, enclosing the certificate of the authority that signed it, so that it can be
/// verified with nothing but the certification authority's. The certificate is not signed over:
/// nothing that is signed changes. A token that encloses certificates already stays as it is.
///
/// # Errors
///
/// [`TimeStampError::Malformed`] or [`TimeStampError::Unexpected`] where `token` cannot be read.
pub fn with_certificate(token: &[u8], authority: &Certificate) -> Result<Vec<u8>, TimeStampError> {
    let parsed = Token::parse(token)?;
    if parsed.certificates.is_some() {
        return Ok(token.to_vec());
    }
    Ok(DerWriter::sequence_of_bytes(|content_info| {
        content_info.oid(oid::SIGNED_DATA);
        content_info.nested(tag::constructed(0), |explicit| {
            explicit.sequence(|data| {
                data.raw(parsed.before_certificates);
                data.element(tag::constructed(0), authority.der());
                data.raw(parsed.after_certificates);
            });
        });
    }))
}
