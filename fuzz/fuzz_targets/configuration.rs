//! The global configuration: anchors, signed directories, shared and private parameters.
#![no_main]

use std::sync::LazyLock;

use fuzz::configuration::Configuration;
use libfuzzer_sys::fuzz_target;
use sim_global_configuration::signed_directory::{dissect, verify};
use sim_global_configuration::{Anchor, PrivateParameters, SharedParameters};

static VALID: LazyLock<Configuration> = LazyLock::new(Configuration::default);

fuzz_target!(|data: &[u8]| {
    for bytes in [data.to_vec(), fuzz::edited(&VALID.anchor, data)] {
        let _ = Anchor::parse(&bytes);
    }
    for bytes in [data.to_vec(), fuzz::edited(&VALID.shared, data)] {
        let _ = PrivateParameters::parse(&bytes);
        // What is read is a document: it can be written again.
        if let Ok(shared) = SharedParameters::parse(&bytes) {
            assert!(shared.to_xml().is_ok());
        }
    }
    for bytes in [data.to_vec(), fuzz::edited(&VALID.directory, data)] {
        if let Ok(dissected) = dissect(&bytes) {
            assert!(dissected.signed.len() + dissected.signature.len() <= bytes.len());
        }
        let _ = verify(&bytes, std::slice::from_ref(&VALID.signer));
    }
});
