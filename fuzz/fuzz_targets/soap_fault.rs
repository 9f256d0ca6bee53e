//! SOAP faults of other security servers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sim_domain::{Dialect, Fault, FaultCode};

fuzz_target!(|data: &[u8]| {
    let code = FaultCode::parse("server.serverproxy.access_denied");
    let valid = Fault::new(code, "Request is not allowed", "0f").to_soap(Dialect::Current);
    for bytes in [data.to_vec(), fuzz::edited(valid.as_bytes(), data)] {
        // What was read can be passed on, and is the same for whoever reads it there.
        if let Some(fault) = Fault::parse_soap(&bytes) {
            let again = Fault::parse_soap(fault.to_soap(Dialect::Current).as_bytes());
            assert_eq!(again, Some(fault));
        }
    }
});
