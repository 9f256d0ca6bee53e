//! Hash chains: whatever stands in the two documents, and nearly valid ones.
#![no_main]

use bytes::Bytes;
use fuzz::VALID;
use libfuzzer_sys::fuzz_target;
use sim_evidence::hash_chain::{ChainForm, HashChain, PairMemo, message_chain, verify_chain};

fuzz_target!(|data: &[u8]| {
    let (which, data) = data.split_first().unwrap_or((&0, &[]));
    let index = usize::from(which & 1);
    let leaf = &VALID.leaves[index];
    let valid = VALID.signed[index].chain.as_ref().expect("two share it");
    let edited = |document: &Bytes| Bytes::from(fuzz::edited(document, data));
    for chain in [
        HashChain {
            result: edited(&valid.result),
            chain: valid.chain.clone(),
        },
        HashChain {
            result: valid.result.clone(),
            chain: edited(&valid.chain),
        },
        HashChain {
            result: valid.result.clone(),
            chain: Bytes::copy_from_slice(data),
        },
    ] {
        // What is said to be compact can be written again, byte for byte.
        if let Ok(ChainForm::Compact(path)) = verify_chain(&chain, leaf, &PairMemo::new()) {
            assert_eq!(message_chain(leaf, &path), chain);
        }
    }
});
