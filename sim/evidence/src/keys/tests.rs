//! Keys held against another library, and signatures against everything they must not fit.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};

use super::verifying::{RSA_ENCRYPTION, SECP256R1};
use super::{KeyError, KeyType, MemberKey, PublicKey, SignatureScheme, SigningKey};

#[test]
fn another_library_reads_our_key_and_finds_the_same_point() {
    let key = SigningKey::generate().unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.to_pkcs8_der()).unwrap();
    assert_eq!(pair.public_key().as_ref(), key.public_point());
}

#[test]
fn a_key_survives_pkcs8() {
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::from_pkcs8_der(&key.to_pkcs8_der()).unwrap();
    assert_eq!(again.public_point(), key.public_point());
    assert_eq!(
        SigningKey::from_pkcs8_der(b"").unwrap_err(),
        KeyError::ReadPrivate
    );
}

#[test]
fn keys_of_members_survive_pkcs8_and_sign_documents() {
    let types = [
        (KeyType::EcP256, 64),
        (KeyType::Rsa2048, 256),
        (KeyType::Rsa3072, 384),
    ];
    for (key_type, length) in types {
        let key = MemberKey::generate(key_type).unwrap();
        let again = MemberKey::from_pkcs8_der(&key.to_pkcs8_der()).unwrap();
        assert_eq!(again.public_key_bits(), key.public_key_bits());
        let public = match &key {
            MemberKey::Ec(key) => key.public_key(),
            MemberKey::Rsa(_) => {
                PublicKey::from_parts(&RSA_ENCRYPTION, None, key.public_key_bits()).unwrap()
            }
        };
        let (scheme, value_len) = public.xml_signature();
        assert_eq!(value_len, length);
        let value = again.sign_xml(&[b"hel", b"lo"]);
        assert_eq!(value.len(), length);
        public.verify(scheme, b"hello", &value).unwrap();
        let refused = Err(KeyError::BadSignature);
        assert_eq!(public.verify(scheme, b"hellO", &value), refused);
    }
    let neither = MemberKey::from_pkcs8_der(b"neither").map(|_| ());
    assert_eq!(neither, Err(KeyError::ReadPrivate));
}

#[test]
fn rsa_signatures_fit_their_scheme_only() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let bits = pair.public_key().as_ref();
    let public = PublicKey::from_parts(&RSA_ENCRYPTION, None, bits).unwrap();
    let schemes: [(SignatureScheme, &'static dyn RsaEncoding); 3] = [
        (SignatureScheme::RsaSha256, &RSA_PKCS1_SHA256),
        (SignatureScheme::RsaSha384, &RSA_PKCS1_SHA384),
        (SignatureScheme::RsaSha512, &RSA_PKCS1_SHA512),
    ];
    for (scheme, encoding) in schemes {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), b"hello", &mut signature)
            .unwrap();
        public.verify(scheme, b"hello", &signature).unwrap();
        let refused = Err(KeyError::BadSignature);
        assert_eq!(public.verify(scheme, b"hellO", &signature), refused);
        signature[100] ^= 1;
        assert_eq!(public.verify(scheme, b"hello", &signature), refused);
        let ecdsa = public.verify(SignatureScheme::EcdsaSha512Raw, b"hello", &signature);
        assert_eq!(ecdsa, Err(KeyError::WrongKind));
    }
    let unknown = PublicKey::from_parts(&SECP256R1, None, bits).map(|_| ());
    assert_eq!(unknown, Err(KeyError::ReadPublic));
}

#[test]
fn a_signature_fits_its_key_message_and_scheme_only() {
    let key = SigningKey::generate().unwrap();
    let other = SigningKey::generate().unwrap();
    let public = key.public_key();
    let raw = key.sign_sha512_raw(&[b"hel", b"lo"]);
    let asn1 = key.sign_sha256_asn1(&[b"hello"]);
    let asn1_512 = key.sign_sha512_asn1(&[b"hello"]);
    let cases = [
        (SignatureScheme::EcdsaSha512Raw, raw.to_vec()),
        (SignatureScheme::EcdsaSha256Asn1, asn1),
        (SignatureScheme::EcdsaSha512Asn1, asn1_512),
    ];
    for (scheme, signature) in &cases {
        public.verify(*scheme, b"hello", signature).unwrap();
        let refused = Err(KeyError::BadSignature);
        assert_eq!(public.verify(*scheme, b"hellO", signature), refused);
        assert_eq!(
            other.public_key().verify(*scheme, b"hello", signature),
            refused
        );
        for (another, _) in cases.iter().filter(|(another, _)| another != scheme) {
            assert_eq!(public.verify(*another, b"hello", signature), refused);
        }
        let rsa = public.verify(SignatureScheme::RsaSha256, b"hello", signature);
        assert_eq!(rsa, Err(KeyError::WrongKind));
    }
}
