//! REST messages: what is kept, what is added, and what is refused.

use bytes::Bytes;
use proptest::prelude::{any, prop_assert_eq, proptest};
use sim_domain::fault::{Dialect, FaultCode};
use sim_domain::rest::{MessageError, Mismatch, RequestError};
use sim_domain::{RestRequest, RestResponse};

const TARGET: &str = "/r1/EE/GOV/70000310/register/liveness/people/1?full=yes&x=%20";
const REQUEST_ID: &str = "78b890f3-b1eb-45b2-a512-beec5d7ead23";

fn request(headers: &[(&str, &str)]) -> Result<RestRequest, RequestError> {
    RestRequest::from_parts("GET", TARGET, headers, REQUEST_ID, || {
        "EE-generated".to_owned()
    })
}

fn client_request() -> RestRequest {
    request(&[("X-Road-Client", "EE/GOV/1/pensions"), ("x-road-id", "m-1")])
        .expect("the request is well formed")
}

#[test]
fn a_request_is_serialised_with_the_added_headers_last() {
    let request = request(&[
        ("Host", "127.0.0.1:8080"),
        ("User-Agent", "curl"),
        ("X-Road-Client", "EE/GOV/1/pensions"),
        ("X-Road-Request-Id", "mine"),
        ("x-road-request-hash", "mine"),
        ("Accept", "application/json"),
        ("Content-Length", "0"),
    ])
    .unwrap();
    assert_eq!(
        request.serialised,
        format!(
            "GET\r\n{TARGET}\r\nX-Road-Client:EE/GOV/1/pensions\r\nAccept:application/json\r\n\
             x-road-request-id:{REQUEST_ID}\r\nx-road-id:EE-generated\r\n"
        )
    );
    assert_eq!(
        request.service.to_string(),
        "EE/GOV/70000310/register/liveness"
    );
    assert_eq!(request.service_path, "/people/1");
    assert_eq!(request.query.as_deref(), Some("full=yes&x=%20"));
    assert_eq!(
        RestRequest::parse(request.serialised.clone()).unwrap(),
        request
    );
}

#[test]
fn a_given_message_id_stays_where_it_was() {
    let request = request(&[("X-Road-Id", "m-1"), ("X-Road-Client", "EE/GOV/1/a")]).unwrap();
    assert_eq!(request.id, "m-1");
    assert_eq!(
        request.serialised,
        format!(
            "GET\r\n{TARGET}\r\nX-Road-Id:m-1\r\nX-Road-Client:EE/GOV/1/a\r\n\
             x-road-request-id:{REQUEST_ID}\r\n"
        )
    );
    assert_eq!(
        RestRequest::parse(request.serialised.clone()).unwrap(),
        request
    );
}

#[test]
fn service_paths_are_kept_raw() {
    for (target, path, query) in [
        ("/r1/EE/GOV/1/a/s", "", None),
        ("/r1/EE/GOV/1/a/s/", "/", None),
        ("/r1/EE/GOV/1/a/s?", "", Some("")),
        ("/r1/EE/GOV/1/a/s//x/%2e%2e?a?b", "//x/%2e%2e", Some("a?b")),
        ("/r1/EE/GOV/1/s%2Fub/s/%ff", "/%ff", None),
    ] {
        let headers = [("x-road-client", "EE/GOV/1/a")];
        let request = RestRequest::from_parts("PUT", target, &headers, "r", || "i".to_owned());
        let request = request.unwrap_or_else(|error| panic!("{target}: {error}"));
        assert_eq!(
            (request.service_path.as_str(), request.query.as_deref()),
            (path, query)
        );
    }
}

#[test]
fn bad_requests_are_internal_errors_and_a_missing_client_has_its_own_code() {
    let client = ("X-Road-Client", "EE/GOV/1/a");
    for target in [
        "/",
        "/r1/EE/GOV/1/a",
        "/r1/EE/GOV/1//s",
        "/r2/EE/GOV/1/a/s",
        "/r1/EE/GOV/%2/a/s",
        "/r1/EE/GOV/%ff/a/s",
        "/r1/EE/GOV/1/a/s/%zz",
        "/r1/EE/GOV/1/a/s/ö",
        "/r1/EE/GOV/1/a/s/a b",
        "/r1/EE/GOV/1/a/s?%g",
        "/r1/EE/GOV/1/a/s?a\r\nb",
        "http://host/r1/EE/GOV/1/a/s",
    ] {
        let refused =
            RestRequest::from_parts("GET", target, &[client], "r", || "i".to_owned()).unwrap_err();
        assert_eq!(
            refused.fault_code().canonical(),
            "server.clientproxy.internal_error"
        );
        assert_eq!(
            refused.fault_code().http_status(Dialect::Current),
            500,
            "{target}"
        );
    }
    for (headers, expected) in [
        (&[][..], "server.clientproxy.invalid_client_identifier"),
        (
            &[("X-Road-Client", "EE/GOV")],
            "server.clientproxy.internal_error",
        ),
        (
            &[("X-Road-Client", "EE/GOV/1/%")],
            "server.clientproxy.internal_error",
        ),
        (
            &[client, ("X-Road-Client", "")],
            "server.clientproxy.internal_error",
        ),
        (
            &[client, ("X-Road-Security-Server", "EE/GOV/1")],
            "server.clientproxy.internal_error",
        ),
        (&[client, ("a b", "x")], "server.clientproxy.internal_error"),
        (
            &[client, ("a", "x\r\ny: z")],
            "server.clientproxy.internal_error",
        ),
    ] {
        assert_eq!(
            request(headers).unwrap_err().fault_code(),
            FaultCode::parse(expected)
        );
    }
    let long = "x".repeat(256);
    assert_eq!(
        request(&[client, ("x-road-id", &long)]),
        Err(RequestError::MessageId)
    );
    let verb = RestRequest::from_parts("CONNECT", TARGET, &[client], "r", || "i".to_owned());
    assert_eq!(verb, Err(RequestError::Verb("CONNECT".to_owned())));
}

#[test]
fn the_last_client_counts() {
    let request = request(&[
        ("x-road-client", "EE/GOV/1/a"),
        ("X-Road-Client", "EE/GOV/2/b"),
    ]);
    assert_eq!(request.unwrap().client.to_string(), "EE/GOV/2/b");
}

#[test]
fn peers_requests_are_read_strictly() {
    let good = String::from_utf8(client_request().serialised.to_vec()).unwrap();
    assert!(RestRequest::parse(good.clone().into()).is_ok());
    for (from, to) in [
        ("GET\r\n", "get\r\n"),
        ("/r1/", "https://peer/r1/"),
        ("X-Road-Client:", "X-Road-Client: "),
        ("x-road-request-id:", "X-Road-Request-Id:"),
        ("x-road-id:m-1\r\n", ""),
        ("x-road-id:m-1\r\n", "x-road-id:\r\n"),
        ("x-road-id:m-1\r\n", "x-road-id:m-1\r\nHost:a\r\n"),
        ("x-road-id:m-1\r\n", "x-road-id:m-1\n"),
        ("x-road-id:m-1\r\n", "x-road-id:m-1\r\n\r\n"),
        ("x-road-id:m-1\r\n", "x-road-id\r\n"),
        ("X-Road-Client:EE/GOV/1/pensions\r\n", ""),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(
            RestRequest::parse(changed.into()).is_err(),
            "{from} -> {to}"
        );
    }
    for end in 0..good.len() {
        let cut = RestRequest::parse(good[..end].to_owned().into());
        // Only a cut at the end of a line can leave a message, and then one without its last header.
        assert!(cut.is_err(), "cut at {end}");
    }
}

#[test]
fn a_response_names_the_exchange() {
    let request = client_request();
    let headers = [
        ("Content-Type", "application/json"),
        ("Transfer-Encoding", "chunked"),
        ("Server", "x"),
        ("x-road-id", "forged"),
        ("X-Road-Service", "kept"),
    ];
    let response = RestResponse::from_parts(200, "OK", &headers, &request, "aGFzaA==");
    assert_eq!(
        response.serialised,
        format!(
            "200\r\nOK\r\nContent-Type:application/json\r\nX-Road-Service:kept\r\nx-road-id:m-1\r\n\
             x-road-client:EE/GOV/1/pensions\r\nx-road-service:EE/GOV/70000310/register/liveness\r\n\
             x-road-request-id:{REQUEST_ID}\r\nx-road-request-hash:aGFzaA==\r\n"
        )
    );
    assert_eq!(
        RestResponse::parse(response.serialised.clone()).unwrap(),
        response
    );
    assert_eq!(response.check_answers(&request, "aGFzaA=="), Ok(()));
}

#[test]
fn a_response_to_another_request_is_noticed() {
    let request = client_request();
    let response =
        RestResponse::from_parts(200, "OK", &[] as &[(&str, &str)], &request, "aGFzaA==");
    assert_eq!(
        response.check_answers(&request, "b3RoZXI="),
        Err(Mismatch::RequestHash)
    );
    let mut other = request.clone();
    other.id = "m-2".to_owned();
    assert_eq!(
        response.check_answers(&other, "aGFzaA=="),
        Err(Mismatch::Id)
    );
    let mut other = request.clone();
    other.request_id = "another".to_owned();
    assert_eq!(
        response.check_answers(&other, "aGFzaA=="),
        Err(Mismatch::RequestId)
    );
    let mut other = request.clone();
    other.client = "EE/GOV/1/taxes".parse().unwrap();
    assert_eq!(
        response.check_answers(&other, "aGFzaA=="),
        Err(Mismatch::Client)
    );
    let mut other = request;
    other.service = "EE/GOV/1/taxes/x".parse().unwrap();
    assert_eq!(
        response.check_answers(&other, "aGFzaA=="),
        Err(Mismatch::Service)
    );
    let code = Mismatch::Service.fault_code();
    assert_eq!(code.canonical(), "server.clientproxy.inconsistent_response");
}

#[test]
fn malformed_responses_are_refused() {
    let request = client_request();
    let response = RestResponse::from_parts(404, "", &[] as &[(&str, &str)], &request, "aGFzaA==");
    let good = String::from_utf8(response.serialised.to_vec()).unwrap();
    for (from, to) in [
        ("404\r\n", "40\r\n"),
        ("404\r\n", "099\r\n"),
        ("404\r\n", "+40\r\n"),
        ("x-road-id:m-1", "x-road-id:"),
        ("x-road-request-hash:aGFzaA==", "x-road-request-hash:"),
        ("x-road-client:EE", "x-road-client: EE"),
        ("x-road-service:EE/", "x-road-service:"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(
            RestResponse::parse(changed.into()).is_err(),
            "{from} -> {to}"
        );
    }
    let bytes = Bytes::from_static(b"200\r\n\xff\r\n");
    assert_eq!(RestResponse::parse(bytes), Err(MessageError::Utf8));
}

proptest! {
    #[test]
    fn requests_read_back(
        verb in "GET|POST|DELETE",
        path in "(/[a-z0-9%2]{0,0}[a-z0-9._~!$&'()*+,;=:@-]{0,8}){0,4}",
        query in proptest::option::of("[a-z0-9=&/?\\[\\]-]{0,20}"),
        extra in proptest::collection::vec(("[A-Za-z][A-Za-z-]{0,10}x", "[ -~ä-ö\t]{0,20}"), 0..5),
    ) {
        let mut target = format!("/r1/EE/GOV/1/a/s{path}");
        if let Some(query) = &query {
            target = format!("{target}?{query}");
        }
        let mut headers = vec![("X-Road-Client".to_owned(), "EE/GOV/1/a".to_owned())];
        headers.extend(extra);
        let request =
            RestRequest::from_parts(&verb, &target, &headers, "r", || "i".to_owned()).unwrap();
        prop_assert_eq!(&request.service_path, &path);
        prop_assert_eq!(&request.query, &query);
        prop_assert_eq!(RestRequest::parse(request.serialised.clone()).unwrap(), request);
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in any::<Vec<u8>>(), text in "(GET|200)\r\n[ -~\r\n:/]{0,80}") {
        let _ = RestRequest::parse(bytes.clone().into());
        let _ = RestResponse::parse(bytes.into());
        let _ = RestRequest::parse(text.clone().into());
        let _ = RestResponse::parse(text.into());
    }
}
