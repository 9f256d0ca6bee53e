//! Certificates made for the purpose, and OpenSSL's view of them.

use std::process::Command;

use proptest::prelude::*;
use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};

use super::{Certificate, PathError, decimal, verify_path};
use crate::test_country::{TestAuthority, days, member, now, params, signing_params};

#[test]
fn a_signing_certificate_tells_whose_it_is() {
    let authority = TestAuthority::new("Test CA");
    let (key, certificate) = authority.signing("70000310");
    assert_eq!(certificate.subject_member(), Some(member("70000310")));
    assert!(certificate.names_member(&member("70000310")));
    assert!(!certificate.names_member(&member("70000311")));
    assert_eq!(certificate.subject_rfc2253(), "CN=70000310,O=GOV,C=EE");
    assert_eq!(certificate.issuer_rfc2253(), "CN=Test CA,O=Test");
    assert_eq!(certificate.serial_decimal(), "15794691");
    assert_eq!(certificate.serial_bytes(), [0x00, 0xf1, 0x02, 0x03]);
    assert_eq!(certificate.public_key_bits(), key.public_point());
    assert_eq!(certificate.not_before(), now().minus(days(180)));
    assert_eq!(certificate.not_after(), now().plus(days(180)));
    assert!(certificate.can_sign());
    assert!(!certificate.can_authenticate());
    assert!(!certificate.can_sign_ocsp());
    assert!(!certificate.can_time_stamp());
    assert!(!certificate.can_issue());
}

#[test]
fn a_purpose_is_read_from_the_extension() {
    let authority = TestAuthority::new("Test CA");
    let (_, ocsp) = authority.service(ExtendedKeyUsagePurpose::OcspSigning);
    assert!(ocsp.can_sign_ocsp());
    assert!(!ocsp.can_sign());
    let (_, client) = authority.service(ExtendedKeyUsagePurpose::ClientAuth);
    assert!(client.can_authenticate());
    // Not critical, so not a time-stamper.
    let (_, stamper) = authority.service(ExtendedKeyUsagePurpose::TimeStamping);
    assert!(!stamper.can_time_stamp());
    assert!(authority.certificate.can_issue());
    assert!(!authority.certificate.can_sign());
}

#[test]
fn openssl_reads_the_same_names_and_serial_number() {
    let authority = TestAuthority::new("Test, \"odd\" + CA");
    let (_, certificate) = authority.signing("70000310");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certificate.pem");
    std::fs::write(&file, certificate.to_pem()).unwrap();
    let output = Command::new("openssl")
        .args([
            "x509", "-noout", "-issuer", "-subject", "-serial", "-nameopt", "RFC2253", "-in",
        ])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = format!(
        "issuer={}\nsubject={}\nserial=F10203\n",
        certificate.issuer_rfc2253(),
        certificate.subject_rfc2253()
    );
    assert_eq!(text, expected);
}

#[test]
fn subjects_that_are_not_one_member_name_none() {
    let authority = TestAuthority::new("Test CA");
    let subjects: [&[(DnType, &str)]; 3] = [
        &[
            (DnType::CountryName, "EE"),
            (DnType::CommonName, "70000310"),
        ],
        &[
            (DnType::OrganizationName, "GOV"),
            (DnType::CommonName, "70000310"),
        ],
        &[
            (DnType::CountryName, "EE"),
            (DnType::OrganizationName, "GOV"),
        ],
    ];
    for subject in subjects {
        let (_, certificate) = authority.issue(&params(subject, &[5]));
        assert_eq!(certificate.subject_member(), None, "{certificate:?}");
    }
}

#[test]
fn names_without_a_keyword_are_written_in_hex() {
    let authority = TestAuthority::new("Test CA");
    let serial_number = DnType::CustomDnType(vec![2, 5, 4, 5]);
    let subject = [(DnType::CommonName, " a#b "), (serial_number, "EE/1")];
    let (_, certificate) = authority.issue(&params(&subject, &[5]));
    let expected = format!("2.5.4.5=#0c04{},CN=\\ a#b\\ ", hex::encode("EE/1"));
    assert_eq!(certificate.subject_rfc2253(), expected);
}

#[test]
fn pem_holds_the_same_certificate() {
    let authority = TestAuthority::new("Test CA");
    let again = Certificate::from_pem(&authority.certificate.to_pem()).unwrap();
    assert_eq!(again, authority.certificate);
    Certificate::from_pem("nonsense").unwrap_err();
}

#[test]
fn bytes_after_or_missing_make_it_unreadable() {
    let authority = TestAuthority::new("Test CA");
    let der = authority.certificate.der().to_vec();
    for length in 0..der.len() {
        assert!(
            Certificate::parse(der[..length].to_vec()).is_err(),
            "{length} bytes"
        );
    }
    let longer = [der.as_slice(), b"\0"].concat();
    assert!(Certificate::parse(longer).is_err());
}

#[test]
fn only_an_approved_authority_at_the_right_time_makes_a_path() {
    let authority = TestAuthority::new("Test CA");
    let namesake = TestAuthority::new("Test CA");
    let stranger = TestAuthority::new("Other CA");
    let (_, certificate) = authority.signing("70000310");
    let check = |anchor: &TestAuthority, at| {
        verify_path(&certificate, &anchor.anchors(), at).map(|found| found.certificate.clone())
    };
    assert_eq!(check(&authority, now()), Ok(authority.certificate.clone()));
    assert_eq!(check(&namesake, now()), Err(PathError::BadSignature));
    assert_eq!(check(&stranger, now()), Err(PathError::UnknownIssuer));
    assert_eq!(
        check(&authority, now().plus(days(181))),
        Err(PathError::Expired)
    );
    assert_eq!(
        check(&authority, now().minus(days(181))),
        Err(PathError::NotYetValid)
    );

    // The one that fits is found behind a namesake.
    let mut both = namesake.anchors();
    both.certification_authorities
        .extend(authority.anchors().certification_authorities);
    assert!(verify_path(&certificate, &both, now()).is_ok());
}

#[test]
fn an_expired_or_ordinary_issuer_makes_no_path() {
    let authority = TestAuthority::new("Test CA");
    let mut outlives = signing_params("70000310");
    outlives.not_after = now().plus(days(400)).to_offset_date_time();
    let (_, certificate) = authority.issue(&outlives);
    let anchors = authority.anchors();
    let refusal = verify_path(&certificate, &anchors, now().plus(days(300)));
    assert_eq!(refusal, Err(PathError::IssuerNotValid));

    let mut ordinary = params(&[(DnType::CommonName, "Ordinary")], &[9]);
    ordinary.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let ordinary = TestAuthority::with(ordinary);
    let (_, certificate) = ordinary.signing("70000310");
    let anchors = ordinary.anchors();
    let refusal = verify_path(&certificate, &anchors, now());
    assert_eq!(refusal, Err(PathError::NotAnAuthority));
}

#[test]
fn every_changed_bit_of_a_certificate_is_noticed() {
    let authority = TestAuthority::new("Test CA");
    let (_, certificate) = authority.signing("70000310");
    let anchors = authority.anchors();
    for bit in 0..certificate.der().len() * 8 {
        let mut changed = certificate.der().to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let accepted = Certificate::parse(changed)
            .is_ok_and(|changed| verify_path(&changed, &anchors, now()).is_ok());
        assert!(!accepted, "bit {bit}");
    }
}

#[test]
fn serial_numbers_are_written_in_decimal() {
    assert_eq!(decimal(&[]), "0");
    assert_eq!(decimal(&[0]), "0");
    assert_eq!(decimal(&[0, 255]), "255");
    assert_eq!(decimal(&[1, 0, 0]), "65536");
    assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
}

proptest! {
    #[test]
    fn whatever_is_no_certificate_is_refused_without_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        gone in 0..8_usize,
        inserted in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        thread_local! {
            static VALID: Certificate = TestAuthority::new("Test CA").signing("70000310").1;
        }
        prop_assert!(Certificate::parse(bytes).is_err());
        // And what is nearly right, so that more than the first field is reached.
        let mut nearly = VALID.with(|valid| valid.der().to_vec());
        let at = at.index(nearly.len());
        let end = (at + gone).min(nearly.len());
        nearly.splice(at..end, inserted);
        if let Ok(certificate) = Certificate::parse(nearly.clone()) {
            prop_assert_eq!(certificate.der().as_ref(), nearly.as_slice());
            // Whatever it says can be said.
            let _ = certificate.subject_member();
            let _ = certificate.issuer_rfc2253();
            let _ = certificate.serial_decimal();
            let _ = certificate.can_sign_ocsp();
        }
    }
}
