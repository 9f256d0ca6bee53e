//! The questions that messages ask.

use std::time::Duration;

use sim_domain::ClientId;
use sim_evidence::certificate::Certificate;
use sim_global_configuration::{GlobalConfiguration, SnapshotError};

use crate::country::{self, AUTHENTICATION_HASH, member, server, subsystem};

fn snapshot() -> GlobalConfiguration {
    GlobalConfiguration::new(country::shared(), country::private(), country::soon()).unwrap()
}

#[test]
fn clients_are_found_at_their_servers() {
    let configuration = snapshot();
    let addresses = configuration.server_addresses(&subsystem("1", "pensions"));
    let expected = [
        (server("1"), "127.0.0.1".to_owned()),
        (server("2"), "127.0.0.2".to_owned()),
    ];
    assert_eq!(addresses, expected);
    assert_eq!(configuration.server_addresses(&subsystem("1", "other")), []);
    // A server acts for its owner without saying so.
    let owner = ClientId::of_member(member("2"));
    assert_eq!(configuration.server_addresses(&owner).len(), 1);
    assert!(configuration.serves(&server("2"), &owner));
    assert!(configuration.serves(&server("2"), &subsystem("1", "pensions")));
    assert!(!configuration.serves(&server("1"), &subsystem("2", "population")));
    assert!(!configuration.serves(&server("9"), &owner));
}

#[test]
fn the_registered_are_known_and_others_are_not() {
    let configuration = snapshot();
    assert!(configuration.knows_client(&subsystem("1", "pensions")));
    assert!(configuration.knows_client(&ClientId::of_member(member("1"))));
    assert!(!configuration.knows_client(&subsystem("1", "population")));
    assert!(configuration.knows_server(&server("1")));
    assert!(!configuration.knows_server(&server("9")));
}

#[test]
fn a_server_is_known_by_its_certificate() {
    let configuration = snapshot();
    let found = configuration.server_of_auth_certificate(&AUTHENTICATION_HASH);
    assert_eq!(found, Some(&server("1")));
    assert_eq!(configuration.server_of_auth_certificate(&[0; 32]), None);
}

#[test]
fn maintenance_is_told() {
    let configuration = snapshot();
    assert_eq!(configuration.maintenance(&server("1")), None);
    let maintenance = configuration.maintenance(&server("2")).unwrap();
    assert_eq!(maintenance.message.as_deref(), Some("back at noon"));
}

#[test]
fn trust_services_are_told() {
    let configuration = snapshot();
    let anchors = configuration.trust_anchors();
    let [authority] = &anchors.certification_authorities[..] else {
        panic!("one authority is approved");
    };
    assert_eq!(authority.ocsp_responders.len(), 1);
    assert_eq!(anchors.time_stamping_authorities.len(), 1);
    assert_eq!(anchors.ocsp_freshness, Duration::from_secs(3600));
    // The authority issued its own certificate.
    assert_eq!(
        configuration.ocsp_url(&authority.certificate),
        Some("http://ocsp")
    );
    assert_eq!(
        configuration.ocsp_urls(&authority.certificate),
        ["http://ocsp"]
    );
    assert_eq!(
        configuration.ocsp_url(&country::certificate("stranger").1),
        None
    );
    assert_eq!(configuration.time_stamping_authorities(), ["http://tsa"]);
    assert_eq!(
        configuration.time_stamping_interval(),
        Duration::from_secs(60)
    );
}

#[test]
fn it_expires_at_the_very_instant() {
    let configuration = snapshot();
    let at = configuration.expires_at;
    assert!(!configuration.is_expired(at.minus(Duration::from_millis(1))));
    assert!(configuration.is_expired(at));
    let later = at.plus(Duration::from_secs(60));
    assert!(!configuration.renewed(later).is_expired(at));
}

#[test]
fn an_unusable_certificate_or_one_of_two_servers_is_refused() {
    let mut broken = country::shared();
    broken.time_stamping_authorities[0].certificate = b"no certificate"[..].into();
    let error = GlobalConfiguration::new(broken, country::private(), country::soon()).unwrap_err();
    assert_eq!(error.to_string(), "read the certificate of Time");
    let mut shared = country::shared();
    shared.security_servers[1].authentication_certificate_hashes = vec![AUTHENTICATION_HASH];
    let error = GlobalConfiguration::new(shared, country::private(), country::soon()).unwrap_err();
    assert!(
        matches!(error, SnapshotError::SharedAuthenticationCertificate(..)),
        "{error}"
    );
    assert!(Certificate::parse(&b"no certificate"[..]).is_err());
}
