//! What a client asks that cannot be done: each refusal has its code, nothing reaches the service,
//! and the next message passes.

use sim_domain::Dialect;

use crate::client::{Ask, CLIENT, ECHO, fault_of, send_bytes};
use crate::country::{Country, Plan};

#[tokio::test]
async fn a_client_must_say_who_it_is() {
    let country = Country::start().await;
    let absent = "server.clientproxy.invalid_client_identifier";
    let malformed = "server.clientproxy.internal_error";
    let unknown = "server.clientproxy.unknown_member";
    let ask = Ask::echo("").without("X-Road-Client");
    country.refused(&ask, 500, absent).await;
    for (client, code) in [
        ("", malformed),
        ("EE/GOV", malformed),
        ("EE//1/pensions", malformed),
        ("EE/GOV/1/pensions/more", malformed),
        ("EE/GOV/1/%zz", malformed),
        ("EE/GOV/1/%ff", malformed),
        ("EE/GOV/1/nobody", unknown),
        ("EE/GOV/1", unknown),
        ("EE/GOV/99/pensions", unknown),
        ("XX/GOV/1/pensions", unknown),
        // Registered, but at another server.
        ("EE/GOV/2/population", unknown),
    ] {
        let ask = Ask::echo("").from(client);
        country.refused(&ask, 500, code).await;
    }
    // Of several, the last one counts.
    let ask = Ask::echo("").header("X-Road-Client", "EE/GOV/1/nobody");
    country.refused(&ask, 500, unknown).await;
    let ask = Ask::echo("").from("EE/GOV/1/nobody");
    let ask = ask.header("x-road-client", CLIENT);
    assert_eq!(country.answered(&ask).await.status(), 200);
    country.end().await;
}

#[tokio::test]
async fn a_target_must_name_a_service() {
    let country = Country::start().await;
    let malformed = "server.clientproxy.internal_error";
    for target in [
        "/",
        "/r1",
        "/r1/EE/GOV/2/population",
        "/r2/EE/GOV/2/population/echo",
        "/r1/EE/GOV//population/echo",
        "/r1/EE/GOV/2/population/%zz",
        "/r1/EE/GOV/2/population/echo/%z",
        "/r1/EE/GOV/2/population/echo?%",
    ] {
        country.refused(&Ask::get(target), 500, malformed).await;
    }
    let unsupported = Ask::new("BREW", ECHO);
    country.refused(&unsupported, 500, malformed).await;
    let long = Ask::echo("").without("X-Road-Id");
    let long = long.header("X-Road-Id", &"x".repeat(256));
    country.refused(&long, 500, malformed).await;
    let unknown = "server.clientproxy.unknown_member";
    for target in [
        "/r1/EE/GOV/99/population/echo",
        "/r1/XX/GOV/2/population/echo",
        // Registered, but no server acts for it.
        "/r1/EE/GOV/6/nowhere/echo",
    ] {
        country.refused(&Ask::get(target), 500, unknown).await;
    }
    for (service, code) in [
        ("nothing", "server.serverproxy.unknown_service"),
        ("echo2", "server.serverproxy.unknown_service"),
        ("others", "server.serverproxy.access_denied"),
        ("disabled", "server.serverproxy.service_disabled"),
    ] {
        let ask = Ask::get(&format!("/r1/EE/GOV/2/population/{service}"));
        country.refused(&ask, 500, code).await;
    }
    country.end().await;
}

#[tokio::test]
async fn a_header_must_be_text() {
    let country = Country::start().await;
    let mut request = Ask::echo("").header("X-Note", "@").bytes();
    let at = request.iter().position(|byte| *byte == b'@').unwrap();
    request[at] = 0xff;
    let answer = send_bytes(country.consumer.ready.client_listen, &request).await;
    let code = "server.clientproxy.internal_error";
    assert_eq!(fault_of(&answer.unwrap()), (500, code));
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_client_may_name_the_security_server() {
    let country = Country::start().await;
    let unfit = "server.clientproxy.invalid_security_server";
    for (server, code) in [
        ("EE/GOV/1/ss1", unfit),
        ("EE/GOV/2/ss9", unfit),
        ("EE/GOV/2", "server.clientproxy.internal_error"),
        ("EE/GOV/2/ss2/x", "server.clientproxy.internal_error"),
    ] {
        let ask = Ask::echo("").header("X-Road-Security-Server", server);
        country.refused(&ask, 500, code).await;
    }
    let ask = Ask::echo("").header("X-Road-Security-Server", "EE/GOV/2/ss2");
    assert_eq!(country.answered(&ask).await.status(), 200);
    let service = country.service.last_call();
    assert_eq!(
        service.header("x-road-security-server"),
        Some("EE/GOV/2/ss2")
    );
    country.end().await;
}

#[tokio::test]
async fn a_refusal_is_xml_where_that_is_asked_for() {
    let country = Country::start().await;
    let code = "server.clientproxy.unknown_member";
    let (json, text, application) = (
        "application/json;charset=utf-8",
        "text/xml;charset=utf-8",
        "application/xml;charset=utf-8",
    );
    for (accept, expected) in [
        (None, json),
        (Some("*/*"), json),
        (Some("application/json"), json),
        (Some("text/plain"), json),
        (Some("text/xml"), text),
        (Some("text/*"), text),
        (Some("application/json, application/xml;q=0.1"), application),
        (Some("application/xml, text/xml"), application),
    ] {
        let mut ask = Ask::echo("").from("EE/GOV/1/nobody");
        if let Some(accept) = accept {
            ask = ask.header("Accept", accept);
        }
        let answer = country.ask(&ask).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.header("x-road-error"), Some(code));
        assert_eq!(answer.header("content-type"), Some(expected), "{accept:?}");
        let begins = format!("<error><type>{code}</type><message>Client ");
        assert_eq!(answer.text().starts_with(&begins), expected != json);
    }
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn the_older_dialect_is_spoken_where_it_is_configured() {
    let legacy = Plan {
        consumer: Box::new(|config| config.fault_dialect = Dialect::Legacy),
        provider: Box::new(|config| config.fault_dialect = Dialect::Legacy),
        ..Plan::default()
    };
    let country = Country::with(legacy).await;
    let unknown = Ask::echo("").from("EE/GOV/1/nobody");
    let code = "Server.ClientProxy.UnknownMember";
    country.refused(&unknown, 500, code).await;
    let denied = Ask::get("/r1/EE/GOV/2/population/others");
    let code = "Server.ServerProxy.AccessDenied";
    country.refused(&denied, 500, code).await;
    country.end().await;
}

#[tokio::test]
async fn a_code_of_the_other_dialect_is_passed_on_as_it_came() {
    let mixed = Plan {
        provider: Box::new(|config| config.fault_dialect = Dialect::Legacy),
        ..Plan::default()
    };
    let country = Country::with(mixed).await;
    let denied = Ask::get("/r1/EE/GOV/2/population/others");
    // Not a server's fault by this server's reading, as in X-Road.
    let code = "Server.ServerProxy.AccessDenied";
    country.refused(&denied, 400, code).await;
    country.end().await;
}
