//! What is published, when, and that clients see it.

use std::time::Duration;

use hyper::StatusCode;
use sim_central_server::{CentralServerConfig, ConfigError, Error, OpenError, run};
use sim_clock::Clock;
use sim_domain::ClientId;
use sim_global_configuration::registration::{
    MaintenanceRequest, register_security_server, remove_authentication_certificate, remove_member,
    set_maintenance,
};
use sim_global_configuration::{ConfigurationClient, FetchError};
use tempfile::TempDir;

use crate::country::{self, Authority, TOKEN, member, registration, server, subsystem};
use crate::running::{DEADLINE, Running};

struct Country {
    folder: TempDir,
    authority: Authority,
}

impl Country {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            authority: Authority::new("Authority"),
        }
    }

    fn config(&self) -> CentralServerConfig {
        country::config(self.folder.path(), &self.authority)
    }
}

#[tokio::test]
async fn a_new_country_is_published_at_once() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let configuration = running.configuration().await;
    let shared = &configuration.shared;
    assert_eq!(shared.instance, "EE");
    assert_eq!(shared.members.len(), 3);
    assert_eq!(shared.members[0].name, "Ministry 1 <&>");
    assert!(configuration.knows_client(&subsystem("1", "pensions")));
    assert!(shared.security_servers.is_empty());
    assert_eq!(shared.member_classes.len(), 1);
    let anchors = configuration.trust_anchors();
    assert_eq!(
        anchors.certification_authorities[0].certificate,
        country.authority.certificate
    );
    assert_eq!(
        anchors.certification_authorities[0].ocsp_responders.len(),
        1
    );
    assert_eq!(anchors.time_stamping_authorities.len(), 1);
    assert_eq!(
        configuration.time_stamping_authorities(),
        ["http://127.0.0.1:1/tsa"]
    );
    assert_eq!(
        configuration.time_stamping_interval(),
        Duration::from_secs(60)
    );
    let management = &configuration.private.management_service;
    assert_eq!(management.provider, ClientId::of_member(member("1")));
    assert_eq!(
        management.registration_address,
        format!("{}/management", running.url())
    );
    let summary = running.stop().await;
    assert_eq!(
        (
            summary.publications,
            summary.members,
            summary.security_servers
        ),
        (1, 3, 0)
    );
}

#[tokio::test]
async fn every_change_is_seen_by_a_running_client() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let (handle, task) = running.client().spawn();
    let (url, certificate) = (running.url(), country.authority.authentication());
    let (one, pensions) = (server("1"), subsystem("1", "pensions"));
    let entry = registration("1", &certificate, std::slice::from_ref(&pensions));
    register_security_server(&url, TOKEN, &entry).await.unwrap();
    let seen = handle.wait_until(|configuration| configuration.serves(&one, &pensions));
    let seen = tokio::time::timeout(DEADLINE, seen).await.unwrap().unwrap();
    assert_eq!(
        seen.server_of_auth_certificate(&certificate.sha256()),
        Some(&one)
    );
    assert_eq!(
        seen.server_addresses(&pensions),
        [(one.clone(), "127.0.0.1".to_owned())]
    );
    assert_eq!(
        seen.shared.global_groups[0].members,
        [ClientId::of_member(member("1"))]
    );

    let mut maintenance = MaintenanceRequest {
        security_server: one.clone(),
        enabled: true,
        message: Some("back at noon".to_owned()),
    };
    set_maintenance(&url, TOKEN, &maintenance).await.unwrap();
    let seen = handle.wait_until(|configuration| configuration.maintenance(&one).is_some());
    tokio::time::timeout(DEADLINE, seen).await.unwrap().unwrap();
    maintenance.enabled = false;
    set_maintenance(&url, TOKEN, &maintenance).await.unwrap();
    let seen = handle.wait_until(|configuration| configuration.maintenance(&one).is_none());
    tokio::time::timeout(DEADLINE, seen).await.unwrap().unwrap();

    remove_authentication_certificate(&url, TOKEN, &one)
        .await
        .unwrap();
    let withdrawn = handle.wait_until(|configuration| {
        configuration
            .server_of_auth_certificate(&certificate.sha256())
            .is_none()
    });
    let seen = tokio::time::timeout(DEADLINE, withdrawn)
        .await
        .unwrap()
        .unwrap();
    assert!(seen.serves(&one, &pensions), "the server itself stays");

    remove_member(&url, TOKEN, &member("1")).await.unwrap();
    let gone = handle.wait_until(|configuration| !configuration.knows_client(&pensions));
    let seen = tokio::time::timeout(DEADLINE, gone).await.unwrap().unwrap();
    assert!(!seen.knows_server(&one));
    assert!(seen.server_addresses(&pensions).is_empty());
    task.abort();
    let summary = running.stop().await;
    assert_eq!(
        (
            summary.publications,
            summary.members,
            summary.security_servers
        ),
        (6, 2, 0)
    );
}

#[tokio::test]
async fn a_client_that_read_an_older_directory_still_gets_its_documents() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let (_, _, directory) = running.get("/internalconf?version=6").await;
    let path = directory.split("Content-location: ").nth(1).unwrap();
    let path = path.lines().next().unwrap().trim();
    let (_, _, before) = running.get(path).await;
    remove_member(&running.url(), TOKEN, &member("2"))
        .await
        .unwrap();
    let (status, content_type, after) = running.get(path).await;
    assert_eq!(
        (status, content_type.as_str()),
        (StatusCode::OK, "text/xml")
    );
    assert_eq!(after, before);
    assert!(
        !running
            .configuration()
            .await
            .knows_client(&ClientId::of_member(member("2")))
    );
}

#[tokio::test]
async fn the_configuration_is_published_anew_before_it_expires() {
    let country = Country::new();
    let mut config = country.config();
    config.settings.refresh_s = 1;
    config.settings.expire_s = 2;
    let running = Running::start(config).await;
    let (handle, task) = running.client().spawn();
    let first = tokio::time::timeout(DEADLINE, handle.wait_until(|_| true))
        .await
        .unwrap()
        .unwrap();
    let renewed = handle.wait_until(|configuration| configuration.expires_at > first.expires_at);
    let renewed = tokio::time::timeout(DEADLINE, renewed)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(renewed.shared, first.shared);
    task.abort();
    assert!(running.stop().await.publications >= 2);
}

#[tokio::test]
async fn a_restart_keeps_registrations_and_key() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let certificate = country.authority.authentication();
    let entry = registration("1", &certificate, &[subsystem("1", "pensions")]);
    register_security_server(&running.url(), TOKEN, &entry)
        .await
        .unwrap();
    remove_member(&running.url(), TOKEN, &member("2"))
        .await
        .unwrap();
    let before = running.configuration().await;
    let mut anchor = running.anchor();
    running.stop().await;

    let running = Running::start(country.config()).await;
    // The old anchor still verifies, only the port is another one.
    anchor.sources[0].download_url = format!("{}/internalconf", running.url());
    let client = ConfigurationClient::new(anchor, Clock::wall(), Duration::from_secs(1));
    let after = client.fetch_once().await.unwrap();
    assert_eq!(after.shared, before.shared);
    assert_eq!(
        after.shared.members.len(),
        2,
        "a withdrawn member stays withdrawn"
    );
    assert_eq!(
        after.server_of_auth_certificate(&certificate.sha256()),
        Some(&server("1"))
    );
    running.stop().await;
}

#[tokio::test]
async fn a_server_whose_clock_is_behind_publishes_what_has_expired() {
    let country = Country::new();
    let mut config = country.config();
    config.clock_offset_ms = -3_600_000;
    let running = Running::start(config).await;
    let refused = running.client().fetch_once().await.unwrap_err();
    assert!(matches!(refused, FetchError::Expired { .. }), "{refused:?}");
}

#[tokio::test]
async fn only_version_6_is_there() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let (status, content_type, directory) = running.get("/internalconf?version=6").await;
    assert_eq!(status, StatusCode::OK);
    let first_line = directory.split("\r\n").next().unwrap();
    assert_eq!(first_line, format!("Content-Type: {content_type}"));
    for path in [
        "/internalconf",
        "/internalconf?version=5",
        "/V5/1/shared-params.xml",
        "/V6/1/shared-params.xml",
        "/externalconf?version=6",
        "/",
    ] {
        assert_eq!(running.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let stamp = directory
        .split("/V6/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let path = format!("/V6/{stamp}/signing-key.pem");
    assert_eq!(running.get(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn anchor_and_health_are_for_everybody() {
    let country = Country::new();
    let running = Running::start(country.config()).await;
    let (status, _, anchor) = running.get("/anchor.xml").await;
    assert_eq!(
        (status, &anchor),
        (StatusCode::OK, &running.ready.anchor_xml)
    );
    let (status, _, health) = running.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["instance"], "EE");
    assert_eq!(health["members"], 3);
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_starts_nothing() {
    let country = Country::new();
    let check = async |change: &dyn Fn(&mut CentralServerConfig), words: &str| {
        let mut config = country.config();
        change(&mut config);
        let outcome = run(config, |_| panic!("it must not start"), async {}).await;
        let Err(Error::Open(OpenError::Config(error))) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(error.to_string().contains(words), "{error}");
        error
    };
    check(&|config| config.members.clear(), "`members` is empty").await;
    check(
        &|config| config.management_token.clear(),
        "`management_token` is empty",
    )
    .await;
    check(
        &|config| config.instance = "FI".to_owned(),
        "not of instance `FI`",
    )
    .await;
    check(&|config| config.settings.refresh_s = 0, "`refresh_s`").await;
    check(&|config| config.settings.expire_s = 60, "`expire_s`").await;
    check(
        &|config| config.members.push(config.members[0].clone()),
        "EE/GOV/1 is there twice",
    )
    .await;
    let error = check(
        &|config| config.time_stamping[0].certificate_pem.clear(),
        "Time",
    )
    .await;
    assert!(matches!(error, ConfigError::Certificate { .. }));
}
