//! What other security servers send: requests and answers as multipart.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sim_security_server::fuzzing;

const TYPE: &[u8] = b"multipart/mixed; charset=UTF-8; boundary=bound";
const BODY: &[u8] = b"--bound\r\ncontent-type: application/ocsp-response\r\n\r\nocsp\r\n\
    --bound\r\ncontent-type: application/x-road-rest-request\r\n\r\nPOST\r\n\r\n\
    --bound\r\ncontent-type: application/x-road-rest-body\r\n\r\nbody\r\n\
    --bound\r\ncontent-type: application/hash-chain-result\r\n\r\n<result/>\r\n\
    --bound\r\ncontent-type: application/hash-chain\r\n\r\n<chain/>\r\n\
    --bound\r\ncontent-type: signature/bdoc-1.0/ts\r\n\r\n<signature/>\r\n--bound--\r\n";

fuzz_target!(|data: &[u8]| {
    // The kind of the head decides whether it is a request or an answer.
    let answer = String::from_utf8_lossy(BODY).replace("rest-request", "rest-response");
    let read = |kind: &[u8], body: Bytes| {
        let _ = fuzzing::read_peer_message(kind, &body);
    };
    for valid in [BODY, answer.as_bytes()] {
        read(TYPE, fuzz::edited(valid, data).into());
        read(&fuzz::edited(TYPE, data), Bytes::from_static(BODY));
    }
    read(TYPE, Bytes::copy_from_slice(data));
    read(b"text/xml", Bytes::copy_from_slice(data));
});
