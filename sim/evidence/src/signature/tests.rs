//! Signatures that hold and signatures that must not; each kind of doubt has a file.

mod changed_bytes;
mod edits;
mod standing;
mod xmlsec;

use std::time::Duration;

use bytes::Bytes;
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};
use sim_clock::UtcTime;

use super::{MemberSigner, SignatureError, SignatureVerifier, SignedBatch, Verified};
use crate::certificate::{Certificate, TrustAnchors};
use crate::digest::Sha512;
use crate::hash_chain::{ChainError, ChainForm, HashChain, Leaf};
use crate::keys::SigningKey;
use crate::ocsp::{CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus};
use crate::test_country::{TestAuthority, member, now, params, signing_params};

const CODE: &str = "70000310";

/// An authority, its OCSP responder, and one member that signs.
struct Country {
    authority: TestAuthority,
    responder: ResponseSigner,
    key: SigningKey,
    certificate: Certificate,
}

impl Country {
    fn new() -> Self {
        let authority = TestAuthority::new("Test <&> CA");
        let (key, certificate) = authority.service(ExtendedKeyUsagePurpose::OcspSigning);
        let responder = ResponseSigner::new(key, certificate);
        let (key, certificate) = authority.signing(CODE);
        Self {
            authority,
            responder,
            key,
            certificate,
        }
    }

    fn signer(&self) -> MemberSigner {
        MemberSigner::new(self.key.clone(), self.certificate.clone())
    }

    fn anchors(&self) -> TrustAnchors {
        self.authority.anchors()
    }

    fn good(&self) -> Vec<u8> {
        self.status_of(&self.certificate, CertificateStatus::Good, now())
    }

    fn status_of(
        &self,
        certificate: &Certificate,
        status: CertificateStatus,
        this_update: UtcTime,
    ) -> Vec<u8> {
        let issuer = &self.authority.certificate;
        let single = SingleStatus {
            cert_id: CertId::of(certificate, issuer, CertIdAlgorithm::Sha1),
            status,
            this_update,
            next_update: Some(this_update.plus(Duration::from_secs(3000))),
        };
        self.responder.respond(&[single], None, this_update)
    }

    fn sign(&self, leaves: &[Leaf]) -> SignedBatch {
        self.signer().sign_batch(leaves, &self.good(), now())
    }

    /// What a verifier without memory says of a message of [`CODE`], now.
    fn verify(
        &self,
        document: &Bytes,
        chain: Option<&HashChain>,
        leaf: &Leaf,
    ) -> Result<Verified, SignatureError> {
        let verifier = SignatureVerifier::new();
        verifier.verify(document, chain, leaf, &member(CODE), &self.anchors(), now())
    }

    fn refusal(&self, document: &Bytes, chain: Option<&HashChain>, leaf: &Leaf) -> SignatureError {
        self.verify(document, chain, leaf).map(|_| ()).unwrap_err()
    }
}

fn leaf(message: &str, body: Option<&str>) -> Leaf {
    Leaf {
        message: Sha512::of(message.as_bytes()),
        attachment: body.map(|body| Sha512::of(body.as_bytes())),
    }
}

/// `count` messages of which every other has a body.
fn leaves(count: usize) -> Vec<Leaf> {
    let body = |index| (index % 2 == 1).then(|| format!("body {index}"));
    (0..count)
        .map(|index| leaf(&format!("message {index}"), body(index).as_deref()))
        .collect()
}

#[test]
fn a_message_alone_is_signed_directly() {
    let country = Country::new();
    let message = leaf("alone", None);
    let batch = country.sign(&[message]);
    assert_eq!(batch.messages.len(), 1);
    assert!(batch.messages[0].chain.is_none());
    assert_eq!(batch.messages[0].document, batch.document);
    let verified = country.verify(&batch.document, None, &message).unwrap();
    assert_eq!(verified.certificate, country.certificate);
    assert_eq!(verified.chain_form, None);
}

#[test]
fn every_message_of_a_batch_is_verified_by_the_one_document() {
    let country = Country::new();
    let verifier = SignatureVerifier::new();
    let mut with_body = vec![leaf("alone", Some("with a body"))];
    for leaves in [
        leaves(2),
        leaves(7),
        leaves(64),
        std::mem::take(&mut with_body),
    ] {
        let batch = country.sign(&leaves);
        assert_eq!(batch.messages.len(), leaves.len());
        for (message, leaf) in batch.messages.iter().zip(&leaves) {
            assert_eq!(message.document, batch.document);
            let (chain, anchors) = (message.chain.as_ref(), country.anchors());
            let verify = |verifier: &SignatureVerifier| {
                verifier
                    .verify(&batch.document, chain, leaf, &member(CODE), &anchors, now())
                    .unwrap()
            };
            let form = Some(ChainForm::Compact(message.path.clone()));
            assert_eq!(verify(&verifier).chain_form, form);
            assert_eq!(verify(&SignatureVerifier::new()).chain_form, form);
        }
    }
}

#[test]
fn another_message_is_refused() {
    let country = Country::new();
    let (mine, other) = (leaf("mine", None), leaf("other", None));
    let batch = country.sign(&[mine]);
    assert_eq!(
        country.refusal(&batch.document, None, &other),
        SignatureError::OtherMessage
    );
    let with_body = leaf("mine", Some("body"));
    assert_eq!(
        country.refusal(&batch.document, None, &with_body),
        SignatureError::BodyNotSigned
    );

    // The same through a chain, and with another message's chain.
    let batch = country.sign(&[mine, other]);
    let chain = batch.messages[1].chain.as_ref();
    let refusal = country.refusal(&batch.document, chain, &mine);
    assert!(
        matches!(refusal, SignatureError::Chain(ChainError::WrongDigest(_))),
        "{refusal:?}"
    );

    // A perfect chain to the result of another batch.
    let another = country.sign(&[mine, leaf("third", None)]);
    let chain = another.messages[0].chain.as_ref();
    let refusal = country.refusal(&batch.document, chain, &mine);
    assert_eq!(refusal, SignatureError::OtherMessage);
    assert_eq!(refusal.fault_suffix(), "invalid_signature_value");
}

#[test]
fn a_document_over_a_message_is_none_over_a_chain() {
    let country = Country::new();
    let mine = leaf("mine", None);
    let direct = country.sign(&[mine]);
    let batch = country.sign(&leaves(2));
    let chain = batch.messages[0].chain.as_ref();
    let refusal = country.refusal(&direct.document, chain, &leaves(2)[0]);
    assert_eq!(refusal, SignatureError::Malformed);
    assert_eq!(
        country.refusal(&batch.document, None, &mine),
        SignatureError::Malformed
    );
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let country = Country::new();
    let message = leaf("mine", None);
    let wrong = MemberSigner::new(SigningKey::generate().unwrap(), country.certificate.clone());
    let batch = wrong.sign_batch(&[message], &country.good(), now());
    let refusal = country.refusal(&batch.document, None, &message);
    assert_eq!(refusal, SignatureError::WrongValue);
    assert_eq!(refusal.fault_suffix(), "invalid_signature_value");
}

#[test]
fn another_members_signature_is_refused_also_when_it_is_remembered() {
    let country = Country::new();
    let verifier = SignatureVerifier::new();
    let message = leaf("mine", None);
    let document = country.sign(&[message]).document;
    let anchors = country.anchors();
    let verify = |sender: &str| {
        let verified = verifier.verify(&document, None, &message, &member(sender), &anchors, now());
        verified.map(|_| ())
    };
    assert_eq!(verify("70000311"), Err(SignatureError::OtherMember));
    assert_eq!(verify(CODE), Ok(()));
    assert_eq!(verify("70000311"), Err(SignatureError::OtherMember));
    assert_eq!(
        SignatureError::OtherMember.fault_suffix(),
        "incorrect_certificate"
    );
}

#[test]
fn a_certificate_that_may_not_sign_is_refused() {
    let country = Country::new();
    let message = leaf("mine", None);
    let mut authentication = signing_params(CODE);
    authentication.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let (key, certificate) = country.authority.issue(&authentication);
    let ocsp = country.status_of(&certificate, CertificateStatus::Good, now());
    let batch = MemberSigner::new(key, certificate).sign_batch(&[message], &ocsp, now());
    let refusal = country.refusal(&batch.document, None, &message);
    assert_eq!(refusal, SignatureError::NotForSigning);
    assert_eq!(refusal.fault_suffix(), "incorrect_certificate");
}

#[test]
fn a_subject_that_is_no_member_is_refused() {
    let country = Country::new();
    let message = leaf("mine", None);
    let mut nobody = params(&[(rcgen::DnType::CommonName, CODE)], &[9]);
    nobody.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    let (key, certificate) = country.authority.issue(&nobody);
    let ocsp = country.status_of(&certificate, CertificateStatus::Good, now());
    let batch = MemberSigner::new(key, certificate).sign_batch(&[message], &ocsp, now());
    let refusal = country.refusal(&batch.document, None, &message);
    assert_eq!(refusal, SignatureError::OtherMember);
}

#[test]
fn what_is_no_signature_document_is_refused() {
    let country = Country::new();
    let message = leaf("mine", None);
    let document = country.sign(&[message]).document;
    let long = vec![b'x'; 1024 * 1024];
    let twice = [document.as_ref(), document.as_ref()].concat();
    let cases: [&[u8]; 6] = [
        b"",
        b"<",
        &long,
        &twice,
        &document[..document.len() - 1],
        &document[1..],
    ];
    for case in cases {
        let refusal = country.refusal(&Bytes::copy_from_slice(case), None, &message);
        assert_eq!(refusal, SignatureError::Malformed);
        assert_eq!(refusal.fault_suffix(), "malformed_signature");
    }
}

#[test]
#[should_panic(expected = "at least one message")]
fn an_empty_batch_is_a_mistake_of_the_caller() {
    let country = Country::new();
    let _batch = country.sign(&[]);
}
