//! The OCSP responses (RFC 6960) that signatures enclose: was the certificate good?

use std::time::Duration;

use cms::cert::x509::der::asn1::{ObjectIdentifier, OctetString};
use cms::cert::x509::der::{Decode, Encode};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sim_clock::UtcTime;
use x509_ocsp::{BasicOcspResponse, CertStatus, OcspResponse, OcspResponseStatus, SingleResponse};

use crate::certificate::{Certificate, OCSP_SIGNING};
use crate::kinds::{self, Kind};
use crate::trust::Trust;

const BASIC_RESPONSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// How far the clocks of a server and of the responder may be apart.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// A response whose own signature verifies.
#[derive(Debug)]
pub(crate) struct Response {
    statuses: Vec<SingleResponse>,
}

/// What is wrong, by kind.
pub(crate) type Fault = (Kind, String);

/// Verifies a response by itself: its form, who signed it, and its signature.
///
/// Whether it was fresh depends on when it was relied on; see [`Response::proves_good`].
pub(crate) fn verify(der: &[u8], trust: &Trust) -> Result<Response, Fault> {
    let invalid = |what: &str| (kinds::OCSP_INVALID, format!("OCSP response: {what}"));
    let response = OcspResponse::from_der(der).map_err(|error| invalid(&error.to_string()))?;
    if response.response_status != OcspResponseStatus::Successful {
        return Err(invalid("the responder did not answer"));
    }
    let bytes = response.response_bytes.ok_or_else(|| invalid("empty"))?;
    if bytes.response_type != BASIC_RESPONSE {
        return Err(invalid("not of the basic type"));
    }
    let basic = BasicOcspResponse::from_der(bytes.response.as_bytes())
        .map_err(|error| invalid(&error.to_string()))?;
    // The signature covers bytes; only where they are DER are those the parsed ones.
    if basic.to_der().as_deref() != Ok(bytes.response.as_bytes()) {
        return Err(invalid("not in DER"));
    }
    let signed = basic
        .tbs_response_data
        .to_der()
        .map_err(|error| invalid(&error.to_string()))?;
    let signature = basic.signature.as_bytes().unwrap_or_default();
    let produced_at = UtcTime::from_millis(millis(&basic.tbs_response_data.produced_at.0));
    let verifies = |responder: &Certificate| {
        responder.is_valid_at(produced_at)
            && responder
                .key()
                .verifies_der(basic.signature_algorithm.oid, &signed, signature)
    };
    let delegated = basic
        .certs
        .iter()
        .flatten()
        .filter_map(|certificate| Certificate::of(certificate.clone(), None).ok())
        .filter(|responder| {
            responder.is_only_for_ocsp()
                && trust
                    .authorities
                    .iter()
                    .any(|ca| responder.is_issued_by(ca))
        });
    let known = trust
        .ocsp_responders
        .iter()
        .chain(&trust.authorities)
        .cloned();
    if !known.chain(delegated).any(|responder| verifies(&responder)) {
        return Err(invalid("no authorised responder signed it"));
    }
    Ok(Response {
        statuses: basic.tbs_response_data.responses,
    })
}

impl Response {
    /// True proof that `certificate` of `issuer` was good at `time`.
    pub(crate) fn proves_good(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        time: UtcTime,
        freshness: Duration,
    ) -> Result<(), Fault> {
        let invalid = |what: &str| (kinds::OCSP_INVALID, format!("OCSP response: {what}"));
        let status = self
            .statuses
            .iter()
            .find(|status| names(status, certificate, issuer))
            .ok_or_else(|| invalid("it is of another certificate"))?;
        match status.cert_status {
            CertStatus::Good(_) => {}
            CertStatus::Revoked(_) => {
                let text = "the signing certificate was revoked".to_owned();
                return Err((kinds::CERTIFICATE_REVOKED, text));
            }
            CertStatus::Unknown(_) => return Err(invalid("the certificate is unknown")),
        }
        let this_update = UtcTime::from_millis(millis(&status.this_update.0));
        if this_update > time.plus(CLOCK_TOLERANCE) {
            return Err(invalid("made after the signature"));
        }
        if time.since(this_update) > freshness {
            return Err(invalid("too old for the signature"));
        }
        let next = status
            .next_update
            .map(|next| UtcTime::from_millis(millis(&next.0)));
        if next.is_some_and(|next| next < time) {
            return Err(invalid("a newer one was due before the signature"));
        }
        Ok(())
    }
}

/// True where a status is of `certificate`, issued by `issuer`.
fn names(status: &SingleResponse, certificate: &Certificate, issuer: &Certificate) -> bool {
    let id = &status.cert_id;
    let digest = |bytes: &[u8]| match id.hash_algorithm.oid {
        SHA1 => Some(Sha1::digest(bytes).to_vec()),
        SHA256 => Some(Sha256::digest(bytes).to_vec()),
        SHA512 => Some(Sha512::digest(bytes).to_vec()),
        _ => None,
    };
    let is = |field: &OctetString, bytes: &[u8]| digest(bytes).as_deref() == Some(field.as_bytes());
    is(&id.issuer_name_hash, &issuer.subject())
        && is(&id.issuer_key_hash, issuer.key_bits())
        && id.serial_number.as_bytes() == certificate.serial()
}

impl Certificate {
    fn is_only_for_ocsp(&self) -> bool {
        self.is_only_for(OCSP_SIGNING)
    }
}

fn millis(time: &cms::cert::x509::der::asn1::GeneralizedTime) -> i64 {
    i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX)
}
