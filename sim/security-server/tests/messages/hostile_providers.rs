//! What the provider's security server may answer: nothing of it is believed before it is proven,
//! each lie has its code, and the next message passes.

use bytes::Bytes;
use parking_lot::Mutex;
use sim_domain::Dialect;
use sim_domain::fault::{Fault, FaultCode};
use sim_security_server::config::Limits;
use sim_trust_services::Profile;

use crate::client::{Ask, fault_of};
use crate::country::{Country, Plan, member};
use crate::notary::Notary;
use crate::part::eventually;
use crate::peer::{BODY, CHAIN, Parts, RESPONSE, SIGNATURE};
use crate::provider::{FAKE, Provider, Request, answer_of, http, response};
use crate::tls::Credential;

/// Bytes of a body that the consumer's server takes.
const MAX_BODY: usize = 100_000;

/// A country, and a provider that the consumer's server knows.
struct Scene {
    country: Country,
    notary: Notary,
    provider: Provider,
}

/// What makes an honest answer, for scripts to take along.
#[derive(Clone)]
struct Signer {
    signing: Credential,
    status: Bytes,
}

// === impl Signer ===

impl Signer {
    fn parts(&self, request: &Request) -> Parts {
        self.sign(&request.response_lines(), Some("honest"))
    }

    fn sign(&self, lines: &[String], body: Option<&'static str>) -> Parts {
        response(lines, body, &self.signing, &self.status)
    }

    fn answer(&self, request: &Request) -> Option<Vec<u8>> {
        Some(answer_of(&self.parts(request)))
    }
}

// === impl Scene ===

impl Scene {
    async fn set() -> Self {
        let country = Country::with(Plan {
            consumer: Box::new(|config| {
                config.limits = Limits {
                    max_body_bytes: MAX_BODY,
                    ..Limits::default()
                };
            }),
            ..Plan::default()
        })
        .await;
        let notary = Notary::of(&country).await;
        let provider = Provider::start(&country, &notary).await;
        let scene = Self {
            country,
            notary,
            provider,
        };
        let signer = scene.signer();
        scene.provider.answer(move |request| signer.answer(request));
        known(&scene.country).await;
        scene.honest().await;
        scene
    }

    fn signer(&self) -> Signer {
        let signing = self.provider.signing.clone();
        let status = self.notary.good(&signing);
        Signer { signing, status }
    }

    /// An answer with a lie in it is not passed on; the honest one after it is.
    async fn refused(
        &self,
        lie: &str,
        script: impl Fn(&Request) -> Option<Vec<u8>> + Send + Sync + 'static,
        code: &str,
    ) {
        self.provider.answer(script);
        let answer = self
            .country
            .ask(&Ask::new("POST", FAKE).body("asked"))
            .await;
        let code = format!("server.clientproxy.{code}");
        assert_eq!(fault_of(&answer), (500, code.as_str()), "{lie}: {answer:?}");
        self.honest().await;
    }

    /// As [`Self::refused`], where the lie is in the parts of an otherwise honest answer.
    async fn refused_parts(
        &self,
        lie: &str,
        change: impl Fn(&mut Parts) + Send + Sync + 'static,
        code: &str,
    ) {
        let signer = self.signer();
        let script = move |request: &Request| {
            let mut parts = signer.parts(request);
            change(&mut parts);
            Some(answer_of(&parts))
        };
        self.refused(lie, script, code).await;
    }

    /// As [`Self::refused`], where the lie is in the signed head.
    async fn refused_head(
        &self,
        lie: &str,
        change: impl Fn(&mut Vec<String>) + Send + Sync + 'static,
        code: &str,
    ) {
        let signer = self.signer();
        let script = move |request: &Request| {
            let mut lines = request.response_lines();
            change(&mut lines);
            Some(answer_of(&signer.sign(&lines, None)))
        };
        self.refused(lie, script, code).await;
    }

    async fn honest(&self) {
        let signer = self.signer();
        self.provider.answer(move |request| signer.answer(request));
        let answer = self.country.ask(&Ask::get(FAKE)).await;
        assert_eq!((answer.status(), answer.text()), (200, "honest"));
        self.country.good().await;
    }
}

/// Waits until the consumer's server finds the fake provider; gives the first answer.
async fn known(country: &Country) -> crate::wire::Message {
    eventually(async || {
        let answer = country.ask(&Ask::get(FAKE)).await;
        let unknown = Some("server.clientproxy.unknown_member");
        (answer.header("x-road-error") != unknown).then_some(answer)
    })
    .await
}

fn keep(parts: &mut Parts, wanted: impl Fn(&str) -> bool) {
    parts.retain(|(kind, _)| wanted(kind));
}

#[tokio::test]
async fn answers_must_have_the_form() {
    let scene = Scene::set().await;
    scene.refused("hangs up", |_| None, "io_error").await;
    let garbage = |_: &Request| Some(b"220 this is no HTTP\r\n\r\n".to_vec());
    scene.refused("no HTTP", garbage, "io_error").await;
    let huge = |_: &Request| {
        Some(http(
            200,
            "multipart/mixed",
            &vec![b'x'; MAX_BODY + 600_000],
        ))
    };
    scene.refused("huge", huge, "io_error").await;
    for status in [302, 404, 503] {
        let script = move |_: &Request| Some(http(status, "text/plain", b"no"));
        scene.refused("a status", script, "http_error").await;
    }
    let plain = |_: &Request| Some(http(200, "text/plain", b"hello"));
    let code = "service_failed.invalid_content_type";
    scene.refused("plain text", plain, code).await;
    let empty = |_: &Request| Some(http(200, "multipart/mixed; boundary=b", b""));
    let code = "service_failed.mime_parsing_failed";
    scene.refused("no parts", empty, code).await;
    let signer = scene.signer();
    let short = move |request: &Request| {
        let (content_type, body) =
            crate::peer::multipart_as("multipart/mixed", &signer.parts(request));
        Some(http(200, &content_type, &body[..body.len() - 5]))
    };
    scene.refused("cut short", short, code).await;
    let xml = |_: &Request| Some(http(200, "text/xml", b"<a/>"));
    scene
        .refused("no fault", xml, "service_failed.invalid_soap")
        .await;
    for (kind, code) in [
        (RESPONSE, "missing_rest"),
        (SIGNATURE, "missing_signature"),
        (CHAIN, "service_failed.invalid_message"),
    ] {
        let change = move |parts: &mut Parts| keep(parts, |found| found != kind);
        scene.refused_parts(kind, change, code).await;
    }
    let change = |parts: &mut Parts| parts.push((BODY, Bytes::from_static(b"more")));
    let code = "service_failed.invalid_message";
    scene
        .refused_parts("after the signature", change, code)
        .await;
    scene.country.end().await;
}

#[tokio::test]
async fn answers_must_have_a_response_s_head() {
    let scene = Scene::set().await;
    let code = "service_failed.invalid_message";
    for status in ["abc", "20", "099", "100", "2000", ""] {
        let change = move |lines: &mut Vec<String>| lines[0] = status.to_owned();
        scene.refused_head(status, change, code).await;
    }
    for at in 2..=6 {
        let change = move |lines: &mut Vec<String>| {
            lines.remove(at);
        };
        scene
            .refused_head("a header is missing", change, code)
            .await;
    }
    for header in [
        "Connection:close",
        "Content-Length:5",
        "no colon",
        "a b:c",
        "x:\u{1}",
    ] {
        let change = move |lines: &mut Vec<String>| lines.push(header.to_owned());
        scene.refused_head(header, change, code).await;
    }
    scene.country.end().await;
}

#[tokio::test]
async fn an_answer_must_answer_the_question() {
    let scene = Scene::set().await;
    for (at, line) in [
        (2, "x-road-id:another"),
        (3, "x-road-client:EE/GOV/1/secure"),
        (4, "x-road-service:EE/GOV/5/fake/another"),
        (5, "x-road-request-id:another"),
        (6, "x-road-request-hash:YW5vdGhlcg=="),
    ] {
        let change = move |lines: &mut Vec<String>| lines[at] = line.to_owned();
        scene
            .refused_head(line, change, "inconsistent_response")
            .await;
    }
    // The honest answer to an earlier question.
    let signer = scene.signer();
    let first = Mutex::new(None);
    scene.provider.answer(move |request| {
        let mut first = first.lock();
        let answer = first.get_or_insert_with(|| signer.answer(request));
        answer.clone()
    });
    let ask = Ask::get(FAKE);
    assert_eq!(scene.country.ask(&ask).await.status(), 200);
    let replayed = scene.country.ask(&ask).await;
    let code = "server.clientproxy.inconsistent_response";
    assert_eq!(fault_of(&replayed), (500, code));
    scene.honest().await;
    scene.country.end().await;
}

#[tokio::test]
async fn answers_must_be_signed_by_the_provider_now() {
    let scene = Scene::set().await;
    let notary = &scene.notary;
    let own = scene.provider.signing.clone();
    let (third, five) = (member("3"), member("5"));
    let other_member = notary.credential(Profile::Signing, &third).await;
    let expired = notary.expired(Profile::Signing, &five).await;
    let not_for_signing = notary.credential(Profile::Authentication, &five).await;
    let other_key = Credential {
        key: other_member.key.clone(),
        certificate: own.certificate.clone(),
    };
    let path = "invalid_cert_path.cert_validation";
    let information = "invalid_cert_path.incorrect_validation_info";
    for (lie, signing, status, code) in [
        (
            "the wrong key",
            &other_key,
            notary.good(&own),
            "invalid_signature_value",
        ),
        (
            "another member",
            &other_member,
            notary.good(&other_member),
            "incorrect_certificate",
        ),
        (
            "not for signing",
            &not_for_signing,
            notary.good(&not_for_signing),
            "incorrect_certificate",
        ),
        ("expired", &expired, notary.good(&expired), path),
        ("revoked", &own, notary.revoked(&own), path),
        ("stale", &own, notary.stale(&own), information),
    ] {
        let signer = Signer {
            signing: signing.clone(),
            status,
        };
        let code = format!("signature_verification.{code}");
        scene
            .refused(lie, move |request| signer.answer(request), &code)
            .await;
    }
    let changed = |parts: &mut Parts| {
        for (kind, content) in parts {
            if *kind == BODY {
                *content = Bytes::from_static(b"forged");
            }
        }
    };
    let code = "signature_verification.malformed_signature.invalid_hash_chain_ref";
    scene.refused_parts("another body", changed, code).await;
    scene.country.end().await;
}

#[tokio::test]
async fn a_peers_fault_is_passed_on_as_it_came() {
    let scene = Scene::set().await;
    for (sent, told, status) in [
        (
            "server.serverproxy.access_denied",
            "server.serverproxy.access_denied",
            500,
        ),
        (
            "Server.ServerProxy.AccessDenied",
            "Server.ServerProxy.AccessDenied",
            400,
        ),
        ("client.of_its_own", "client.of_its_own", 400),
        ("a\r\nSet-Cookie: b=c", "aSet-Cookie:b=c", 400),
    ] {
        let code = FaultCode::parse("placeholder");
        let fault = Fault::new(code, "a message", "0f2c");
        let soap = fault.to_soap(Dialect::Current).replace("placeholder", sent);
        let answer = http(200, "text/xml;charset=UTF-8", soap.as_bytes());
        scene.provider.answer(move |_| Some(answer.clone()));
        let answer = scene.country.ask(&Ask::get(FAKE)).await;
        assert_eq!(answer.header("x-road-error"), Some(told));
        assert_eq!(answer.status(), status);
        assert_eq!(answer.header("set-cookie"), None);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (&body["message"], &body["detail"]),
            (&"a message".into(), &"0f2c".into())
        );
        scene.honest().await;
    }
    scene.country.end().await;
}

#[tokio::test]
async fn a_silent_peer_is_not_waited_for_for_ever() {
    let country = Country::with(Plan {
        consumer: Box::new(|config| config.limits.peer_timeout_ms = 1_000),
        ..Plan::default()
    })
    .await;
    let notary = Notary::of(&country).await;
    let provider = Provider::start(&country, &notary).await;
    provider.answer(|_| Some(Vec::new()));
    let answer = known(&country).await;
    let code = "server.clientproxy.io_error";
    assert_eq!(fault_of(&answer), (500, code));
    country.good().await;
}

#[tokio::test]
async fn a_server_must_authenticate_as_the_providers() {
    let profile = Profile::Authentication;
    let five = member("5");
    let failed = "server.clientproxy.ssl_authentication_failed";
    let path = "server.clientproxy.ssl_authentication_failed.invalid_cert_path.cert_validation";
    for (case, code) in [
        ("no OCSP response", failed),
        ("stale", path),
        ("revoked", path),
        ("of another certificate", path),
        ("not registered", failed),
        ("of another server", failed),
    ] {
        let country = Country::start().await;
        let notary = Notary::of(&country).await;
        let own = notary.credential(profile, &five).await;
        let other = notary.credential(profile, &five).await;
        let (registered, shown, status) = match case {
            "no OCSP response" => (own.clone(), own, None),
            "stale" => (own.clone(), own.clone(), Some(notary.stale(&own))),
            "revoked" => (own.clone(), own.clone(), Some(notary.revoked(&own))),
            "of another certificate" => (own.clone(), own, Some(notary.good(&other))),
            "not registered" => (own, other.clone(), Some(notary.good(&other))),
            _ => {
                crate::peer::register(&country, &other, "4", "ss4", 4, "4/hostile").await;
                (own, other.clone(), Some(notary.good(&other)))
            }
        };
        let provider = Provider::start_as(&country, &notary, &registered, shown, status).await;
        // Whatever it would say, nobody asks.
        provider.answer(|_| panic!("the message was sent"));
        let answer = known(&country).await;
        assert_eq!(fault_of(&answer), (500, code), "{case}");
        country.good().await;
        country.end().await;
    }
}
