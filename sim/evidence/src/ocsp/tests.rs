//! OCSP responses of every kind against the rules on who may sign them, for whom and for how long.

use std::time::Duration;

use proptest::prelude::*;
use rcgen::{DnType, ExtendedKeyUsagePurpose};
use sim_clock::UtcTime;

use super::{
    CertId, CertIdAlgorithm, CertificateStatus, ErrorStatus, OcspError, RequestError, ResponderId,
    ResponseSigner, SingleStatus, error_response, nonce_of, parse_request, request, request_for,
    verify_response,
};
use crate::certificate::{Certificate, CertificationAuthority};
use crate::der_reader::DerError;
use crate::test_country::{self, TestAuthority, days, now};

const FRESHNESS: Duration = Duration::from_secs(3600);

/// An authority, a member's certificate, and a responder that the authority delegated.
struct Country {
    authority: TestAuthority,
    member: Certificate,
    signer: ResponseSigner,
}

fn country() -> Country {
    let authority = TestAuthority::new("Test CA");
    let (_, member) = authority.signing("1");
    let (key, certificate) = authority.service(ExtendedKeyUsagePurpose::OcspSigning);
    Country {
        signer: ResponseSigner::new(key, certificate),
        authority,
        member,
    }
}

impl Country {
    fn id(&self, algorithm: CertIdAlgorithm) -> CertId {
        CertId::of(&self.member, &self.authority.certificate, algorithm)
    }

    fn single(&self, status: CertificateStatus) -> SingleStatus {
        SingleStatus {
            cert_id: self.id(CertIdAlgorithm::Sha1),
            status,
            this_update: now(),
            next_update: Some(now().plus(FRESHNESS)),
        }
    }

    fn good(&self) -> Vec<u8> {
        self.signer
            .respond(&[self.single(CertificateStatus::Good)], None, now())
    }

    fn approved(&self) -> CertificationAuthority {
        CertificationAuthority {
            certificate: self.authority.certificate.clone(),
            ocsp_responders: Vec::new(),
        }
    }

    fn verdict(&self, response: &[u8], at: UtcTime) -> Result<UtcTime, OcspError> {
        verify_response(response, &self.member, &self.approved(), FRESHNESS, at)
            .map(|verdict| verdict.this_update)
    }
}

#[test]
fn a_good_response_holds_for_every_digest_and_name() {
    let country = country();
    for responder_id in [ResponderId::ByName, ResponderId::ByKey] {
        let (key, certificate) = country
            .authority
            .service(ExtendedKeyUsagePurpose::OcspSigning);
        let signer = ResponseSigner::new(key, certificate).naming_itself(responder_id);
        for algorithm in CertIdAlgorithm::ALL {
            let cert_id = country.id(algorithm);
            let single = SingleStatus {
                cert_id,
                ..country.single(CertificateStatus::Good)
            };
            let response = signer.respond(&[single], None, now());
            assert_eq!(country.verdict(&response, now()), Ok(now()));
        }
    }
}

#[test]
fn the_status_decides() {
    let country = country();
    let at = now().minus(days(1));
    for reason in [None, Some(1)] {
        let single = country.single(CertificateStatus::Revoked { at, reason });
        let response = country.signer.respond(&[single], None, now());
        assert_eq!(
            country.verdict(&response, now()),
            Err(OcspError::Revoked { at, reason })
        );
    }
    let unknown =
        country
            .signer
            .respond(&[country.single(CertificateStatus::Unknown)], None, now());
    assert_eq!(country.verdict(&unknown, now()), Err(OcspError::Unknown));
}

#[test]
fn age_is_counted_from_this_update_and_bounded_by_next_update() {
    let country = country();
    let second = Duration::from_secs(1);
    let response = |next_update: Option<UtcTime>| {
        let single = SingleStatus {
            next_update,
            ..country.single(CertificateStatus::Good)
        };
        country.signer.respond(&[single], None, now())
    };
    let open = response(None);
    let stale = Err(OcspError::Stale { this_update: now() });
    assert_eq!(country.verdict(&open, now().plus(FRESHNESS)), Ok(now()));
    assert_eq!(
        country.verdict(&open, now().plus(FRESHNESS + second)),
        stale
    );
    let bounded = response(Some(now().plus(second * 10)));
    assert_eq!(
        country.verdict(&bounded, now().plus(second * 10)),
        Ok(now())
    );
    assert_eq!(country.verdict(&bounded, now().plus(second * 11)), stale);
    assert_eq!(country.verdict(&open, now().minus(second * 300)), Ok(now()));
    assert_eq!(
        country.verdict(&open, now().minus(second * 301)),
        Err(OcspError::FromTheFuture { this_update: now() })
    );
}

#[test]
fn a_response_about_another_certificate_is_refused() {
    let country = country();
    let mut params = test_country::signing_params("2");
    params.serial_number = Some(vec![0x55; 8].into());
    let (_, other) = country.authority.issue(&params);
    let id = CertId::of(
        &other,
        &country.authority.certificate,
        CertIdAlgorithm::Sha1,
    );
    let single = SingleStatus {
        cert_id: id,
        ..country.single(CertificateStatus::Good)
    };
    let response = country
        .signer
        .respond(std::slice::from_ref(&single), None, now());
    assert_eq!(
        country.verdict(&response, now()),
        Err(OcspError::WrongCertificate)
    );
    // The same serial number of another issuer is another certificate, too.
    let foreign = TestAuthority::new("Another CA");
    let id = CertId::of(&country.member, &foreign.certificate, CertIdAlgorithm::Sha1);
    let single_of_other = SingleStatus {
        cert_id: id,
        ..single.clone()
    };
    let response = country.signer.respond(&[single_of_other], None, now());
    assert_eq!(
        country.verdict(&response, now()),
        Err(OcspError::WrongCertificate)
    );
    // One among several is found.
    let both = [single, country.single(CertificateStatus::Good)];
    let response = country.signer.respond(&both, None, now());
    assert_eq!(country.verdict(&response, now()), Ok(now()));
}

#[test]
fn only_authorised_responders_count() {
    let country = country();
    let authority = &country.authority;
    let respond = |signer: &ResponseSigner| {
        signer.respond(&[country.single(CertificateStatus::Good)], None, now())
    };
    let refused = Err(OcspError::UnauthorisedResponder);

    let own = ResponseSigner::new(authority.key.clone(), authority.certificate.clone());
    assert_eq!(country.verdict(&respond(&own), now()), Ok(now()));

    let (key, certificate) = authority.service(ExtendedKeyUsagePurpose::TimeStamping);
    let undelegated = ResponseSigner::new(key, certificate);
    assert_eq!(country.verdict(&respond(&undelegated), now()), refused);

    let mut params = test_country::params(&[(DnType::CommonName, "Expired")], &[9]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    params.not_after = now().minus(days(1)).to_offset_date_time();
    let (key, certificate) = authority.issue(&params);
    assert_eq!(
        country.verdict(&respond(&ResponseSigner::new(key, certificate)), now()),
        refused
    );

    // Delegated by an authority of the same name, but not by this one.
    let (key, certificate) =
        TestAuthority::new("Test CA").service(ExtendedKeyUsagePurpose::OcspSigning);
    let foreign = ResponseSigner::new(key, certificate.clone());
    let response = respond(&foreign);
    assert_eq!(country.verdict(&response, now()), refused);
    // Unless the configuration lists it.
    let listed = CertificationAuthority {
        ocsp_responders: vec![certificate],
        ..country.approved()
    };
    let verdict = verify_response(&response, &country.member, &listed, FRESHNESS, now());
    assert_eq!(verdict.map(|verdict| verdict.produced_at), Ok(now()));

    // An authorised name over another's signature.
    let (key, _) = authority.service(ExtendedKeyUsagePurpose::OcspSigning);
    let impostor = ResponseSigner::new(key, country.signer.certificate().clone());
    assert_eq!(
        country.verdict(&respond(&impostor), now()),
        Err(OcspError::BadSignature)
    );
}

#[test]
fn a_responder_with_a_new_key_counts_beside_its_old_certificate() {
    let country = country();
    let service = || {
        country
            .authority
            .service(ExtendedKeyUsagePurpose::OcspSigning)
    };
    let (_, old) = service();
    let (key, new) = service();
    assert_eq!(old.subject_der(), new.subject_der());
    let signer = ResponseSigner::new(key, new).naming_itself(ResponderId::ByName);
    let response = signer.respond(&[country.single(CertificateStatus::Good)], None, now());
    let listed = CertificationAuthority {
        ocsp_responders: vec![old],
        ..country.approved()
    };
    verify_response(&response, &country.member, &listed, FRESHNESS, now()).unwrap();
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let country = country();
    let response = country.good();
    for at in 0..response.len() {
        let mut changed = response.clone();
        changed[at] ^= 1;
        assert!(country.verdict(&changed, now()).is_err(), "byte {at}");
    }
    for length in 0..response.len() {
        assert!(
            country.verdict(&response[..length], now()).is_err(),
            "length {length}"
        );
    }
    let mut longer = response;
    longer.push(0);
    let trailing = OcspError::Malformed(DerError::TrailingBytes);
    assert_eq!(country.verdict(&longer, now()), Err(trailing));
}

#[test]
fn error_statuses_are_told_apart() {
    let country = country();
    assert_eq!(
        error_response(ErrorStatus::MalformedRequest),
        [0x30, 3, 0x0a, 1, 1]
    );
    let response = error_response(ErrorStatus::Unauthorized);
    assert_eq!(
        country.verdict(&response, now()),
        Err(OcspError::NotSuccessful(6))
    );
}

#[test]
fn requests_are_read_back() {
    let country = country();
    let bytes = request(&country.member, &country.authority.certificate);
    let parsed = parse_request(&bytes).unwrap();
    assert_eq!(parsed.certificates, [country.id(CertIdAlgorithm::Sha1)]);
    assert_eq!(parsed.nonce, None);
    assert!(parsed.certificates[0].names(&country.member, &country.authority.certificate));

    let ids = [
        country.id(CertIdAlgorithm::Sha256),
        country.id(CertIdAlgorithm::Sha512),
    ];
    let bytes = request_for(&ids, Some(&[7; 128]));
    let parsed = parse_request(&bytes).unwrap();
    assert_eq!(parsed.certificates, ids);
    assert_eq!(parsed.nonce.as_deref(), Some(&[7; 128][..]));

    let response = country.signer.respond(
        &[country.single(CertificateStatus::Good)],
        parsed.nonce.as_deref(),
        now(),
    );
    assert_eq!(nonce_of(&response), Ok(Some(vec![7; 128])));
    assert_eq!(country.verdict(&response, now()), Ok(now()));
}

#[test]
fn impossible_requests_are_refused() {
    let country = country();
    let id = country.id(CertIdAlgorithm::Sha1);
    let many = vec![id.clone(); super::MAX_CERTIFICATES + 1];
    assert_eq!(
        parse_request(&request_for(&[], None)),
        Err(RequestError::CertificateCount(0))
    );
    assert_eq!(
        parse_request(&request_for(&many, None)),
        Err(RequestError::CertificateCount(65))
    );
    assert!(parse_request(&request_for(&many[1..], None)).is_ok());
    for octets in [0, 129] {
        let nonce = vec![7; octets];
        let refused = RequestError::Malformed(DerError::BadValue("a nonce"));
        let bytes = request_for(std::slice::from_ref(&id), Some(&nonce));
        assert_eq!(parse_request(&bytes), Err(refused), "{octets} octets");
    }
    let mut trailing = request_for(&[id], None);
    trailing.push(0);
    assert_eq!(
        parse_request(&trailing),
        Err(RequestError::Malformed(DerError::TrailingBytes))
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_without_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        replacement in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        thread_local! {
            static COUNTRY: Country = country();
        }
        COUNTRY.with(|country| {
            prop_assert!(parse_request(&bytes).is_err());
            prop_assert!(country.verdict(&bytes, now()).is_err());
            // And what is nearly right, so that more than the first field is reached.
            let mut request = request(&country.member, &country.authority.certificate);
            let mut response = country.good();
            for nearly in [&mut request, &mut response] {
                let at = at.index(nearly.len());
                let end = (at + replacement.len()).min(nearly.len());
                nearly.splice(at..end, replacement.iter().copied());
            }
            if let Ok(parsed) = parse_request(&request) {
                prop_assert_eq!(request_for(&parsed.certificates, parsed.nonce.as_deref()), request);
            }
            country.verdict(&response, now()).ok();
            Ok(())
        })?;
    }
}
