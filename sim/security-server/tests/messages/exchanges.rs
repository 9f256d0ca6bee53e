//! What passes, and what becomes of it on the way.

use aws_lc_rs::digest::{SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Ask, CLIENT, ECHO};
use crate::country::Country;
use crate::service::bytes;

/// The request hash of PR-REST 4.3, from what the test itself sent and got back.
fn request_hash(head: &str, body: &[u8]) -> String {
    let head = digest(&SHA512, head.as_bytes());
    if body.is_empty() {
        return STANDARD.encode(head);
    }
    let body = digest(&SHA512, body);
    STANDARD.encode(digest(&SHA512, &[head.as_ref(), body.as_ref()].concat()))
}

#[tokio::test]
async fn every_method_passes_with_its_query_and_body() {
    let country = Country::start().await;
    for (method, path, body) in [
        ("GET", "", ""),
        ("GET", "/", ""),
        ("GET", "/a/b?x=1&y=%20%2F..", ""),
        ("HEAD", "/a", ""),
        ("DELETE", "/a", ""),
        ("OPTIONS", "/a", ""),
        ("POST", "/a", "{\"ids\":[1,2]}"),
        ("POST", "?", ""),
        ("PUT", "/a", "put"),
        ("PATCH", "/a", "patch"),
    ] {
        let mut ask = Ask::new(method, &format!("{ECHO}{path}"));
        if !body.is_empty() {
            ask = ask.header("Content-Type", "application/json").body(body);
        }
        let answer = country.answered(&ask).await;
        assert_eq!(
            (answer.status(), answer.text()),
            (200, body),
            "{method} {path}"
        );
        let call = country.service.last_call();
        assert_eq!(call.word(0), method);
        assert_eq!(call.word(1), format!("/base{path}"));
        assert_eq!(call.text(), body);
        assert_eq!(answer.all("date").len(), 1);
    }
    country.end().await;
}

#[tokio::test]
async fn an_answer_names_the_exchange_and_proves_the_request() {
    let country = Country::start().await;
    for body in ["", "what is signed"] {
        let target = format!("{ECHO}/a?b=c");
        let mut ask = Ask::new("POST", &target)
            .header("Accept", "application/json")
            .header("X-Of-The-Client", "ünicode ")
            .header("X-Road-UserId", "EE12345678901")
            .header("X-Road-Request-Id", "forged")
            .header("X-Road-Request-Hash", "forged")
            .header("User-Agent", "tests")
            .header("TE", "trailers")
            .header("Proxy-Authorization", "Basic eDp5");
        if !body.is_empty() {
            ask = ask.body(body);
        }
        let answer = country.answered(&ask).await;
        let request_id = answer.header("x-road-request-id").unwrap();
        assert_eq!(request_id.len(), 36);
        assert_eq!(answer.header("x-road-id"), Some(ask.id()));
        assert_eq!(answer.header("x-road-client"), Some(CLIENT));
        assert_eq!(
            answer.header("x-road-service"),
            Some("EE/GOV/2/population/echo")
        );
        let kept = [
            ("X-Road-Client", CLIENT),
            ("X-Road-Id", ask.id()),
            ("Accept", "application/json"),
            ("X-Of-The-Client", "ünicode"),
            ("X-Road-UserId", "EE12345678901"),
            ("x-road-request-id", request_id),
        ];
        let lines = kept.map(|(name, value)| format!("{name}:{value}\r\n"));
        let head = format!("POST\r\n{target}\r\n{}", lines.concat());
        let hash = request_hash(&head, body.as_bytes());
        assert_eq!(answer.header("x-road-request-hash"), Some(hash.as_str()));
        let call = country.service.last_call();
        for (name, value) in kept {
            assert_eq!(call.header(&name.to_lowercase()), Some(value));
        }
        for dropped in [
            "user-agent",
            "te",
            "proxy-authorization",
            "x-road-request-hash",
        ] {
            assert_eq!(call.header(dropped), None);
        }
        let names: Vec<&str> = answer
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| name.starts_with("x-road-"))
            .collect();
        let expected = ["id", "client", "service", "request-id", "request-hash"];
        assert_eq!(names, expected.map(|name| format!("x-road-{name}")));
    }
    country.end().await;
}

#[tokio::test]
async fn a_message_without_an_id_gets_one() {
    let country = Country::start().await;
    for ask in [
        Ask::echo("").without("X-Road-Id"),
        Ask::echo("").without("X-Road-Id").header("X-Road-Id", ""),
    ] {
        let answer = country.answered(&ask).await;
        let id = answer.header("x-road-id").unwrap();
        assert!(id.starts_with("EE-") && id.len() == 39, "{id}");
        assert_eq!(country.service.last_call().header("x-road-id"), Some(id));
        let request_id = answer.header("x-road-request-id").unwrap();
        let head = format!(
            "GET\r\n{ECHO}\r\nX-Road-Client:{CLIENT}\r\nx-road-request-id:{request_id}\r\n\
             x-road-id:{id}\r\n"
        );
        let hash = request_hash(&head, b"");
        assert_eq!(answer.header("x-road-request-hash"), Some(hash.as_str()));
    }
    // A message ID may be used again; every exchange has a hash of its own all the same.
    let again = Ask::echo("/again");
    let (first, second) = (country.ask(&again).await, country.ask(&again).await);
    let hash =
        |answer: &crate::wire::Message| answer.header("x-road-request-hash").map(str::to_owned);
    assert_ne!(hash(&first), hash(&second));
}

#[tokio::test]
async fn a_services_own_words_pass_unchanged() {
    let country = Country::start().await;
    for status in [200_u16, 201, 299, 304, 400, 404, 409, 418, 500, 503] {
        let ask = Ask::echo(&format!("/status/{status}"));
        let answer = country.answered(&ask).await;
        assert_eq!(answer.status(), status);
        if status != 304 {
            assert_eq!(answer.text(), format!("status {status}"));
        }
        assert_eq!(answer.header("x-road-id"), Some(ask.id()));
    }
    let nothing = country.answered(&Ask::echo("/nothing")).await;
    assert_eq!((nothing.status(), nothing.text()), (204, ""));
    let redirect = country.answered(&Ask::echo("/redirect")).await;
    assert_eq!(redirect.status(), 302);
    assert_eq!(redirect.header("location"), Some("/elsewhere"));
    let ask = Ask::echo("/headers");
    let answer = country.answered(&ask).await;
    assert_eq!(answer.all("date"), ["Thu, 01 Jan 1970 00:00:00 GMT"]);
    assert_eq!(answer.all("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.all("x-of-the-service"), ["ümlaut"]);
    assert_eq!(answer.all("x-road-id"), [ask.id()]);
    assert_eq!(answer.all("x-road-client"), [CLIENT]);
    for name in ["x-road-request-id", "x-road-request-hash"] {
        assert_ne!(answer.header(name), Some("forged"));
    }
    for name in ["server", "keep-alive"] {
        assert_eq!(answer.header(name), None);
    }
    country.end().await;
}

#[tokio::test]
async fn bodies_arrive_as_they_were() {
    let country = Country::start().await;
    for size in [1, 70_000, 5 * 1024 * 1024] {
        let body = bytes(size);
        let ask = Ask::new("POST", ECHO).body(body.clone());
        let answer = country.answered(&ask).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.body == body, "{size} bytes changed on the way");
    }
    // An empty body is none: the hash is the head's alone.
    let ask = Ask::new("POST", ECHO).body("");
    let answer = country.answered(&ask).await;
    let request_id = answer.header("x-road-request-id").unwrap();
    let head = format!(
        "POST\r\n{ECHO}\r\nX-Road-Client:{CLIENT}\r\nX-Road-Id:{}\r\nx-road-request-id:{request_id}\r\n",
        ask.id()
    );
    let hash = request_hash(&head, b"");
    assert_eq!(answer.header("x-road-request-hash"), Some(hash.as_str()));
    country.end().await;
}

#[tokio::test]
async fn identifiers_and_paths_may_be_percent_encoded() {
    let country = Country::start().await;
    let service = "EE/GOV/2/p%C3%A4%C3%A4%20st/k%C3%BCsi%2F100%25";
    let ask = Ask::get(&format!("/r1/{service}/%C3%B6%3B%20x"));
    let answer = country.answered(&ask).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("x-road-service"), Some(service));
    let called = country.service.last_call();
    assert_eq!(called.word(1), "/base/%C3%B6;%20x");
    let ask = Ask::echo("").from("EE/%47OV/1/%70ensions");
    assert_eq!(country.answered(&ask).await.status(), 200);
    let plain = ["EE", "GOV", "2", "population", "echo"];
    let encoded = plain.map(|part| format!("%{:02x}{}", part.as_bytes()[0], &part[1..]));
    let ask = Ask::get(&format!("/r1/{}", encoded.join("/")));
    assert_eq!(country.answered(&ask).await.status(), 200);
    country.end().await;
}

#[tokio::test]
async fn a_server_tells_how_it_is_and_what_it_did() {
    let country = Country::start().await;
    let admin = country.consumer.ready.admin_listen;
    let counts = async || {
        let page = Ask::get("/metrics").send(admin).await;
        [
            "consumed",
            "provided",
            "client_faults",
            "signed_messages",
            "log_messages",
        ]
        .map(|name| {
            let begins = format!("roadtest_{name}_total ");
            let value = page
                .text()
                .lines()
                .find_map(|line| line.strip_prefix(&begins));
            value.unwrap().parse::<u64>().unwrap()
        })
    };
    let before = counts().await;
    country.good().await;
    let refused = Ask::echo("").from("EE/GOV/1/nobody");
    let code = "server.clientproxy.unknown_member";
    country.refused(&refused, 500, code).await;
    let after = counts().await;
    let grown: Vec<u64> = after
        .iter()
        .zip(before)
        .map(|(after, before)| after - before)
        .collect();
    // A good one before the refusal, and one after it.
    assert_eq!(grown, [2, 0, 1, 2, 4]);
    let health = country.health().await;
    assert_eq!((health.status(), health.text()), (200, ""));
    assert_eq!(Ask::get("/").send(admin).await.status(), 404);
    country.end().await;
}
