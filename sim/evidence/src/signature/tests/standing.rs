//! The certificate's standing: path, validity, OCSP; and how long a verifier may remember it.

use std::time::Duration;

use bytes::Bytes;
use sim_clock::UtcTime;

use super::{CODE, Country, leaf};
use crate::certificate::{PathError, TrustAnchors};
use crate::hash_chain::Leaf;
use crate::ocsp::{CertificateStatus, OcspError};
use crate::signature::{MemberSigner, SignatureError, SignatureVerifier};
use crate::test_country::{TestAuthority, days, member, now, signing_params};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// One verifier and one document, held against changing circumstances.
struct Held {
    verifier: SignatureVerifier,
    document: Bytes,
    message: Leaf,
}

impl Held {
    fn new(document: Bytes, message: Leaf) -> Self {
        Self {
            verifier: SignatureVerifier::new(),
            document,
            message,
        }
    }

    fn verify(&self, anchors: &TrustAnchors, at: UtcTime) -> Result<(), SignatureError> {
        let sender = member(CODE);
        let verified =
            self.verifier
                .verify(&self.document, None, &self.message, &sender, anchors, at);
        verified.map(|_| ())
    }
}

fn held_with(country: &Country, ocsp_response: &[u8]) -> Held {
    let message = leaf("mine", None);
    let batch = country
        .signer()
        .sign_batch(&[message], ocsp_response, now());
    Held::new(batch.document, message)
}

#[test]
fn a_stale_ocsp_response_is_refused_also_when_the_document_is_remembered() {
    let country = Country::new();
    let held = held_with(&country, &country.good());
    let anchors = country.anchors();
    assert_eq!(held.verify(&anchors, now()), Ok(()));
    // Remembered, then beyond the memory's age, then beyond nextUpdate.
    assert_eq!(held.verify(&anchors, now().plus(seconds(59))), Ok(()));
    assert_eq!(held.verify(&anchors, now().plus(seconds(2999))), Ok(()));
    let stale = |result| {
        assert!(
            matches!(result, Err(SignatureError::Ocsp(OcspError::Stale { .. }))),
            "{result:?}"
        );
        let suffix = result.unwrap_err().fault_suffix();
        assert_eq!(suffix, "invalid_cert_path.incorrect_validation_info");
    };
    stale(held.verify(&anchors, now().plus(seconds(3001))));
    // Twenty seconds later, well within the memory's age, freshness runs out.
    let brief = TrustAnchors {
        ocsp_freshness: seconds(10),
        ..country.anchors()
    };
    let held = held_with(&country, &country.good());
    assert_eq!(held.verify(&brief, now()), Ok(()));
    stale(held.verify(&brief, now().plus(seconds(20))));
    assert_eq!(
        held.verify(&country.anchors(), now().plus(seconds(20))),
        Ok(())
    );
}

#[test]
fn revoked_unknown_and_foreign_statuses_are_refused() {
    let country = Country::new();
    let anchors = country.anchors();
    let status = |status| country.status_of(&country.certificate, status, now());
    let revoked = CertificateStatus::Revoked {
        at: now(),
        reason: Some(1),
    };
    let refusal = held_with(&country, &status(revoked))
        .verify(&anchors, now())
        .unwrap_err();
    assert!(
        matches!(refusal, SignatureError::Ocsp(OcspError::Revoked { .. })),
        "{refusal:?}"
    );
    assert_eq!(refusal.fault_suffix(), "invalid_cert_path.cert_validation");

    let unknown = held_with(&country, &status(CertificateStatus::Unknown));
    let refusal = unknown.verify(&anchors, now());
    assert_eq!(refusal, Err(SignatureError::Ocsp(OcspError::Unknown)));

    let mut other = signing_params(CODE);
    other.serial_number = Some(rcgen::SerialNumber::from_slice(&[77]));
    let (_, other) = country.authority.issue(&other);
    let foreign = country.status_of(&other, CertificateStatus::Good, now());
    let refusal = held_with(&country, &foreign).verify(&anchors, now());
    assert_eq!(
        refusal,
        Err(SignatureError::Ocsp(OcspError::WrongCertificate))
    );

    let nothing = held_with(&country, b"")
        .verify(&anchors, now())
        .unwrap_err();
    assert!(matches!(nothing, SignatureError::Ocsp(_)), "{nothing:?}");
}

#[test]
fn an_expired_or_future_certificate_is_refused() {
    let country = Country::new();
    let held = held_with(&country, &country.good());
    let anchors = country.anchors();
    let expired = held.verify(&anchors, now().plus(days(181)));
    assert_eq!(expired, Err(SignatureError::Path(PathError::Expired)));
    assert_eq!(
        expired.unwrap_err().fault_suffix(),
        "invalid_cert_path.cert_validation"
    );
    let early = held.verify(&anchors, now().minus(days(181)));
    assert_eq!(early, Err(SignatureError::Path(PathError::NotYetValid)));
    assert_eq!(held.verify(&anchors, now()), Ok(()));
    // Also with the signer remembered.
    let expired = held.verify(&anchors, now().plus(days(181)));
    assert_eq!(expired, Err(SignatureError::Path(PathError::Expired)));
}

#[test]
fn a_certificate_that_expires_within_the_memorys_age_is_refused_at_that_second() {
    let country = Country::new();
    let mut brief = signing_params(CODE);
    brief.not_after = now().plus(seconds(5)).to_offset_date_time();
    let (key, certificate) = country.authority.issue(&brief);
    let ocsp = country.status_of(&certificate, CertificateStatus::Good, now());
    let message = leaf("mine", None);
    let batch = MemberSigner::new(key, certificate).sign_batch(&[message], &ocsp, now());
    let held = Held::new(batch.document, message);
    let anchors = country.anchors();
    assert_eq!(held.verify(&anchors, now()), Ok(()));
    assert_eq!(held.verify(&anchors, now().plus(seconds(5))), Ok(()));
    let expired = held.verify(&anchors, now().plus(seconds(6)));
    assert_eq!(expired, Err(SignatureError::Path(PathError::Expired)));
}

#[test]
fn an_authority_that_is_approved_no_more_counts_no_more() {
    let country = Country::new();
    let held = held_with(&country, &country.good());
    assert_eq!(held.verify(&country.anchors(), now()), Ok(()));
    let stranger = TestAuthority::new("Other CA").anchors();
    let refusal = held.verify(&stranger, now());
    assert_eq!(refusal, Err(SignatureError::Path(PathError::UnknownIssuer)));
    assert_eq!(
        refusal.unwrap_err().fault_suffix(),
        "cannot_create_cert_path"
    );
    let namesake = TestAuthority::new("Test <&> CA").anchors();
    let refusal = held.verify(&namesake, now());
    assert_eq!(refusal, Err(SignatureError::Path(PathError::BadSignature)));
    assert_eq!(held.verify(&country.anchors(), now()), Ok(()));
}

#[test]
fn many_threads_may_share_a_verifier() {
    let country = Country::new();
    let held = held_with(&country, &country.good());
    let anchors = country.anchors();
    let stranger = TestAuthority::new("Other CA").anchors();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(held.verify(&anchors, now()), Ok(()));
                    held.verify(&stranger, now()).unwrap_err();
                }
            });
        }
    });
}
