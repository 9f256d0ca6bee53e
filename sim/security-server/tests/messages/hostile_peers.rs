//! What another security server may send to the message port: each lie has its code, as SOAP in a
//! 200 answer; none reaches the service, none is logged, and the next message passes.

use bytes::Bytes;
use sim_trust_services::Profile;

use crate::country::{Country, member};
use crate::notary::Notary;
use crate::part::eventually;
use crate::peer::{
    BODY, CHAIN, CHAIN_RESULT, Envelope, OCSP, Parts, Peer, REQUEST, RESPONSE, SIGNATURE, part_of,
    signed, soap_fault_of,
};
use crate::tls::Credential;

/// A country, and a peer that its provider's server knows.
struct Scene {
    country: Country,
    notary: Notary,
    peer: Peer,
    honest: u32,
}

impl Scene {
    async fn set() -> Self {
        let country = Country::start().await;
        let notary = Notary::of(&country).await;
        let peer = Peer::register(&country, &notary).await;
        let mut scene = Self {
            country,
            notary,
            peer,
            honest: 0,
        };
        let parts = scene.peer.parts(&scene.notary, "settled", Some("body"));
        let envelope = Envelope::of(&parts);
        // Until the server knows this peer, it breaks the handshake off.
        let own = Some(&scene.peer.authentication);
        eventually(async || scene.peer.try_send(own, &envelope).await.ok()).await;
        scene.country.note_answered_by_provider("settled");
        scene.honest().await;
        scene
    }

    fn parts(&self, body: Option<&'static str>) -> Parts {
        self.peer.parts(&self.notary, "lie", body)
    }

    /// A message without fault is answered.
    async fn honest(&mut self) {
        self.honest += 1;
        let id = format!("honest-{}", self.honest);
        let body = self.honest.is_multiple_of(2).then_some("honest");
        let answer = self
            .peer
            .send(&self.peer.parts(&self.notary, &id, body))
            .await;
        assert_eq!(answer.header("x-hash-algorithm"), Some("SHA-512"));
        let head = part_of(&answer, RESPONSE).unwrap();
        assert!(head.starts_with(b"200\r\nOK\r\n"), "{head:?}");
        assert_eq!(part_of(&answer, BODY).as_deref(), body.map(str::as_bytes));
        assert!(part_of(&answer, SIGNATURE).is_some());
        self.country.note_answered_by_provider(&id);
    }

    /// A message with a lie in it is refused, and leaves no trace.
    async fn refused(&mut self, lie: &str, envelope: Envelope, code: &str) {
        let calls = self.country.service.calls().len();
        let answer = self.peer.send_envelope(&envelope).await;
        assert_eq!(
            soap_fault_of(&answer),
            format!("server.serverproxy.{code}"),
            "{lie}"
        );
        assert_eq!(self.country.service.calls().len(), calls, "{lie}");
        self.honest().await;
    }

    async fn refused_parts(&mut self, lie: &str, parts: &Parts, code: &str) {
        self.refused(lie, Envelope::of(parts), code).await;
    }
}

/// The parts without those of one type.
fn without(parts: &Parts, kind: &str) -> Parts {
    let kept = parts.iter().filter(|(found, _)| *found != kind);
    kept.cloned().collect()
}

/// The parts with other content for one type.
fn with(parts: &Parts, kind: &str, content: &Bytes) -> Parts {
    let replaced = parts.iter().map(|(found, old)| {
        let content = if *found == kind { content } else { old };
        (*found, content.clone())
    });
    replaced.collect()
}

fn content(parts: &Parts, kind: &str) -> Bytes {
    let found = parts.iter().find(|(found, _)| *found == kind);
    found.unwrap().1.clone()
}

#[tokio::test]
async fn messages_must_have_the_form() {
    let mut scene = Scene::set().await;
    let parts = scene.parts(Some("body"));
    let whole = Envelope::of(&parts);
    let mime = "service_failed.mime_parsing_failed";
    for cut in [0, 1, 40, 400, whole.body.len() / 2, whole.body.len() - 5] {
        let envelope = Envelope {
            body: whole.body.slice(..cut),
            ..whole.clone()
        };
        scene.refused("cut short", envelope, mime).await;
    }
    let invalid = "service_failed.invalid_message";
    for (kind, code) in [
        (OCSP, "service_failed.ssl_authentication_failed"),
        (REQUEST, "missing_rest"),
        (SIGNATURE, "missing_signature"),
        (CHAIN, invalid),
        (CHAIN_RESULT, invalid),
    ] {
        let parts = without(&parts, kind);
        scene
            .refused_parts(&format!("no {kind}"), &parts, code)
            .await;
    }
    scene
        .refused_parts("nothing", &Vec::new(), "missing_rest")
        .await;
    let mut more = parts.clone();
    more.push((BODY, Bytes::from_static(b"after the signature")));
    scene.refused_parts("too much", &more, invalid).await;
    let mut twice = parts.clone();
    twice.insert(1, (REQUEST, content(&parts, REQUEST)));
    scene.refused_parts("two heads", &twice, invalid).await;
    let content_type = "service_failed.invalid_content_type";
    for (kind, code) in [
        ("text/plain", content_type),
        ("", content_type),
        ("multipart/mixed", content_type),
        ("multipart/mixed; boundary=another", mime),
    ] {
        let envelope = Envelope {
            content_type: kind.to_owned(),
            ..whole.clone()
        };
        scene.refused(kind, envelope, code).await;
    }
    for (dropped, code) in [
        ("x-hash-algorithm", invalid),
        ("x-road-message-type", invalid),
    ] {
        let mut envelope = whole.clone();
        envelope.headers.retain(|(name, _)| *name != dropped);
        scene.refused(dropped, envelope, code).await;
    }
    for method in ["GET", "PUT", "HEADS"] {
        let envelope = Envelope {
            method,
            ..whole.clone()
        };
        scene.refused(method, envelope, "invalid_http_method").await;
    }
    scene.country.end().await;
}

#[tokio::test]
async fn heads_must_be_requests() {
    let mut scene = Scene::set().await;
    let invalid = "service_failed.invalid_message";
    let third = member("3");
    let other_member = scene.notary.credential(Profile::Signing, &third).await;
    let tail = "x-road-client:EE/GOV/4/hostile\r\nx-road-request-id:r\r\nx-road-id:lie\r\n";
    let target = "/r1/EE/GOV/2/population/echo";
    for (lie, head, code) in [
        ("nothing", String::new(), invalid),
        ("no target", "POST\r\n".to_owned(), invalid),
        (
            "bare line feeds",
            format!("POST\n{target}\n{tail}"),
            invalid,
        ),
        (
            "no client",
            format!("POST\r\n{target}\r\nx-road-request-id:r\r\nx-road-id:lie\r\n"),
            invalid,
        ),
        (
            "a space",
            format!(
                "POST\r\n{target}\r\nx-road-client: EE/GOV/4/hostile\r\nx-road-request-id:r\r\nx-road-id:lie\r\n"
            ),
            invalid,
        ),
        (
            "no IDs",
            format!("POST\r\n{target}\r\nx-road-client:EE/GOV/4/hostile\r\n"),
            invalid,
        ),
        (
            "a header of one hop",
            format!("POST\r\n{target}\r\n{tail}Connection:close\r\n"),
            invalid,
        ),
        (
            "an absolute target",
            format!("POST\r\nhttp://there{target}\r\n{tail}"),
            invalid,
        ),
        (
            "another verb",
            format!("BREW\r\n{target}\r\n{tail}"),
            invalid,
        ),
        (
            "another provider",
            format!("POST\r\n/r1/EE/GOV/1/pensions/echo\r\n{tail}"),
            "service_failed.unknown_member",
        ),
        (
            "another service",
            format!("POST\r\n{target}2\r\n{tail}"),
            "unknown_service",
        ),
        (
            "no right",
            format!("POST\r\n/r1/EE/GOV/2/population/others\r\n{tail}"),
            "access_denied",
        ),
        (
            "upwards",
            format!("POST\r\n{target}/%2e%2e/x\r\n{tail}"),
            "access_denied",
        ),
        (
            "disabled",
            format!("POST\r\n/r1/EE/GOV/2/population/disabled\r\n{tail}"),
            "service_disabled",
        ),
    ] {
        // All of this comes before the signature, so a wrong one changes nothing.
        for signing in [&scene.peer.signing.clone(), &other_member] {
            let status = scene.notary.good(signing);
            let mut parts = signed(REQUEST, &head, None, signing, &status);
            parts.insert(0, (OCSP, scene.notary.good(&scene.peer.authentication)));
            scene.refused_parts(lie, &parts, code).await;
        }
    }
    scene.country.end().await;
}

#[tokio::test]
async fn only_the_clients_own_server_may_speak_for_it() {
    let mut scene = Scene::set().await;
    let untrusted = "service_failed.ssl_authentication_failed";
    for client in ["EE/GOV/1/pensions", "EE/GOV/3/third", "EE/GOV/99/x"] {
        let parts = scene.peer.parts_of(client, &scene.notary, "lie", None);
        scene.refused_parts(client, &parts, untrusted).await;
    }
    let parts = scene.parts(Some("body"));
    let authentication = scene.peer.authentication.clone();
    let status = [
        ("stale", scene.notary.stale(&authentication)),
        ("revoked", scene.notary.revoked(&authentication)),
        (
            "of another certificate",
            scene.notary.good(&scene.peer.signing),
        ),
        ("nonsense", Bytes::from_static(b"nonsense")),
        ("empty", Bytes::new()),
    ];
    for (lie, status) in status {
        let parts = with(&parts, OCSP, &status);
        scene.refused_parts(lie, &parts, untrusted).await;
    }
    // Strangers are not listened to at all.
    let notary = &scene.notary;
    let strangers = [
        None,
        Some(Credential::self_signed("stranger")),
        Some(
            notary
                .credential(Profile::Authentication, &member("4"))
                .await,
        ),
        Some(scene.peer.signing.clone()),
    ];
    let calls = scene.country.service.calls().len();
    for stranger in strangers {
        let envelope = Envelope::of(&parts);
        let answer = scene.peer.try_send(stranger.as_ref(), &envelope).await;
        assert!(answer.is_err(), "{answer:?}");
    }
    assert_eq!(scene.country.service.calls().len(), calls);
    scene.honest().await;
    scene.country.end().await;
}

#[tokio::test]
async fn signatures_must_be_the_clients_over_this_message_now() {
    let mut scene = Scene::set().await;
    let notary = Notary::of(&scene.country).await;
    let own = scene.peer.signing.clone();
    let head = content(&scene.parts(None), REQUEST);
    let head = std::str::from_utf8(&head).unwrap().to_owned();
    let (third, four) = (member("3"), member("4"));
    let other_member = notary.credential(Profile::Signing, &third).await;
    let not_for_signing = notary.credential(Profile::Authentication, &four).await;
    let expired = notary.expired(Profile::Signing, &four).await;
    let unknown = Credential::self_signed("nobody");
    let other_key = Credential {
        key: other_member.key.clone(),
        certificate: own.certificate.clone(),
    };
    let revoked = notary.credential(Profile::Signing, &four).await;
    notary.revoke(&revoked).await;
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
        (
            "of another certificate",
            &own,
            notary.good(&other_member),
            information,
        ),
        (
            "revoked in truth",
            &revoked,
            notary.status(&revoked).await,
            path,
        ),
        (
            "of no authority",
            &unknown,
            notary.good(&own),
            "incorrect_certificate",
        ),
    ] {
        for body in [None, Some("body")] {
            let mut parts = signed(REQUEST, &head, body, signing, &status);
            parts.insert(0, (OCSP, notary.good(&scene.peer.authentication)));
            let code = format!("signature_verification.{code}");
            scene.refused_parts(lie, &parts, &code).await;
        }
    }
    scene.country.end().await;
}

#[tokio::test]
async fn a_signature_covers_every_byte_of_its_message() {
    let mut scene = Scene::set().await;
    let parts = scene.parts(Some("body"));
    let plain = scene.parts(None);
    let other = scene.peer.parts(&scene.notary, "other", Some("other body"));
    let direct = scene.peer.parts(&scene.notary, "other", None);
    let wrong = "signature_verification.invalid_signature_value";
    let malformed = "signature_verification.malformed_signature";
    let reference = "signature_verification.malformed_signature.invalid_hash_chain_ref";
    let changed = Bytes::from_static(b"bode");
    for (lie, parts, code) in [
        ("another body", with(&parts, BODY, &changed), reference),
        (
            "another head",
            with(&parts, REQUEST, &content(&other, REQUEST)),
            reference,
        ),
        (
            "another head, directly",
            with(&plain, REQUEST, &content(&direct, REQUEST)),
            wrong,
        ),
        (
            "another signature",
            with(&parts, SIGNATURE, &content(&other, SIGNATURE)),
            wrong,
        ),
        (
            "another signature, directly",
            with(&plain, SIGNATURE, &content(&direct, SIGNATURE)),
            wrong,
        ),
        (
            "body taken away",
            without(&parts, BODY),
            "signature_verification.malformed_signature.invalid_hash_chain_ref",
        ),
        (
            "chain taken away",
            without(&without(&parts, CHAIN), CHAIN_RESULT),
            malformed,
        ),
        (
            "no signature",
            with(&plain, SIGNATURE, &Bytes::from_static(b"<a/>")),
            malformed,
        ),
        ("empty", with(&plain, SIGNATURE, &Bytes::new()), malformed),
    ] {
        scene.refused_parts(lie, &parts, code).await;
    }
    // A body that was put in, where none was signed.
    let mut added = plain.clone();
    added.insert(2, (BODY, Bytes::from_static(b"body")));
    scene.refused_parts("body put in", &added, malformed).await;
    scene.country.end().await;
}
