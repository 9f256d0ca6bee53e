//! The supervisory body: its list is signed, and xmlsec1 says so.

use std::process::Command;

use sim_evidence::certificate::Certificate;
use sim_trust_services::trust_list::{self, ListedFor, ListedService, TrustListConfig};

use crate::country::{Country, any_port, http, start};

fn config(country: &Country) -> TrustListConfig {
    TrustListConfig {
        listen: any_port(),
        operator: "Body & <Sons>".to_owned(),
        territory: "EE".to_owned(),
        services: vec![ListedService {
            name: "CA \"one\"".to_owned(),
            listed_for: ListedFor::Certificates,
            certificate_pem: country.ca_certificate().to_pem(),
        }],
        clock_offset_ms: 0,
    }
}

/// What xmlsec1 says of a list in the country's folder.
fn verified(country: &Country, file: &str) -> bool {
    let output = Command::new("xmlsec1")
        .args(["--verify", "--id-attr:Id"])
        .arg("http://uri.etsi.org/02231/v2#:TrustServiceStatusList")
        .args(["--pubkey-cert-pem", "signer.pem", file])
        .current_dir(country.path(""))
        .output()
        .expect("xmlsec1 is installed");
    output.status.success()
}

#[test]
fn the_published_list_is_signed_and_a_changed_one_is_not() {
    let country = Country::new();
    let config = config(&country);
    let running = start(&country.runtime, |ready, stop| async move {
        trust_list::run(config, ready, stop).await.unwrap()
    });
    assert!(running.ready.url.ends_with("/trust-list.xml"));
    let (head, body) = http(running.ready.listen, "GET /trust-list.xml", &[], b"");
    assert!(
        head.contains("content-type: application/vnd.etsi.tsl+xml"),
        "{head}"
    );
    let fetched = String::from_utf8(body).unwrap();
    assert_eq!(fetched, running.ready.list_xml);
    country.write("list.xml", fetched.as_bytes());
    country.write("signer.pem", running.ready.signer_pem.as_bytes());
    assert!(Certificate::from_pem(&running.ready.signer_pem).is_ok());
    assert!(verified(&country, "list.xml"), "{fetched}");
    let forged = fetched.replace("CA &quot;one&quot;", "CA two");
    let forged = forged.replace("CA \"one\"", "CA two");
    assert_ne!(forged, fetched);
    country.write("forged.xml", forged.as_bytes());
    assert!(!verified(&country, "forged.xml"));
    assert_eq!(running.stop(&country.runtime).fetched, 1);
}

#[test]
fn a_certificate_that_is_none_is_named() {
    let country = Country::new();
    let mut config = config(&country);
    "nothing".clone_into(&mut config.services[0].certificate_pem);
    let ended = trust_list::run(config, |_| {}, std::future::pending());
    let error = country.wait(ended).unwrap_err();
    assert!(error.to_string().contains("CA \"one\""), "{error}");
}
