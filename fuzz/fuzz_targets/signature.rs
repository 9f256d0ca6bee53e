//! Signature documents: none but the true one is accepted.
#![no_main]

use std::cell::RefCell;

use benches::country::NOW;
use bytes::Bytes;
use fuzz::VALID;
use libfuzzer_sys::fuzz_target;
use sim_evidence::signature::SignatureVerifier;

thread_local! {
    /// It knows the true document, so nothing hides in its memory.
    static VERIFIER: RefCell<SignatureVerifier> = RefCell::new(SignatureVerifier::new());
}

fuzz_target!(|data: &[u8]| {
    let (which, data) = data.split_first().unwrap_or((&0, &[]));
    let index = usize::from(which & 1);
    let valid = &VALID.signed[index];
    for document in [data.to_vec(), fuzz::edited(&valid.document, data)] {
        let document = Bytes::from(document);
        let accepted = VERIFIER.with_borrow(|verifier| {
            let country = &VALID.country;
            let (chain, leaf) = (valid.chain.as_ref(), &VALID.leaves[index]);
            verifier
                .verify(&document, chain, leaf, &country.member, &country.anchors, NOW)
                .is_ok()
        });
        assert_eq!(accepted, document == valid.document);
    }
});
