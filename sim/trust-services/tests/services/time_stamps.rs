//! What the time-stamping authority answers, asked by `openssl ts` and by hand.

use std::net::SocketAddr;
use std::time::Duration;

use sim_clock::Clock;
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::time_stamp::{
    self, FailInfo, Imprint, ImprintAlgorithm, TimeStampError, TimeStampRequest, facts,
    token_of_response, verify_token, with_certificate,
};

use crate::country::{Country, http};

fn asked(address: SocketAddr, query: &[u8]) -> Vec<u8> {
    let content_type = [("content-type", "application/timestamp-query")];
    let (head, body) = http(address, "POST /", &content_type, query);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("content-type: application/timestamp-reply"),
        "{head}"
    );
    body
}

#[test]
fn openssl_verifies_the_whole_exchange() {
    let country = Country::new();
    let tsa = country.start_tsa(|_| {});
    country.write("data", b"what was there at that time");
    country.write("other", b"what was not there at that time");
    for digest in ["-sha256", "-sha384", "-sha512"] {
        for (certificate, untrusted) in [("-cert", ""), ("", "-untrusted tsa.pem")] {
            for nonce in ["", "-no_nonce"] {
                let query =
                    format!("ts -query -data data {digest} {certificate} {nonce} -out q.tsq");
                country.openssl(&query).accepts("");
                let reply = asked(tsa.ready.listen, &country.read("q.tsq"));
                country.write("r.tsr", &reply);
                let verify = format!("ts -verify -in r.tsr -CAfile ca.pem {untrusted}");
                country
                    .openssl(&format!("{verify} -queryfile q.tsq"))
                    .accepts("Verification: OK");
                country
                    .openssl(&format!("{verify} -data data"))
                    .accepts("Verification: OK");
                country
                    .openssl(&format!("{verify} -data other"))
                    .refuses("message imprint mismatch");

                let mut changed = reply;
                let last = changed.len() - 1;
                changed[last] ^= 1;
                country.write("r.tsr", &changed);
                country
                    .openssl(&format!("{verify} -queryfile q.tsq"))
                    .refuses("Verification: FAILED");
            }
        }
    }
    assert_eq!(tsa.stop(&country.runtime).granted, 12);
}

#[test]
fn another_nonce_is_noticed() {
    let country = Country::new();
    let tsa = country.start_tsa(|_| {});
    country.write("data", b"data");
    country
        .openssl("ts -query -data data -sha256 -cert -out q.tsq")
        .accepts("");
    country
        .openssl("ts -query -data data -sha256 -cert -out q2.tsq")
        .accepts("");
    country.write("r.tsr", &asked(tsa.ready.listen, &country.read("q.tsq")));
    country
        .openssl("ts -verify -in r.tsr -CAfile ca.pem -queryfile q.tsq")
        .accepts("OK");
    country
        .openssl("ts -verify -in r.tsr -CAfile ca.pem -queryfile q2.tsq")
        .refuses("nonce");
}

#[test]
fn the_cheap_form_gets_its_certificate_later() {
    let country = Country::new();
    let tsa = country.start_tsa(|_| {});
    let authority = Certificate::from_pem(&tsa.ready.certificate_pem).unwrap();
    let data = b"a hash chain result";
    let imprint = Sha512::of(data);
    country.write("data", data);

    let before = Clock::wall().now();
    let reply = asked(tsa.ready.listen, &time_stamp::request(&imprint));
    let token = token_of_response(&reply).unwrap();
    let at = verify_token(&token, &imprint, std::slice::from_ref(&authority)).unwrap();
    assert!(before <= at && at <= Clock::wall().now());
    assert_eq!(facts(&token).unwrap().nonce, None);

    let verify = "ts -verify -token_in -in t.tst -data data -CAfile ca.pem";
    country.write("t.tst", &token);
    country.openssl(verify).refuses("Verification: FAILED");
    country
        .openssl(&format!("{verify} -untrusted tsa.pem"))
        .accepts("Verification: OK");
    let full = with_certificate(&token, &authority).unwrap();
    country.write("t.tst", &full);
    country.openssl(verify).accepts("Verification: OK");
    assert_eq!(verify_token(&full, &imprint, &[authority]), Ok(at));
    let cms =
        "cms -verify -inform DER -in t.tst -CAfile ca.pem -purpose timestampsign -out info.der";
    country.openssl(cms).accepts("CMS Verification successful");
}

#[test]
fn every_token_has_a_serial_number_of_its_own() {
    let country = Country::new();
    let tsa = country.start_tsa(|_| {});
    let query = time_stamp::request(&Sha512::of(b"data"));
    let mut serials: Vec<_> = (0..20)
        .map(|_| token_of_response(&asked(tsa.ready.listen, &query)).unwrap())
        .map(|token| facts(&token).unwrap().serial)
        .collect();
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 20);
    assert!(serials.iter().all(|serial| serial.len() == 16));
}

#[test]
fn rejections_say_why() {
    let country = Country::new();
    let tsa = country.start_tsa(|config| config.policy = Some("1.2.3.4".to_owned()));
    country.write("data", b"data");
    let asked_with = |arguments: &str| {
        country
            .openssl(&format!("ts -query -data data {arguments} -out q.tsq"))
            .accepts("");
        let reply = asked(tsa.ready.listen, &country.read("q.tsq"));
        country.write("r.tsr", &reply);
        (
            country.openssl("ts -reply -in r.tsr -text"),
            token_of_response(&reply),
        )
    };
    let (said, token) = asked_with("-sha256 -tspolicy 1.2.3.4");
    said.accepts("Status: Granted.");
    said.accepts("Policy OID: 1.2.3.4");
    assert!(token.is_ok());
    let cases = [
        (
            "-sha1",
            "unrecognized or unsupported algorithm identifier",
            FailInfo::BadAlg,
        ),
        (
            "-sha256 -tspolicy 1.2.3.5",
            "policy is not supported",
            FailInfo::UnacceptedPolicy,
        ),
    ];
    for (arguments, words, wanted) in cases {
        let (said, token) = asked_with(arguments);
        said.accepts("Status: Rejected.");
        assert!(said.text.to_lowercase().contains(words), "{}", said.text);
        let rejected = TimeStampError::Rejected {
            status: 2,
            reason: Some(wanted),
        };
        assert_eq!(token, Err(rejected));
    }
    assert_eq!(tsa.stop(&country.runtime).rejected, 2);
}

#[test]
fn malformed_requests_are_rejected() {
    let country = Country::new();
    let tsa = country.start_tsa(|_| {});
    let good = time_stamp::request(&Sha512::of(b"data"));
    let mut trailing = good.clone();
    trailing.push(0);
    let mut version = good.clone();
    version[4] = 2;
    let with_more = |more: &[u8]| {
        let mut bytes = good.clone();
        bytes[1] += more.len() as u8;
        bytes.extend_from_slice(more);
        bytes
    };
    let nonce = |octets: usize| TimeStampRequest {
        imprint: Imprint::of(ImprintAlgorithm::Sha256, b"data"),
        policy: None,
        nonce: Some(vec![0x11; octets]),
        wants_certificate: false,
    };
    let cases = [
        (b"no request".to_vec(), FailInfo::BadDataFormat),
        (Vec::new(), FailInfo::BadDataFormat),
        (trailing, FailInfo::BadDataFormat),
        (with_more(&[0x05, 0x00]), FailInfo::BadDataFormat),
        (version, FailInfo::BadRequest),
        (
            with_more(&[0xa0, 0x02, 0x30, 0x00]),
            FailInfo::UnacceptedExtension,
        ),
        (time_stamp::request_for(&nonce(22)), FailInfo::BadDataFormat),
    ];
    for (query, wanted) in cases {
        let token = token_of_response(&asked(tsa.ready.listen, &query));
        let rejected = TimeStampError::Rejected {
            status: 2,
            reason: Some(wanted),
        };
        assert_eq!(token, Err(rejected), "{query:02x?}");
    }
    let longest = nonce(20);
    let reply = asked(tsa.ready.listen, &time_stamp::request_for(&longest));
    assert_eq!(
        facts(&token_of_response(&reply).unwrap()).unwrap().nonce,
        longest.nonce
    );
    let (head, _) = http(
        tsa.ready.listen,
        "POST /",
        &[("content-type", "text/plain")],
        &good,
    );
    assert!(head.starts_with("http/1.1 415"), "{head}");
}

#[test]
fn the_time_is_that_of_the_authoritys_clock() {
    let country = Country::new();
    let tsa = country.start_tsa(|config| config.clock_offset_ms = 600_000);
    let authority = Certificate::from_pem(&tsa.ready.certificate_pem).unwrap();
    let imprint = Sha512::of(b"data");
    let reply = asked(tsa.ready.listen, &time_stamp::request(&imprint));
    let at = verify_token(&token_of_response(&reply).unwrap(), &imprint, &[authority]).unwrap();
    let ahead = at.since(Clock::wall().now());
    assert!(
        ahead > Duration::from_secs(500) && ahead <= Duration::from_secs(600),
        "{ahead:?}"
    );
}
