//! Time-stamp tokens against the rules on what they are over and who may sign them.

use proptest::prelude::*;
use rcgen::{CustomExtension, DnType, ExtendedKeyUsagePurpose};

use super::{
    FailInfo, Imprint, ImprintAlgorithm, RequestError, TimeStampError, TimeStampRequest,
    TokenSigner, facts, parse_request, reject, request, request_for, token_of_response,
    verify_token, with_certificate,
};
use crate::certificate::Certificate;
use crate::der_reader::DerError;
use crate::digest::Sha512;
use crate::object_identifiers as oid;
use crate::test_country::{self, TestAuthority, days, now};

const SERIAL: [u8; 16] = [0x42; 16];

/// An authority whose certificate is good for nothing but time-stamping.
fn tsa(issuer: &TestAuthority, serial: u8) -> TokenSigner {
    let params = tsa_params(serial);
    let (key, certificate) = issuer.issue(&params);
    TokenSigner::new(key, certificate)
}

fn tsa_params(serial: u8) -> rcgen::CertificateParams {
    let mut params = test_country::params(&[(DnType::CommonName, "TSA")], &[serial]);
    let purposes = hex::decode("300a06082b06010505070308").unwrap();
    let mut purposes = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    purposes.set_criticality(true);
    params.custom_extensions.push(purposes);
    params
}

fn imprint() -> Sha512 {
    Sha512::of(b"a hash chain result")
}

fn token_for(signer: &TokenSigner, request: &[u8]) -> Vec<u8> {
    let request = parse_request(request).unwrap();
    token_of_response(&signer.grant(&request, SERIAL, now())).unwrap()
}

fn full_request() -> TimeStampRequest {
    TimeStampRequest {
        imprint: Imprint::from(&imprint()),
        policy: Some(oid::BEST_PRACTICES_POLICY),
        nonce: Some(vec![0x11; 20]),
        wants_certificate: true,
    }
}

#[test]
fn a_token_says_when_the_imprint_was_there() {
    let signer = tsa(&TestAuthority::new("Test CA"), 5);
    let authorities = [signer.certificate().clone()];
    let plain = token_for(&signer, &request(&imprint()));
    let full = token_for(&signer, &request_for(&full_request()));
    for token in [&plain, &full] {
        assert_eq!(verify_token(token, &imprint(), &authorities), Ok(now()));
        let facts = facts(token).unwrap();
        assert_eq!(facts.imprint, Imprint::from(&imprint()));
        assert_eq!(facts.serial, SERIAL);
        assert_eq!(facts.policy, oid::BEST_PRACTICES_POLICY);
    }
    assert_eq!(facts(&plain).unwrap().nonce, None);
    assert_eq!(facts(&full).unwrap().nonce, Some(vec![0x11; 20]));
    // Only who asks for the certificate gets it.
    let holds = |token: &[u8]| {
        let der = signer.certificate().der();
        token.windows(der.len()).any(|window| window == &der[..])
    };
    assert!(!holds(&plain) && holds(&full));
}

#[test]
fn a_token_over_something_else_is_refused() {
    let signer = tsa(&TestAuthority::new("Test CA"), 5);
    let authorities = [signer.certificate().clone()];
    let token = token_for(&signer, &request(&imprint()));
    let other = Sha512::of(b"another batch");
    assert_eq!(
        verify_token(&token, &other, &authorities),
        Err(TimeStampError::WrongImprint)
    );
    let short = TimeStampRequest {
        imprint: Imprint::of(ImprintAlgorithm::Sha256, b"a hash chain result"),
        ..full_request()
    };
    let token = token_for(&signer, &request_for(&short));
    assert_eq!(
        verify_token(&token, &imprint(), &authorities),
        Err(TimeStampError::WrongImprint)
    );
}

#[test]
fn only_approved_authorities_count() {
    let issuer = TestAuthority::new("Test CA");
    let signer = tsa(&issuer, 5);
    let token = token_for(&signer, &request(&imprint()));
    let verdict = |authorities: &[Certificate]| verify_token(&token, &imprint(), authorities);
    assert_eq!(verdict(&[]), Err(TimeStampError::UnknownAuthority));
    let other = tsa(&issuer, 6).certificate().clone();
    assert_eq!(
        verdict(std::slice::from_ref(&other)),
        Err(TimeStampError::UnknownAuthority)
    );
    assert_eq!(verdict(&[other, signer.certificate().clone()]), Ok(now()));
    // The same issuer and serial number, but another key: the signed attribute tells.
    let twin = tsa(&issuer, 5).certificate().clone();
    assert_eq!(
        verdict(&[twin]),
        Err(TimeStampError::WrongSigningCertificate)
    );

    // Another key behind the right certificate.
    let (key, _) = issuer.issue(&tsa_params(5));
    let impostor = TokenSigner::new(key, signer.certificate().clone());
    let forged = token_for(&impostor, &request(&imprint()));
    let authorities = [signer.certificate().clone()];
    assert_eq!(
        verify_token(&forged, &imprint(), &authorities),
        Err(TimeStampError::BadSignature)
    );
}

#[test]
fn the_certificate_must_allow_it() {
    let issuer = TestAuthority::new("Test CA");
    // The purpose is there, but not critical.
    let (key, lax) = issuer.service(ExtendedKeyUsagePurpose::TimeStamping);
    let mut params = tsa_params(5);
    params.not_after = now().minus(days(1)).to_offset_date_time();
    let (expired_key, expired) = issuer.issue(&params);
    for (key, certificate) in [(key, lax), (expired_key, expired)] {
        let signer = TokenSigner::new(key, certificate.clone());
        let token = token_for(&signer, &request(&imprint()));
        assert_eq!(
            verify_token(&token, &imprint(), &[certificate]),
            Err(TimeStampError::UnfitCertificate)
        );
    }
}

#[test]
fn a_certificate_can_be_put_in_later() {
    let signer = tsa(&TestAuthority::new("Test CA"), 5);
    let authorities = [signer.certificate().clone()];
    let plain = token_for(&signer, &request(&imprint()));
    let full = with_certificate(&plain, signer.certificate()).unwrap();
    assert_eq!(
        full.len(),
        plain.len() + signer.certificate().der().len() + 4
    );
    assert_eq!(verify_token(&full, &imprint(), &authorities), Ok(now()));
    assert_eq!(with_certificate(&full, signer.certificate()).unwrap(), full);
    let wrong = with_certificate(&plain, &TestAuthority::new("Other").certificate).unwrap();
    assert_eq!(
        verify_token(&wrong, &imprint(), &authorities),
        Err(TimeStampError::WrongCertificate)
    );
    assert!(with_certificate(b"no token", signer.certificate()).is_err());
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let signer = tsa(&TestAuthority::new("Test CA"), 5);
    let authorities = [signer.certificate().clone()];
    for token in [
        token_for(&signer, &request(&imprint())),
        token_for(&signer, &request_for(&full_request())),
    ] {
        let verdict = |token: &[u8]| verify_token(token, &imprint(), &authorities);
        for at in 0..token.len() {
            let mut changed = token.clone();
            changed[at] ^= 1;
            assert!(verdict(&changed).is_err(), "byte {at}");
        }
        for length in 0..token.len() {
            assert!(verdict(&token[..length]).is_err(), "length {length}");
        }
        let mut longer = token;
        longer.push(0);
        let trailing = TimeStampError::Malformed(DerError::TrailingBytes);
        assert_eq!(verdict(&longer), Err(trailing));
    }
}

#[test]
fn responses_without_a_token_are_told_apart() {
    for reason in [
        FailInfo::BadAlg,
        FailInfo::TimeNotAvailable,
        FailInfo::SystemFailure,
    ] {
        let rejected = TimeStampError::Rejected {
            status: 2,
            reason: Some(reason),
        };
        assert_eq!(token_of_response(&reject(reason)), Err(rejected));
    }
    let granted_without = [0x30, 5, 0x30, 3, 2, 1, 0];
    assert_eq!(
        token_of_response(&granted_without),
        Err(TimeStampError::NoToken)
    );
    let signer = tsa(&TestAuthority::new("Test CA"), 5);
    let mut wrong_policy = full_request();
    wrong_policy.policy = Some(oid::SHA_256);
    let response = signer.grant(&wrong_policy, SERIAL, now());
    let rejected = TimeStampError::Rejected {
        status: 2,
        reason: Some(FailInfo::UnacceptedPolicy),
    };
    assert_eq!(token_of_response(&response), Err(rejected));
}

#[test]
fn requests_are_read_back_or_refused() {
    let full = full_request();
    assert_eq!(parse_request(&request_for(&full)), Ok(full.clone()));
    let plain = parse_request(&request(&imprint())).unwrap();
    assert_eq!(
        (plain.policy, plain.nonce, plain.wants_certificate),
        (None, None, false)
    );

    let mut wrong_length = full.imprint.encoded().to_vec();
    wrong_length[1] -= 1;
    let at = wrong_length.len() - 65;
    wrong_length[at] -= 1;
    wrong_length.pop();
    let mut bytes = vec![0x30, wrong_length.len() as u8 + 3, 2, 1, 1];
    bytes.extend(wrong_length);
    assert_eq!(parse_request(&bytes), Err(RequestError::WrongImprintLength));
    let mut trailing = request_for(&full);
    trailing.push(0);
    let refused = RequestError::Malformed(DerError::TrailingBytes);
    assert_eq!(parse_request(&trailing), Err(refused));
    assert_eq!(refused.fail_info(), FailInfo::BadDataFormat);
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_without_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        replacement in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        thread_local! {
            static SIGNER: TokenSigner = tsa(&TestAuthority::new("Test CA"), 5);
        }
        SIGNER.with(|signer| {
            let authorities = [signer.certificate().clone()];
            prop_assert!(parse_request(&bytes).is_err());
            prop_assert!(token_of_response(&bytes).is_err());
            prop_assert!(verify_token(&bytes, &imprint(), &authorities).is_err());
            // And what is nearly right, so that more than the first field is reached.
            let mut request = request_for(&full_request());
            let mut token = token_for(signer, &request);
            for nearly in [&mut request, &mut token] {
                let at = at.index(nearly.len());
                let end = (at + replacement.len()).min(nearly.len());
                nearly.splice(at..end, replacement.iter().copied());
            }
            if let Ok(parsed) = parse_request(&request) {
                prop_assert_eq!(request_for(&parsed).len(), request.len());
            }
            verify_token(&token, &imprint(), &authorities).ok();
            with_certificate(&token, signer.certificate()).ok();
            Ok(())
        })?;
    }
}
