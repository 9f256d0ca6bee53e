//! DER: the reader itself, certificates, OCSP and time-stamp messages.
#![no_main]

use benches::country::NOW;
use fuzz::VALID;
use libfuzzer_sys::fuzz_target;
use sim_evidence::certificate::Certificate;
use sim_evidence::der_reader::DerReader;
use sim_evidence::{ocsp, time_stamp};

fuzz_target!(|data: &[u8]| {
    walk(data, 0);
    read_all(data);
    let country = &VALID.country;
    let certificate = country.signer.certificate();
    read_all(&fuzz::edited(certificate.der(), data));

    let response = fuzz::edited(&country.ocsp_response, data);
    read_all(&response);
    let authority = &country.anchors.certification_authorities[0];
    let freshness = country.anchors.ocsp_freshness;
    let verdict = ocsp::verify_response(&response, certificate, authority, freshness, NOW);
    assert_eq!(verdict.is_ok(), response == country.ocsp_response);

    let response = fuzz::edited(&VALID.time_stamp_response, data);
    read_all(&response);
    let token = time_stamp::token_of_response(&VALID.time_stamp_response);
    let token = token.expect("it grants a time-stamp");
    let changed = fuzz::edited(&token, data);
    let authorities = [VALID.stamper.certificate().clone()];
    let verdict = time_stamp::verify_token(&changed, &VALID.imprint, &authorities);
    assert_eq!(verdict.is_ok(), changed == token);
});

fn read_all(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::parse(bytes.to_vec()) {
        assert_eq!(certificate.der().as_ref(), bytes);
        let _ = (certificate.subject_member(), certificate.subject_rfc2253());
        let _ = (certificate.serial_decimal(), certificate.can_sign_ocsp());
        let _ = time_stamp::with_certificate(bytes, &certificate);
    }
    let _ = ocsp::parse_request(bytes);
    let _ = ocsp::nonce_of(bytes);
    let _ = time_stamp::parse_request(bytes);
    let _ = time_stamp::facts(bytes);
    let _ = time_stamp::token_of_response(bytes);
    let _ = time_stamp::with_certificate(bytes, VALID.stamper.certificate());
}

/// Reads every element, and those within it, as everything that it could be.
fn walk(bytes: &[u8], depth: u32) {
    let mut reader = DerReader::new(bytes);
    while !reader.is_empty() {
        let before = reader.remaining().len();
        let mut as_time = reader.clone();
        let _ = as_time.generalized_time();
        let _ = reader.clone().oid();
        let _ = reader.clone().integer(20);
        let _ = reader.clone().bit_string();
        let _ = reader.clone().algorithm();
        let Ok(element) = reader.any() else {
            return;
        };
        assert!(reader.remaining().len() < before);
        if depth < 8 {
            walk(element.contents, depth + 1);
        }
    }
}
