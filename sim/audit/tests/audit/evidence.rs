//! Evidence that is wrong in one place only: each must be refused, for the right reason.

use std::time::Duration;

use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_evidence::ocsp::CertificateStatus;
use sim_evidence::signature::MemberSigner;
use sim_evidence::time_stamp::TokenSigner;
use sim_metrics::AuditResult;

use crate::assert_findings;
use crate::country::{
    Authority, Country, Member, lax_purpose, now, params, signing_params, status,
};
use crate::forge::{Chain, Entry, Run, Stamp, stray_token};

/// The request of one exchange, signed anew in the consumer's log.
fn resigned(country: &Country, member: &Member, at: UtcTime) -> AuditResult {
    let mut run = Run::genuine(country);
    let message = run.find(0, "run-3", 0).1.clone();
    let signed = run.sign(member, vec![message], at);
    let (place, message) = run.find(0, "run-3", 0);
    *message = signed[0].clone();
    run.logs[0].insert(place, Entry::Document(signed[0].document));
    run.audit(country)
}

/// The document of the first batch, altered as text, in both logs.
fn altered(country: &Country, from: &str, to: &str) -> AuditResult {
    let mut run = Run::genuine(country);
    let text = String::from_utf8(run.documents[0].clone()).unwrap();
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{from}");
    run.documents[0] = changed.into_bytes();
    run.audit(country)
}

/// Counts of a run in which one message's signature is worthless.
fn assert_one_unproven(result: &AuditResult, kind: &str) {
    assert_findings(result, &[(kind, 1)]);
    assert_eq!(
        (result.unproven, result.verified),
        (1, result.exchanges - 1)
    );
}

/// Counts of a run in which the first batch's signature is worthless in both logs.
fn assert_batch_unproven(result: &AuditResult, kind: &str) {
    assert_findings(result, &[(kind, 2)]);
    assert_eq!(
        (result.unproven, result.verified),
        (7, result.exchanges - 7)
    );
}

#[test]
fn a_fresh_signature_is_as_good_as_the_first() {
    let country = Country::new();
    let member = country.member(&signing_params("8", 18));
    assert!(resigned(&country, &member, now()).is_clean());
}

#[test]
fn any_other_form_of_the_same_signature_is_read() {
    let country = Country::new();
    // What is not signed may look as it likes, and canonical form forgives what it forgives.
    let result = altered(
        &country,
        "<xades:UnsignedProperties>",
        "<xades:UnsignedProperties >\n ",
    );
    assert!(result.is_clean(), "{result:#?}");
    let result = altered(&country, "<ds:SignedInfo>", "<ds:SignedInfo >");
    assert!(result.is_clean(), "{result:#?}");
    let result = altered(
        &country,
        "#ecdsa-sha512\"></ds:SignatureMethod>",
        "#ecdsa-sha512\" />",
    );
    assert!(result.is_clean(), "{result:#?}");
}

#[test]
fn signature_documents_are_refused_for_any_change() {
    let country = Country::new();
    for (from, to) in [
        ("<ds:SignedInfo>", "<ds:SignedInfo> "),
        ("<xades:SigningTime>2026", "<xades:SigningTime>2027"),
        (
            "urn:oid:1.3.6.1.4.1.3516.16.2",
            "urn:oid:1.3.6.1.4.1.3516.16.3",
        ),
        ("Target=\"#signature\"", "Target=\"#other\""),
        ("#ecdsa-sha512\"", "#rsa-sha512\""),
        ("/sig-hashchainresult.xml", "/another.xml"),
        (
            "Type=\"http://uri.etsi.org/01903#SignedProperties\"",
            "Type=\"other\"",
        ),
        ("Id=\"signature-value\">", "Id=\"signature-value\">AA"),
        ("<ds:KeyInfo>", "<ds:KeyInfo Id=\"signed-properties\">"),
        ("<asic:", "<!DOCTYPE x><asic:"),
        ("</asic:XAdESSignatures>", ""),
        ("xmlns:xsi=", "xmlns:zzz="),
    ] {
        let result = altered(&country, from, to);
        assert_batch_unproven(&result, "signature-invalid");
    }
}

#[test]
fn a_signature_by_another_key_than_the_certificates_is_refused() {
    let country = Country::new();
    let certificate = country.consumer.signer.certificate().clone();
    let key = SigningKey::generate().unwrap();
    let ocsp = country.consumer.ocsp.clone();
    let member = Member {
        signer: MemberSigner::new(key, certificate),
        ocsp,
    };
    assert_one_unproven(&resigned(&country, &member, now()), "signature-invalid");
}

#[test]
fn a_direct_signature_covers_no_body() {
    let country = Country::new();
    let mut run = Run::genuine(&country);
    let mut bare = run.find(0, "run-3", 0).1.clone();
    let body = bare.body.take();
    let mut signed = run.sign(&country.consumer, vec![bare], now());
    assert!(matches!(signed[0].chain, Chain::None));
    signed[0].body = body;
    let (place, message) = run.find(0, "run-3", 0);
    *message = signed[0].clone();
    run.logs[0].insert(place, Entry::Document(signed[0].document));
    assert_one_unproven(&run.audit(&country), "hash-chain");
}

#[test]
fn certificates_must_be_issued_valid_and_meant_for_signing() {
    let country = Country::new();
    let stranger = Authority::new();
    let (key, certificate) = stranger.issue(&signing_params("8", 18));
    let ocsp = country.status_of(&certificate, CertificateStatus::Good, now());
    let member = Member {
        signer: MemberSigner::new(key, certificate),
        ocsp,
    };
    assert_one_unproven(&resigned(&country, &member, now()), "certificate-invalid");

    let mut expired = signing_params("8", 19);
    expired.not_after = now().minus(Duration::from_secs(1)).to_offset_date_time();
    let mut future = signing_params("8", 20);
    future.not_before = now().plus(Duration::from_secs(1)).to_offset_date_time();
    let mut for_tls = signing_params("8", 21);
    for_tls.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let mut nobody = params(&[(DnType::CommonName, "8")], 22);
    nobody.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    for params in [expired, future, for_tls, nobody] {
        let member = country.member(&params);
        assert_one_unproven(&resigned(&country, &member, now()), "certificate-invalid");
    }
}

#[test]
fn ocsp_responses_must_be_of_the_certificate_good_and_fresh() {
    let country = Country::new();
    let (key, certificate) = country.authority.issue(&signing_params("8", 18));
    let with = |ocsp: Vec<u8>| {
        let signer = MemberSigner::new(key.clone(), certificate.clone());
        resigned(&country, &Member { signer, ocsp }, now())
    };
    let good = |at| country.status_of(&certificate, CertificateStatus::Good, at);
    assert!(with(good(now().minus(Duration::from_secs(3_500)))).is_clean());
    let stale = good(now().minus(Duration::from_secs(3_700)));
    assert_one_unproven(&with(stale), "ocsp-invalid");
    let later = good(now().plus(Duration::from_secs(60)));
    assert_one_unproven(&with(later), "ocsp-invalid");
    assert_one_unproven(&with(country.consumer.ocsp.clone()), "ocsp-invalid");
    assert_one_unproven(&with(vec![0x30, 0x03, 0x0a, 0x01, 0x03]), "ocsp-invalid");
    let unknown = country.status_of(&certificate, CertificateStatus::Unknown, now());
    assert_one_unproven(&with(unknown), "ocsp-invalid");
    let revoked = CertificateStatus::Revoked {
        at: now(),
        reason: None,
    };
    let revoked = country.status_of(&certificate, revoked, now());
    assert_one_unproven(&with(revoked), "certificate-revoked");
    let mut changed = good(now());
    let place = changed.len() / 4;
    changed[place] ^= 1;
    assert_one_unproven(&with(changed), "ocsp-invalid");
}

#[test]
fn only_authorised_responders_are_believed() {
    let country = Country::new();
    let (key, certificate) = country.authority.issue(&signing_params("8", 18));
    let with = |ocsp: Vec<u8>| {
        let signer = MemberSigner::new(key.clone(), certificate.clone());
        resigned(&country, &Member { signer, ocsp }, now())
    };
    let by = |responder: &sim_evidence::ocsp::ResponseSigner| {
        status(
            responder,
            &country.authority,
            &certificate,
            CertificateStatus::Good,
            now(),
        )
    };
    assert!(
        with(by(&country.authority.responder())).is_clean(),
        "delegated by the authority"
    );
    let foreign = Authority::new().responder();
    assert_one_unproven(&with(by(&foreign)), "ocsp-invalid");
    let (own_key, own) = country.authority.issue(&signing_params("8", 30));
    let member = sim_evidence::ocsp::ResponseSigner::new(own_key, own);
    assert_one_unproven(&with(by(&member)), "ocsp-invalid");
}

/// The consumer's last token, made otherwise.
fn restamped(country: &Country, stamp: Stamp) -> AuditResult {
    let mut run = Run::genuine(country);
    *run.logs[0].last_mut().unwrap() = Entry::Stamp(stamp);
    run.audit(country)
}

#[test]
fn tokens_must_be_by_an_approved_authority_and_in_time() {
    let country = Country::new();
    let token = |signer: &TokenSigner| Stamp {
        token: Some(stray_token(signer)),
        ..Stamp::default()
    };
    let result = restamped(&country, token(&country.time_stamper));
    assert_findings(&result, &[("token-of-another-batch", 1)]);
    let result = restamped(&country, token(&Authority::new().time_stamper()));
    assert_findings(&result, &[("time-stamp-invalid", 1)]);
    let early = Stamp {
        at: Some(now().minus(Duration::from_secs(60))),
        ..Stamp::default()
    };
    assert_findings(
        &restamped(&country, early),
        &[("time-stamp-before-signature", 1)],
    );
    let later = Stamp {
        at: Some(now().plus(Duration::from_secs(60))),
        ..Stamp::default()
    };
    assert!(restamped(&country, later).is_clean());
    let outlived = now().plus(Duration::from_secs(101 * 24 * 60 * 60));
    let late = Stamp {
        at: Some(outlived),
        ..Stamp::default()
    };
    assert_findings(&restamped(&country, late), &[("time-stamp-invalid", 1)]);
}

#[test]
fn an_authority_whose_certificate_is_for_anything_is_refused() {
    let mut country = Country::new();
    let mut params = params(&[(DnType::CommonName, "TSA")], 3);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    lax_purpose(&mut params, ExtendedKeyUsagePurpose::TimeStamping);
    let (key, certificate) = country.authority.issue(&params);
    country.time_stamper = TokenSigner::new(key, certificate);
    let result = Run::genuine(&country).audit(&country);
    assert_findings(&result, &[("time-stamp-invalid", 4)]);
    assert_eq!((result.unproven, result.unstamped), (result.exchanges, 0));
}

#[test]
fn every_changed_byte_of_a_token_is_found() {
    let country = Country::new();
    let token = stray_token(&country.time_stamper);
    for place in (0..token.len()).step_by(token.len() / 12) {
        let mut changed = token.clone();
        changed[place] ^= 0x10;
        let result = restamped(
            &country,
            Stamp {
                token: Some(changed),
                ..Stamp::default()
            },
        );
        assert!(!result.is_clean(), "byte {place}");
        assert_eq!(
            result.findings.len(),
            1,
            "byte {place}: {:?}",
            result.findings
        );
    }
}

#[test]
fn batches_must_follow_one_another_and_count_right() {
    let country = Country::new();
    let result = restamped(
        &country,
        Stamp {
            count_more: 1,
            ..Stamp::default()
        },
    );
    assert_findings(&result, &[("time-stamp-batches", 1)]);
    let result = restamped(
        &country,
        Stamp {
            first_more: 1,
            ..Stamp::default()
        },
    );
    assert!(
        result.findings.contains_key("time-stamp-batches"),
        "{:?}",
        result.findings
    );
    assert!(!result.is_clean());
}

#[test]
fn trust_that_cannot_be_read_is_an_error() {
    let country = Country::new();
    let run = Run::genuine(&country);
    let folder = tempfile::tempdir().unwrap();
    run.write(&country, folder.path());
    std::fs::write(folder.path().join("trust/ca.pem"), "nothing").unwrap();
    let error = sim_audit::audit(folder.path(), &run.plan(), &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("ca.pem"), "{error}");
    assert!(Certificate::from_pem("nothing").is_err());
}
