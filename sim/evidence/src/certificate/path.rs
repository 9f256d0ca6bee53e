//! From a certificate to the approved authority that issued it.

use sim_clock::UtcTime;

use super::{Certificate, CertificationAuthority, TrustAnchors};

/// Why a certificate is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No approved authority bears the issuer's name.
    #[error("find the issuer among the approved certification authorities")]
    UnknownIssuer,
    /// An authority bears the name, but did not sign this certificate.
    #[error("verify the certificate: not signed by its issuer")]
    BadSignature,
    /// The authority's certificate does not allow it to issue.
    #[error("verify the issuer: its certificate is not an authority's")]
    NotAnAuthority,
    /// The authority's certificate is not valid at that time.
    #[error("verify the issuer: its certificate is not valid at this time")]
    IssuerNotValid,
    /// The certificate is not valid yet.
    #[error("verify the certificate: not valid yet")]
    NotYetValid,
    /// The certificate has expired.
    #[error("verify the certificate: expired")]
    Expired,
}

/// The approved authority that issued `certificate`, both valid at `at`.
///
/// # Errors
///
/// See [`PathError`]. Of several authorities with the issuer's name, one that fits is enough.
pub fn verify_path<'a>(
    certificate: &Certificate,
    anchors: &'a TrustAnchors,
    at: UtcTime,
) -> Result<&'a CertificationAuthority, PathError> {
    let mut refusal = PathError::UnknownIssuer;
    for authority in &anchors.certification_authorities {
        let issuer = &authority.certificate;
        if certificate.issuer_der() != issuer.subject_der() {
            continue;
        }
        refusal = if !certificate.is_issued_by(issuer) {
            PathError::BadSignature
        } else if let Err(refusal) = verify_times(certificate, issuer, at) {
            refusal
        } else if issuer.can_issue() {
            return Ok(authority);
        } else {
            PathError::NotAnAuthority
        };
    }
    Err(refusal)
}

fn verify_times(
    certificate: &Certificate,
    issuer: &Certificate,
    at: UtcTime,
) -> Result<(), PathError> {
    if at < certificate.not_before() {
        Err(PathError::NotYetValid)
    } else if at > certificate.not_after() {
        Err(PathError::Expired)
    } else if issuer.is_valid_at(at) {
        Ok(())
    } else {
        Err(PathError::IssuerNotValid)
    }
}
