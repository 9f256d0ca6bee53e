//! A test authority, and people with certificates of it.

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_evidence::ocsp::ResponseSigner;
use sim_population::Person;

/// An authority that issues people's certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Authentication,
    Signing,
    /// Authentication, and over since long.
    Expired,
}

/// A certificate and its key.
pub(crate) struct Card {
    pub(crate) certificate: Vec<u8>,
    /// The key, PKCS#8 DER.
    pub(crate) pkcs8: Vec<u8>,
    key: EcdsaKeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CountryName, "EE");
        params
            .distinguished_name
            .push(DnType::CommonName, "People's test authority");
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// Who says which of its certificates are revoked.
    pub(crate) fn responder(&self) -> ResponseSigner {
        let key = SigningKey::generate().unwrap();
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "People's test responder");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        ResponseSigner::new(key, Certificate::parse(certificate).unwrap())
    }

    /// A certificate whose subject has `serial_number`, e.g. `PNOEE-38001085718`.
    pub(crate) fn issue(&self, person: &Person<'_>, serial_number: &str, purpose: Purpose) -> Card {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        let name = &mut params.distinguished_name;
        let common = format!(
            "{},{},{}",
            person.surname,
            person.given_name,
            person.national_id.as_str()
        );
        name.push(DnType::CountryName, "EE");
        name.push(DnType::CommonName, common);
        name.push(DnType::from_oid(&[2, 5, 4, 4]), person.surname);
        name.push(DnType::from_oid(&[2, 5, 4, 42]), person.given_name);
        name.push(DnType::from_oid(&[2, 5, 4, 5]), serial_number);
        if purpose == Purpose::Signing {
            params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        } else {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        if purpose == Purpose::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2006, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        let pkcs8 = key.serialize_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).unwrap();
        Card {
            certificate,
            pkcs8,
            key,
        }
    }
}

impl Card {
    /// r‖s over a hash.
    pub(crate) fn sign(&self, hash: &[u8]) -> Vec<u8> {
        let digest = Digest::import_less_safe(hash, &SHA256).unwrap();
        self.key.sign_digest(&digest).unwrap().as_ref().to_vec()
    }
}
