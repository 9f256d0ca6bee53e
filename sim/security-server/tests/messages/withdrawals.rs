//! What the country takes back: certificates, members, servers, the configuration itself. It
//! counts from the next look at the global configuration on, on open connections too.

use std::time::Duration;

use sim_domain::SecurityServerId;
use sim_evidence::certificate::Certificate;
use sim_global_configuration::registration::{
    MaintenanceRequest, remove_authentication_certificate, remove_member, set_maintenance,
};
use sim_security_server::config::{ClientConfig, ConnectionType};
use sim_trust_services::Profile;

use crate::client::{Ask, fault_of};
use crate::country::{Country, Plan, Server, TOKEN, member, server_id, subsystem};
use crate::notary::{Notary, now};
use crate::part::eventually;
use crate::peer::{Envelope, Peer, soap_fault_of};
use crate::provider::{FAKE, Provider, answer_of, response};

/// Asks until the answer is this refusal by the consumer's server; before, the message passes, or
/// is refused by the provider's server, which may have looked earlier, with the code `meanwhile`.
async fn until_refused(country: &Country, ask: impl Fn() -> Ask, code: &str, meanwhile: &str) {
    eventually(async || {
        let answer = country.ask(&ask()).await;
        match answer.header("x-road-error") {
            None => country.note_answer(&answer),
            Some(told) if told == code => return Some(()),
            Some(told) => assert_eq!(told, meanwhile),
        }
        None
    })
    .await;
    // It stays so.
    let answer = country.ask(&ask()).await;
    assert_eq!(fault_of(&answer), (500, code));
}

/// For what only one of the servers looks at.
const NOTHING: &str = "";

async fn maintain(country: &Country, server: SecurityServerId, enabled: bool) {
    let request = MaintenanceRequest {
        security_server: server,
        enabled,
        message: None,
    };
    set_maintenance(&country.management_url, TOKEN, &request)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_consumers_server_without_certificate_is_refused() {
    let country = Country::start().await;
    country.good().await;
    let server = server_id("1", "ss1");
    remove_authentication_certificate(&country.management_url, TOKEN, &server)
        .await
        .unwrap();
    let code = "server.serverproxy.service_failed.ssl_authentication_failed";
    until_refused(&country, || Ask::echo(""), code, NOTHING).await;
    country.end().await;
}

#[tokio::test]
async fn a_providers_server_without_certificate_is_not_asked() {
    let country = Country::start().await;
    country.good().await;
    let server = server_id("2", "ss2");
    remove_authentication_certificate(&country.management_url, TOKEN, &server)
        .await
        .unwrap();
    let code = "server.clientproxy.ssl_authentication_failed";
    until_refused(&country, || Ask::echo(""), code, NOTHING).await;
    country.end().await;
}

#[tokio::test]
async fn a_client_whose_member_left_is_refused_and_others_are_not() {
    let country = Country::with(Plan {
        consumer: Box::new(|config| {
            config.clients.push(ClientConfig {
                id: subsystem("3/third"),
                connection: ConnectionType::Http,
                certificates_pem: Vec::new(),
            });
        }),
        ..Plan::default()
    })
    .await;
    let third = || Ask::echo("").from("EE/GOV/3/third");
    assert_eq!(country.answered(&third()).await.status(), 200);
    remove_member(&country.management_url, TOKEN, &member("3"))
        .await
        .unwrap();
    let code = "server.clientproxy.unknown_member";
    let meanwhile = "server.serverproxy.service_failed.ssl_authentication_failed";
    until_refused(&country, third, code, meanwhile).await;
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_provider_that_left_is_nowhere() {
    let country = Country::start().await;
    remove_member(&country.management_url, TOKEN, &member("2"))
        .await
        .unwrap();
    let code = "server.clientproxy.unknown_member";
    let meanwhile = "server.serverproxy.service_failed.unknown_member";
    until_refused(&country, || Ask::echo(""), code, meanwhile).await;
    country.end().await;
}

#[tokio::test]
async fn a_server_in_maintenance_is_left_alone_until_it_is_back() {
    let country = Country::start().await;
    maintain(&country, server_id("2", "ss2"), true).await;
    let code = "server.clientproxy.maintenance_mode";
    until_refused(&country, || Ask::echo(""), code, NOTHING).await;
    maintain(&country, server_id("2", "ss2"), false).await;
    let back = eventually(async || {
        let answer = country.ask(&Ask::echo("")).await;
        answer.header("x-road-error").is_none().then_some(answer)
    });
    country.note_answer(&back.await);
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn an_expired_configuration_stops_every_message() {
    let mut country = Country::with(Plan {
        expire_s: 3,
        ..Plan::default()
    })
    .await;
    let notary = Notary::of(&country).await;
    let peer = Peer::register(&country, &notary).await;
    let envelope = Envelope::of(&peer.parts(&notary, "early", None));
    let own = Some(&peer.authentication);
    eventually(async || peer.try_send(own, &envelope).await.ok()).await;
    country.note_answered_by_provider("early");
    country.central.ask_to_end();
    let code = "server.clientproxy.global_conf_outdated";
    let meanwhile = "server.serverproxy.global_conf_outdated";
    until_refused(&country, || Ask::echo(""), code, meanwhile).await;
    // The provider's server may have looked a little later, and expires a little later.
    let mut number = 0;
    eventually(async || {
        number += 1;
        let id = format!("late-{number}");
        let parts = peer.parts(&notary, &id, None);
        let answer = peer.send(&parts).await;
        if answer.header("content-type") != Some("text/xml;charset=UTF-8") {
            country.note_answered_by_provider(&id);
            return None;
        }
        let code = "server.serverproxy.global_conf_outdated";
        assert_eq!(soap_fault_of(&answer), code);
        Some(())
    })
    .await;
    let health = country.health().await;
    assert_eq!(health.status(), 500);
    assert_eq!(health.text(), "the global configuration is expired");
}

#[tokio::test]
async fn an_authentication_certificate_counts_until_it_expires() {
    let country = Country::start().await;
    let notary = Notary::of(&country).await;
    let soon = now().plus(Duration::from_secs(3));
    let profile = Profile::Authentication;
    let consumers = notary.valid_until(soon, profile, &member("4")).await;
    let providers = notary.valid_until(soon, profile, &member("5")).await;
    let status = Some(notary.good(&providers));
    let peer = Peer::register_as(&country, &notary, consumers).await;
    let provider =
        Provider::start_as(&country, &notary, &providers.clone(), providers, status).await;
    let signing = provider.signing.clone();
    let status = notary.good(&signing);
    provider.answer(move |request| {
        let parts = response(&request.response_lines(), None, &signing, &status);
        Some(answer_of(&parts))
    });
    let asked = eventually(async || {
        let answer = country.ask(&Ask::get(FAKE)).await;
        answer.header("x-road-error").is_none().then_some(answer)
    });
    assert_eq!(asked.await.status(), 200);
    let parts = peer.parts(&notary, "early", None);
    let (own, envelope) = (Some(&peer.authentication), Envelope::of(&parts));
    eventually(async || peer.try_send(own, &envelope).await.ok()).await;
    country.note_answered_by_provider("early");
    eventually(async || (now() > soon.plus(Duration::from_secs(1))).then_some(())).await;
    let answer = country.ask(&Ask::get(FAKE)).await;
    let code = "server.clientproxy.ssl_authentication_failed.invalid_cert_path.cert_validation";
    assert_eq!(fault_of(&answer), (500, code));
    let late = peer.send(&peer.parts(&notary, "late", None)).await;
    let code = "server.serverproxy.service_failed.ssl_authentication_failed";
    assert_eq!(soap_fault_of(&late), code);
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_server_does_not_sign_with_a_certificate_that_it_knows_to_be_revoked() {
    let country = Country::with(Plan {
        consumer: Box::new(|config| config.ocsp_fetch_interval_s = 0.05),
        ..Plan::default()
    })
    .await;
    revoke_signing_certificate(&country, &country.consumer, "1").await;
    let code = "server.clientproxy.io_error";
    until_refused(&country, || Ask::echo(""), code, NOTHING).await;
    country.end().await;
}

#[tokio::test]
async fn an_answer_is_not_signed_with_a_revoked_certificate_either() {
    let country = Country::with(Plan {
        provider: Box::new(|config| config.ocsp_fetch_interval_s = 0.05),
        ..Plan::default()
    })
    .await;
    revoke_signing_certificate(&country, &country.provider, "2").await;
    eventually(async || {
        let ask = Ask::echo("");
        let answer = country.ask(&ask).await;
        if answer.header("x-road-error").is_none() {
            country.note_answer(&answer);
            return None;
        }
        country.note_reached(ask.id());
        let code = "server.serverproxy.cannot_create_signature";
        assert_eq!(fault_of(&answer), (500, code));
        Some(())
    })
    .await;
    country.end().await;
}

async fn revoke_signing_certificate(country: &Country, server: &Server, member: &str) {
    let keys = server.config.data_folder.join("keys");
    let der = std::fs::read(keys.join(format!("signing-GOV-{member}.crt.der"))).unwrap();
    let notary = Notary::of(country).await;
    notary
        .revoke_certificate(&Certificate::parse(der).unwrap())
        .await;
}
