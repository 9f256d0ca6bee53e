//! The multipart form: what is written can be read, and nothing else can.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
use sim_clock::Clock;
use sim_domain::fault::{Dialect, Fault, FaultCode, Reason};
use sim_http1::{Answer, ClientConnection, Headers, OutgoingRequest, Response, ServerConnection};

use super::framing::{self, FramingError, MAX_PARTS};
use super::{
    AnswerParts, MessageParts, MultipartError, OutgoingMessage, ParsedAnswer, RequestHeaders,
    RequestParts, fault_answer, parse_answer, parse_request,
};

const REST: &str = "application/x-road-rest-request";
const BODY: &str = "application/x-road-rest-body";
const RESULT: &str = "application/hash-chain-result";
const CHAIN: &str = "application/hash-chain";
const OCSP: &str = "application/ocsp-response";
const SIGNATURE: &str = "signature/bdoc-1.0/ts";
const ANSWER: &str = "application/x-road-rest-response";

fn content() -> impl Strategy<Value = Bytes> {
    // Line breaks and dashes, because those are what framing is made of.
    let tricky = "(\r\n|--|xtop|[a-z]){0,20}".prop_map(Bytes::from);
    proptest::prop_oneof![
        tricky,
        any::<Vec<u8>>().prop_map(Bytes::from),
        Just(Bytes::new())
    ]
}

fn parts() -> impl Strategy<Value = RequestParts> {
    (
        proptest::collection::vec(content(), 0..4),
        content(),
        proptest::option::of(content()),
        proptest::option::of((content(), content())),
        content(),
    )
        .prop_map(
            |(ocsp_responses, head, body, hash_chain, signature)| RequestParts {
                ocsp_responses,
                head,
                body,
                hash_chain,
                signature,
            },
        )
}

fn borrowed(parts: &RequestParts) -> MessageParts<'_> {
    MessageParts {
        ocsp_responses: &parts.ocsp_responses,
        head: &parts.head,
        body: parts.body.as_ref(),
        hash_chain: parts
            .hash_chain
            .as_ref()
            .map(|(result, chain)| (result, chain)),
        signature: &parts.signature,
    }
}

fn request(parts: &RequestParts) -> OutgoingMessage {
    let headers = RequestHeaders {
        request_id: "r-1",
        original_content_type: "text/plain",
    };
    OutgoingMessage::request(&headers, &borrowed(parts))
}

fn full() -> RequestParts {
    RequestParts {
        ocsp_responses: vec![Bytes::from_static(b"ocsp")],
        head: Bytes::from_static(b"POST\r\n"),
        body: Some(Bytes::from_static(b"{}")),
        hash_chain: Some((
            Bytes::from_static(b"<result/>"),
            Bytes::from_static(b"<chain/>"),
        )),
        signature: Bytes::from_static(b"<signature/>"),
    }
}

/// What arrives of a message's headers.
fn headers(message: &OutgoingMessage) -> Headers {
    let lines: Vec<_> = message
        .headers()
        .map(|(name, value)| (name, value.as_bytes()))
        .collect();
    Headers::of(&lines)
}

/// What arrives of its body.
fn body(message: &OutgoingMessage) -> Bytes {
    message.body().concat().into()
}

/// What arrives of an answer.
async fn sent(answer: Answer) -> Response {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let answering = async {
        let mut server = ServerConnection::new(far, Clock::wall());
        let request = server.next(Duration::from_secs(10)).await.unwrap().unwrap();
        request.answer(answer, false).await.unwrap()
    };
    let request = OutgoingRequest::new("POST", "/", [], vec![]).unwrap();
    let mut client = ClientConnection::new(near);
    let (_, answer) = tokio::join!(answering, client.exchange(&request, 64 * 1024));
    answer.unwrap()
}

/// What reading a request of these parts gives.
fn read(parts: &[&str]) -> Result<RequestParts, MultipartError> {
    let headers = headers(&request(&full()));
    parse_request(&headers, &framed(&headers, parts))
}

fn framed(headers: &Headers, parts: &[&str]) -> Bytes {
    let content_type = headers.text("content-type").unwrap_or_default();
    let boundary = framing::boundary_of(content_type, "multipart/mixed").unwrap_or_default();
    let content = Bytes::from_static(b"x");
    let parts: Vec<_> = parts.iter().map(|kind| (*kind, &content)).collect();
    framing::write(boundary, &parts).concat().into()
}

proptest! {
    #[test]
    fn requests_read_back(parts in parts()) {
        let message = request(&parts);
        prop_assert_eq!(parse_request(&headers(&message), &body(&message)).unwrap(), parts);
    }

    #[test]
    fn answers_read_back(parts in parts(), status in proptest::sample::select(vec![200_u16, 500])) {
        let parts = RequestParts { ocsp_responses: Vec::new(), ..parts };
        let message = OutgoingMessage::response(&borrowed(&parts));
        let status = StatusCode::from_u16(status).unwrap();
        let read = parse_answer(status, &headers(&message), &body(&message)).unwrap();
        let RequestParts { head, body, hash_chain, signature, .. } = parts;
        let expected = AnswerParts { head, body, hash_chain, signature };
        prop_assert_eq!(read, ParsedAnswer::Message(expected));
    }

    #[test]
    fn a_cut_anywhere_is_an_error(parts in parts(), at in any::<proptest::sample::Index>()) {
        let message = request(&parts);
        // All but the last line break, which says nothing.
        let body = body(&message);
        let end = at.index(body.len() - 2);
        prop_assert!(parse_request(&headers(&message), &body.slice(..end)).is_err());
    }

    #[test]
    fn a_message_that_was_changed_is_an_error_or_another_message(
        parts in parts(),
        at in any::<proptest::sample::Index>(),
        gone in 0..20_usize,
        inserted in "(\r\n|--|content-type: |[a-z/;=]){0,20}",
    ) {
        let message = request(&parts);
        let mut body = message.body().concat();
        let at = at.index(body.len());
        let end = (at + gone).min(body.len());
        body.splice(at..end, inserted.into_bytes());
        let length = body.len();
        // Parts are slices of what came: they cannot be more than it.
        if let Ok(read) = parse_request(&headers(&message), &body.into()) {
            let content = read.body.map_or(0, |body| body.len());
            prop_assert!(read.head.len() + content + read.signature.len() <= length);
        }
    }

    #[test]
    fn any_bytes_are_parts_or_an_error(
        bytes in "(--b|\r\n|--|content-type: a|:|[a-z]){0,40}",
        noise in any::<Vec<u8>>(),
    ) {
        for body in [Bytes::from(bytes), Bytes::from([b"--b\r\n", noise.as_slice()].concat())] {
            if let Ok(parts) = framing::split("b", &body) {
                prop_assert!(parts.iter().all(|part| !part.content.windows(5).any(|at| at == b"\r\n--b")));
            }
        }
    }
}

#[test]
fn the_documented_form_is_written() {
    let message = request(&full());
    let headers = headers(&message);
    let content_type = headers.text("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/mixed; charset=UTF-8; boundary=")
        .unwrap();
    assert!(boundary.starts_with("xtop") && boundary.len() == 34);
    let expected = format!(
        "--{boundary}\r\ncontent-type: application/ocsp-response\r\n\r\nocsp\r\n\
         --{boundary}\r\ncontent-type: application/x-road-rest-request\r\n\r\nPOST\r\n\r\n\
         --{boundary}\r\ncontent-type: application/x-road-rest-body\r\n\r\n{{}}\r\n\
         --{boundary}\r\ncontent-type: application/hash-chain-result\r\n\r\n<result/>\r\n\
         --{boundary}\r\ncontent-type: application/hash-chain\r\n\r\n<chain/>\r\n\
         --{boundary}\r\ncontent-type: signature/bdoc-1.0/ts\r\n\r\n<signature/>\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(body(&message), expected);
    for (name, value) in [
        ("x-hash-algorithm", "SHA-512"),
        ("x-road-message-type", "REST"),
        ("x-road-request-id", "r-1"),
        ("x-original-content-type", "text/plain"),
        ("x-proxy-version", "7.8.0"),
    ] {
        assert_eq!(headers.text(name), Some(value));
    }
}

#[test]
fn parts_must_stand_in_their_order() {
    assert!(read(&[OCSP, OCSP, REST, BODY, RESULT, CHAIN, SIGNATURE]).is_ok());
    assert!(read(&[REST, SIGNATURE]).is_ok());
    for (parts, code) in [
        (&[][..], "missing_rest"),
        (&[OCSP], "missing_rest"),
        (&[SIGNATURE], "missing_rest"),
        (&[OCSP, BODY, SIGNATURE], "missing_rest"),
        (&[REST], "missing_signature"),
        (&[REST, BODY], "missing_signature"),
        (&[REST, RESULT], "missing_signature"),
        (&[REST, RESULT, CHAIN], "missing_signature"),
        (&[REST, OCSP, SIGNATURE], "service_failed.invalid_message"),
        (&[REST, CHAIN, SIGNATURE], "service_failed.invalid_message"),
        (&[REST, RESULT, SIGNATURE], "service_failed.invalid_message"),
        (&[REST, REST, SIGNATURE], "service_failed.invalid_message"),
        (
            &[REST, BODY, BODY, SIGNATURE],
            "service_failed.invalid_message",
        ),
        (
            &[REST, RESULT, CHAIN, BODY, SIGNATURE],
            "service_failed.invalid_message",
        ),
        (
            &["text/plain", REST, SIGNATURE],
            "service_failed.invalid_message",
        ),
        (&[ANSWER, SIGNATURE], "service_failed.invalid_message"),
        (
            &[REST, SIGNATURE, SIGNATURE],
            "service_failed.invalid_message",
        ),
        (&[REST, SIGNATURE, BODY], "service_failed.invalid_message"),
    ] {
        // The writer frames an empty list as a closing boundary alone.
        let refused = read(parts).unwrap_err();
        let expected = format!("server.serverproxy.{code}");
        let code = refused.fault_code(FaultCode::server_proxy);
        assert_eq!(code.canonical(), expected, "{parts:?}: {refused}");
    }
}

#[test]
fn malformed_framing_is_refused() {
    let message = request(&full());
    let headers = headers(&message);
    let good = String::from_utf8(body(&message).into()).unwrap();
    for (from, to, expected) in [
        ("--xtop", "\r\n--xtop", FramingError::Start),
        (
            "content-type: application/ocsp-response\r\n",
            "",
            FramingError::NoContentType,
        ),
        ("content-type:", "content-type", FramingError::Headers),
        (
            "content-type: app",
            "x: y\r\ncontent-kind: app",
            FramingError::NoContentType,
        ),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        let refused = parse_request(&headers, &changed.into()).unwrap_err();
        assert_eq!(refused, MultipartError::Framing(expected), "{from} -> {to}");
    }
    let longer = good
        .replace("boundary", "")
        .replacen("\r\ncontent-type", "x\r\ncontent-type", 1);
    let refused = parse_request(&headers, &longer.into()).unwrap_err();
    assert_eq!(refused, MultipartError::Framing(FramingError::Boundary));
    let header = format!("content-type: {}", "x".repeat(2000));
    let endless = good.replacen("content-type: application/ocsp-response", &header, 1);
    let refused = parse_request(&headers, &endless.into()).unwrap_err();
    assert_eq!(refused, MultipartError::Framing(FramingError::Headers));
    let many = vec![OCSP; MAX_PARTS + 1];
    assert_eq!(
        read(&many),
        Err(MultipartError::Framing(FramingError::TooManyParts))
    );
    let followed = format!("{good}more");
    let refused = parse_request(&headers, &followed.into()).unwrap_err();
    assert_eq!(refused, MultipartError::AfterSignature);
}

#[test]
fn headers_of_the_transport_are_checked() {
    let message = request(&full());
    for (name, value, code) in [
        ("content-type", "text/plain", "invalid_content_type"),
        ("content-type", "multipart/mixed", "invalid_content_type"),
        (
            "content-type",
            "multipart/related; boundary=x",
            "invalid_content_type",
        ),
        (
            "content-type",
            "multipart/mixed; boundary=\u{1}x",
            "invalid_content_type",
        ),
        (
            "content-type",
            "multipart/mixed; boundary=other",
            "mime_parsing_failed",
        ),
        ("x-hash-algorithm", "SHA-1", "invalid_message"),
        ("x-road-message-type", "SOAP", "invalid_message"),
    ] {
        let others = || message.headers().filter(|(other, _)| *other != name);
        let lines = |added: Option<(&'static str, &'static str)>| {
            let lines: Vec<_> = others()
                .chain(added)
                .map(|(name, value)| (name, value.as_bytes()))
                .collect();
            Headers::of(&lines)
        };
        let changed = lines(Some((name, value)));
        let refused = parse_request(&changed, &body(&message)).unwrap_err();
        let expected = format!("server.serverproxy.service_failed.{code}");
        assert_eq!(
            refused.fault_code(FaultCode::server_proxy).canonical(),
            expected
        );
        assert!(
            parse_request(&lines(None), &body(&message)).is_err(),
            "without {name}"
        );
    }
    let quoted = "Multipart/Mixed; Boundary=\"a b\"; charset=UTF-8";
    assert_eq!(framing::boundary_of(quoted, "multipart/mixed"), Some("a b"));
}

#[tokio::test]
async fn faults_are_read_as_reply_and_as_part() {
    let code = FaultCode::server_proxy(Reason::AccessDenied);
    let fault = Fault::new(code, "Request is not allowed", "0f");
    let expected = ParsedAnswer::Fault(Box::new(fault.clone()));

    let reply = sent(fault_answer(&fault, Dialect::Legacy)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(
        parse_answer(reply.status, &reply.headers, &reply.body).unwrap(),
        expected
    );

    // The same headers arrive where the message is an answer.
    let message = OutgoingMessage::response(&borrowed(&full()));
    let whole = sent(message.clone().into_answer()).await;
    assert_eq!(whole.body, body(&message));
    let headers = whole.headers;
    let boundary = framing::boundary_of(headers.text("content-type").unwrap(), "multipart/mixed");
    let boundary = boundary.unwrap();
    let framed = |parts: &[(&str, &Bytes)]| Bytes::from(framing::write(boundary, parts).concat());
    let soap = fault.to_soap(Dialect::Current);
    let soap = Bytes::from(soap);
    let fault_part = ("text/xml; charset=UTF-8", &soap);
    let (status, content) = (Bytes::from_static(b"200\r\n"), Bytes::from_static(b"x"));
    for parts in [vec![fault_part], vec![(ANSWER, &status), fault_part]] {
        assert_eq!(
            parse_answer(StatusCode::OK, &headers, &framed(&parts)).unwrap(),
            expected
        );
    }
    let signed = [(ANSWER, &content), (SIGNATURE, &content), fault_part];
    let refused = parse_answer(StatusCode::OK, &headers, &framed(&signed));
    assert_eq!(refused, Err(MultipartError::AfterSignature));
}

#[test]
fn answers_that_are_none_are_refused() {
    let headers = Headers::of(&[("content-type", b"text/xml")]);
    let empty = Bytes::new();
    for (status, expected) in [
        (404, "server.clientproxy.http_error"),
        (302, "server.clientproxy.http_error"),
        (200, "server.clientproxy.service_failed.invalid_soap"),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let refused = parse_answer(status, &headers, &empty).unwrap_err();
        assert_eq!(
            refused.fault_code(FaultCode::client_proxy).canonical(),
            expected
        );
    }
    let headers = Headers::of(&[("Content-Type", b"text/html")]);
    let refused = parse_answer(StatusCode::OK, &headers, &empty).unwrap_err();
    let expected = "server.clientproxy.service_failed.invalid_content_type";
    assert_eq!(
        refused.fault_code(FaultCode::client_proxy).canonical(),
        expected
    );
}
