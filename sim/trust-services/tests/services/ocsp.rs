//! What the OCSP responder answers, asked by `openssl ocsp` and by hand.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sim_clock::Clock;
use sim_evidence::certificate::Certificate;
use sim_evidence::ocsp::{
    self, CertId, CertIdAlgorithm, ErrorStatus, OcspError, error_response, verify_response,
};
use sim_trust_services::{Profile, enrolment};

use crate::country::{Country, TOKEN, http};

const HOUR: Duration = Duration::from_secs(3600);

/// Asks as X-Road does: POST, SHA-1, no nonce.
fn asked_by_post(address: std::net::SocketAddr, request: &[u8]) -> Vec<u8> {
    let content_type = [("content-type", "application/ocsp-request")];
    let (head, body) = http(address, "POST /", &content_type, request);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("content-type: application/ocsp-response"),
        "{head}"
    );
    body
}

#[test]
fn openssl_gets_good_revoked_and_unknown() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let (_, revoked) = country.enrol(Profile::Authentication);
    country.enrol(Profile::Signing);
    let url = &country.ca.ready.url;
    country
        .wait(enrolment::revoke(url, TOKEN, &revoked, Some(1)))
        .unwrap();

    for digest in ["-sha1", "-sha256", "-sha384", "-sha512"] {
        for nonce in ["-nonce", "-no_nonce"] {
            let ask = |what: &str| {
                let said = country.openssl(&format!(
                    "ocsp {digest} -issuer ca.pem {what} -url {} -CAfile ca.pem {nonce}",
                    ocsp.ready.url
                ));
                said.accepts("Response verify OK");
                // OpenSSL warns of a response that does not repeat its nonce.
                assert!(!said.text.contains("WARNING"), "{}", said.text);
                said
            };
            ask("-cert signing.pem").accepts("signing.pem: good");
            ask("-serial 0x1234").accepts("0x1234: unknown");
            let said = ask("-cert authentication.pem");
            said.accepts("authentication.pem: revoked");
            said.accepts("Reason: keyCompromise");
        }
    }
    let summary = ocsp.stop(&country.runtime);
    assert_eq!(
        (
            summary.good,
            summary.revoked,
            summary.unknown,
            summary.errors
        ),
        (8, 8, 8, 0)
    );
}

#[test]
fn several_certificates_may_be_asked_for_at_once() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    country.enrol(Profile::Signing);
    country.enrol(Profile::Authentication);
    let said = country.openssl(&format!(
        "ocsp -issuer ca.pem -cert signing.pem -cert authentication.pem -url {} -CAfile ca.pem",
        ocsp.ready.url
    ));
    said.accepts("Response verify OK");
    said.accepts("signing.pem: good");
    said.accepts("authentication.pem: good");
}

#[test]
fn get_answers_can_be_cached_and_stored() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|config| config.cache_s = 77);
    let (_, certificate) = country.enrol(Profile::Signing);
    let ca = country.ca_certificate();
    let request = STANDARD.encode(ocsp::request(&certificate, &ca));
    // Clients differ in what they encode.
    for path in [
        request.clone(),
        utf8_percent_encode(&request, NON_ALPHANUMERIC).to_string(),
    ] {
        let (head, body) = http(ocsp.ready.listen, &format!("GET /{path}"), &[], b"");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(
            head.contains("cache-control: max-age=77, public, no-transform, must-revalidate"),
            "{head}"
        );
        assert!(
            head.contains("\r\nexpires: ") && head.contains("\r\nlast-modified: "),
            "{head}"
        );
        country.write("o.der", &body);
        let stored = "ocsp -respin o.der -issuer ca.pem -cert signing.pem -CAfile ca.pem -no_nonce";
        country.openssl(stored).accepts("signing.pem: good");
        let now = Clock::wall().now();
        verify_response(&body, &certificate, &country.approved(), HOUR, now).unwrap();
    }
}

#[test]
fn a_nonce_is_repeated_and_not_cached() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let (_, certificate) = country.enrol(Profile::Signing);
    let id = CertId::of(
        &certificate,
        &country.ca_certificate(),
        CertIdAlgorithm::Sha256,
    );
    let request = ocsp::request_for(&[id], Some(b"a nonce of the tests"));
    let path = utf8_percent_encode(&STANDARD.encode(request), NON_ALPHANUMERIC).to_string();
    let (head, body) = http(ocsp.ready.listen, &format!("GET /{path}"), &[], b"");
    assert!(head.contains("cache-control: no-store"), "{head}");
    assert_eq!(
        ocsp::nonce_of(&body).unwrap().unwrap(),
        b"a nonce of the tests"
    );
}

#[test]
fn openssl_refuses_changed_responses() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let (_, certificate) = country.enrol(Profile::Signing);
    let ca = country.ca_certificate();
    let response = asked_by_post(ocsp.ready.listen, &ocsp::request(&certificate, &ca));
    let stored = "ocsp -respin o.der -issuer ca.pem -cert signing.pem -CAfile ca.pem -no_nonce";
    country.write("o.der", &response);
    country.openssl(stored).accepts("Response verify OK");
    // In the signed data, and in the signature after it.
    let serial = certificate.serial_bytes();
    let in_data = response
        .windows(serial.len())
        .position(|window| window == serial)
        .unwrap();
    let enclosed = Certificate::from_pem(&ocsp.ready.certificate_pem).unwrap();
    let in_signature = response.len() - enclosed.der().len() - 20;
    for at in [in_data, in_signature] {
        let mut changed = response.clone();
        changed[at] ^= 1;
        country.write("o.der", &changed);
        country.openssl(stored).refuses("Response Verify Failure");
        let now = Clock::wall().now();
        assert!(verify_response(&changed, &certificate, &country.approved(), HOUR, now).is_err());
    }
}

#[test]
fn what_cannot_be_answered_gets_an_error_status() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let (_, certificate) = country.enrol(Profile::Signing);
    let request = ocsp::request(&certificate, &country.ca_certificate());
    let mut trailing = request.clone();
    trailing.push(0);
    let foreign = ocsp::request(&certificate, &certificate);
    let cases = [
        (trailing, ErrorStatus::MalformedRequest),
        (b"no request".to_vec(), ErrorStatus::MalformedRequest),
        (Vec::new(), ErrorStatus::MalformedRequest),
        (foreign, ErrorStatus::Unauthorized),
    ];
    for (request, status) in cases {
        assert_eq!(
            asked_by_post(ocsp.ready.listen, &request),
            error_response(status)
        );
    }
    let (_, body) = http(ocsp.ready.listen, "GET /not*base64", &[], b"");
    assert_eq!(body, error_response(ErrorStatus::MalformedRequest));
    let (head, _) = http(
        ocsp.ready.listen,
        "POST /",
        &[("content-type", "text/plain")],
        &request,
    );
    assert!(head.starts_with("http/1.1 415"), "{head}");

    let (runtime, _folder, _) = country.stop_ca();
    let down = asked_by_post(ocsp.ready.listen, &request);
    assert_eq!(down, error_response(ErrorStatus::TryLater));
    assert_eq!(ocsp.stop(&runtime).errors, 6);
}

#[test]
fn revocation_shows_in_the_next_response_and_a_slow_clock_in_every_one() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let slow = country.start_ocsp(|config| config.clock_offset_ms = -2 * 3_600_000);
    let (_, certificate) = country.enrol(Profile::Signing);
    let request = ocsp::request(&certificate, &country.ca_certificate());
    let verdict = |address| {
        let response = asked_by_post(address, &request);
        let now = Clock::wall().now();
        verify_response(&response, &certificate, &country.approved(), HOUR, now)
    };
    verdict(ocsp.ready.listen).unwrap();
    // By its own clock the slow responder's certificate is not valid yet, but that does not count.
    assert!(matches!(
        verdict(slow.ready.listen),
        Err(OcspError::Stale { .. })
    ));
    let url = &country.ca.ready.url;
    country
        .wait(enrolment::revoke(url, TOKEN, &certificate, None))
        .unwrap();
    assert!(matches!(
        verdict(ocsp.ready.listen),
        Err(OcspError::Revoked { reason: None, .. })
    ));
}
