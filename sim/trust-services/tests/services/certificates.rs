//! What the authority issues, and what it refuses to.

use std::os::unix::fs::PermissionsExt;

use sim_clock::{Clock, UtcTime};
use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::{Certificate, PathError, TrustAnchors, verify_path};
use sim_evidence::keys::SigningKey;
use sim_trust_services::Profile;
use sim_trust_services::authority::Status;
use sim_trust_services::enrolment::{self, EnrolmentError, Period};

use crate::country::{Country, TOKEN, http, member};

#[test]
fn openssl_accepts_every_profile_for_its_purpose_only() {
    let country = Country::new();
    let _ocsp = country.start_ocsp(|_| {});
    let cases = [
        (
            Profile::Authentication,
            &["sslclient", "sslserver"][..],
            "timestampsign",
        ),
        (Profile::Signing, &["any"], "sslclient"),
        (Profile::OcspResponder, &["ocsphelper"], "sslserver"),
        (Profile::TimeStamping, &["timestampsign"], "sslclient"),
    ];
    for (profile, purposes, wrong) in cases {
        country.enrol(profile);
        let verify = |purpose: &str| {
            country.openssl(&format!(
                "verify -x509_strict -CAfile ca.pem -purpose {purpose} {profile}.pem"
            ))
        };
        for purpose in purposes {
            verify(purpose).accepts("OK");
        }
        verify(wrong).refuses("purpose");
    }
}

#[test]
fn extensions_are_those_of_the_profile() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let cases: [(Profile, &[&str], &[&str]); 4] = [
        (
            Profile::Signing,
            &["Key Usage: critical\n    Non Repudiation\n"],
            &["Extended Key Usage"],
        ),
        (
            Profile::Authentication,
            &[
                "Key Usage: critical\n    Digital Signature, Key Encipherment, Data Encipherment, Key Agreement\n",
                "Extended Key Usage: \n    TLS Web Client Authentication, TLS Web Server Authentication\n",
            ],
            &[],
        ),
        (
            Profile::OcspResponder,
            &[
                "Extended Key Usage: critical\n    OCSP Signing\n",
                "OCSP No Check:",
            ],
            &[],
        ),
        (
            Profile::TimeStamping,
            &[
                "Key Usage: critical\n    Digital Signature\n",
                "Extended Key Usage: critical\n    Time Stamping\n",
            ],
            &["OCSP No Check"],
        ),
    ];
    for (profile, present, absent) in cases {
        let (_, certificate) = country.enrol(profile);
        assert_eq!(certificate.subject_member(), Some(member()), "{profile}");
        assert_eq!(certificate.serial_bytes().len(), 16, "{profile}");
        let said = country.openssl(&format!(
            "x509 -noout -in {profile}.pem -ext keyUsage,extendedKeyUsage,noCheck,basicConstraints,\
             authorityInfoAccess,subjectKeyIdentifier,authorityKeyIdentifier"
        ));
        for words in [
            "CA:FALSE",
            "Subject Key Identifier",
            "Authority Key Identifier",
        ] {
            said.accepts(words);
        }
        said.accepts(&format!("OCSP - URI:{}", ocsp.ready.url));
        for words in present {
            said.accepts(words);
        }
        for words in absent {
            assert!(!said.text.contains(words), "{profile}: {}", said.text);
        }
    }
}

#[test]
fn a_changed_certificate_is_refused() {
    let country = Country::new();
    let (_, certificate) = country.enrol(Profile::Signing);
    let mut der = certificate.der().to_vec();
    let code = der
        .windows(8)
        .position(|window| window == b"70000310")
        .unwrap();
    der[code] = b'8';
    let changed = Certificate::parse(der).unwrap();
    country.write("changed.pem", changed.to_pem().as_bytes());
    country
        .openssl("verify -x509_strict -CAfile ca.pem signing.pem")
        .accepts("OK");
    country
        .openssl("verify -x509_strict -CAfile ca.pem changed.pem")
        .refuses("signature failure");
    assert!(!changed.is_issued_by(&country.ca_certificate()));
}

#[test]
fn requests_are_refused_with_a_reason() {
    let country = Country::new();
    let url = country.ca.ready.url.clone();
    let key = SigningKey::generate().unwrap();
    let good = enrolment::member_request(&key, &member()).unwrap();
    let foreign =
        enrolment::member_request(&key, &MemberId::new("FI", "GOV", "1").unwrap()).unwrap();
    let mut trailing = good.clone();
    trailing.push(0);
    let mut forged = good.clone();
    let code = forged
        .windows(8)
        .position(|window| window == b"70000310")
        .unwrap();
    forged[code] = b'8';
    let service = enrolment::service_request(&key, "TSA").unwrap();
    let cases = [
        ("another token", good.clone(), 401, "enrolment token"),
        (TOKEN, forged, 422, "signature"),
        (TOKEN, trailing, 422, "bytes follow"),
        (TOKEN, b"no request".to_vec(), 422, "signing request"),
        (TOKEN, foreign, 422, "member of EE"),
        (TOKEN, service, 422, "member of EE"),
        (TOKEN, vec![0x30; 20_000], 413, ""),
    ];
    for (token, request, wanted, words) in cases {
        let asked = enrolment::request_certificate(&url, token, Profile::Signing, request);
        match country.wait(asked) {
            Err(EnrolmentError::Refused { status, message }) => {
                assert_eq!(status.as_u16(), wanted, "{message}");
                assert!(message.contains(words), "{message}");
            }
            other => panic!("wanted {wanted} {words}: {other:?}"),
        }
    }
    let (head, body) = http(
        country.ca.ready.listen,
        "POST /certificates/root",
        &[("authorization", &format!("Bearer {TOKEN}"))],
        &good,
    );
    assert!(head.starts_with("http/1.1 404"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("ocsp-responder"));
    assert_eq!(country.stop_ca().2.issued, 0);
}

#[test]
fn a_period_can_be_asked_for() {
    let country = Country::new();
    let now = Clock::wall().now();
    let hour = std::time::Duration::from_secs(3600);
    let ask = |not_before: UtcTime, not_after: UtcTime| {
        let csr = enrolment::member_request(&SigningKey::generate().unwrap(), &member()).unwrap();
        country.wait(enrolment::request_certificate_for(
            &country.ca.ready.url,
            TOKEN,
            Profile::Signing,
            csr,
            Period {
                not_before,
                not_after,
            },
        ))
    };
    let anchors = TrustAnchors {
        certification_authorities: vec![country.approved()],
        time_stamping_authorities: Vec::new(),
        ocsp_freshness: hour,
    };
    let expired = ask(now.minus(hour * 2), now.minus(hour)).unwrap();
    let early = ask(now.plus(hour), now.plus(hour * 2)).unwrap();
    for (der, words) in [(expired, "has expired"), (early, "not yet valid")] {
        let certificate = Certificate::parse(der).unwrap();
        country.write("odd.pem", certificate.to_pem().as_bytes());
        country
            .openssl("verify -CAfile ca.pem odd.pem")
            .refuses(words);
        let path: Result<_, PathError> = verify_path(&certificate, &anchors, now);
        assert!(path.is_err());
        let middle = certificate.not_before().plus(hour / 2);
        assert!(verify_path(&certificate, &anchors, middle).is_ok());
    }
    let backwards = ask(now, now.minus(hour));
    assert!(matches!(backwards, Err(EnrolmentError::Refused { status, .. }) if status == 422));
}

#[test]
fn key_and_register_survive_a_restart() {
    let mut country = Country::new();
    let first = country.ca.ready.certificate_pem.clone();
    let (_, good) = country.enrol(Profile::Signing);
    let (_, bad) = country.enrol(Profile::Authentication);
    let url = country.ca.ready.url.clone();
    let refused = country.wait(enrolment::revoke(&url, "another token", &bad, None));
    assert!(matches!(refused, Err(EnrolmentError::Refused { status, .. }) if status == 401));
    let revoked = country
        .wait(enrolment::revoke(&url, TOKEN, &bad, Some(1)))
        .unwrap();
    assert!(
        matches!(
            revoked,
            Status::Revoked {
                reason: Some(1),
                ..
            }
        ),
        "{revoked:?}"
    );

    let summary = country.restart_ca();
    assert_eq!((summary.issued, summary.revoked), (2, 1));
    assert_eq!(country.ca.ready.certificate_pem, first);
    let status = |serial: &[u8]| {
        country
            .wait(enrolment::certificate_status(&country.ca.ready.url, serial))
            .unwrap()
    };
    assert_eq!(status(good.serial_bytes()), Status::Good);
    assert_eq!(status(bad.serial_bytes()), revoked);
    assert_eq!(status(&[0x55; 16]), Status::Unknown);
    let unknown = country.ca_certificate();
    let refused = country.wait(enrolment::revoke(
        &country.ca.ready.url,
        TOKEN,
        &unknown,
        None,
    ));
    assert!(matches!(refused, Err(EnrolmentError::Refused { status, .. }) if status == 404));

    let (_, after) = country.enrol(Profile::TimeStamping);
    assert!(after.is_issued_by(&Certificate::from_pem(&first).unwrap()));
    let mode = std::fs::metadata(country.path("ca/ca.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
