//! Heads of messages: those that peers sign, and those that clients send as HTTP.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sim_domain::{Fault, FaultCode, RestRequest, RestResponse};

const REQUEST: &[u8] = b"POST\r\n/r1/EE/GOV/2/people/liveness?a=%20b\r\n\
    content-type:application/json\r\nx-road-client:EE/GOV/1/pensions\r\n\
    x-road-request-id:request-1\r\nx-road-id:id-1\r\n";
const RESPONSE: &[u8] = b"200\r\nOK\r\ncontent-type:application/json\r\nx-road-id:id-1\r\n\
    x-road-client:EE/GOV/1/pensions\r\nx-road-service:EE/GOV/2/people/liveness\r\n\
    x-road-request-id:request-1\r\nx-road-request-hash:aGFzaA==\r\n";

fuzz_target!(|data: &[u8]| {
    for bytes in [data.to_vec(), fuzz::edited(REQUEST, data)] {
        let bytes = Bytes::from(bytes);
        if let Ok(request) = RestRequest::parse(bytes.clone()) {
            // What was read is what was signed.
            assert_eq!(request.serialised, bytes);
        }
        from_a_client(&bytes);
    }
    for bytes in [data.to_vec(), fuzz::edited(RESPONSE, data)] {
        let bytes = Bytes::from(bytes);
        if let Ok(response) = RestResponse::parse(bytes.clone()) {
            assert_eq!(response.serialised, bytes);
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let fault = Fault::new(FaultCode::parse(text), text, text);
        let _ = fault.rest_body(&[text], sim_domain::Dialect::Current);
    }
});

/// Method, target and headers as HTTP gives them; what is made of them reads back.
fn from_a_client(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split("\r\n");
    let (method, target) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    // An HTTP library lets no line break into a name or value.
    if headers.iter().any(|(_, value)| value.contains(['\r', '\n', '\0'])) {
        return;
    }
    let made = RestRequest::from_parts(method, target, &headers, "request-1", || "id-1".to_owned());
    if let Ok(request) = made {
        let read = RestRequest::parse(request.serialised.clone());
        let read = read.expect("a peer reads what this server signs");
        assert_eq!((read.client, read.id), (request.client, request.id));
        assert_eq!(read.service, request.service);
    }
}
