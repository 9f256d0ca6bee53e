//! No edit of a signature document or of its chain is accepted, or makes the verifier panic.

use bytes::Bytes;
use proptest::prelude::*;

use super::{Country, leaves};
use crate::hash_chain::HashChain;
use crate::signature::MessageSignature;

thread_local! {
    static COUNTRY: (Country, Vec<MessageSignature>) = {
        let country = Country::new();
        let signed = country.sign(&leaves(3)).messages;
        (country, signed)
    };
}

fn spliced(whole: &Bytes, at: prop::sample::Index, gone: usize, inserted: &[u8]) -> Bytes {
    let mut edited = whole.to_vec();
    let at = at.index(edited.len() + 1);
    let end = (at + gone).min(edited.len());
    edited.splice(at..end, inserted.iter().copied());
    edited.into()
}

proptest! {
    #[test]
    fn an_edited_document_or_chain_is_refused(
        at in any::<prop::sample::Index>(),
        gone in 0..30_usize,
        inserted in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..12),
            "(<[a-z:/]{0,9}>|&#?[a-z0-9]{0,3};|<!--|-->|[ \n]){0,4}".prop_map(String::into_bytes),
        ],
    ) {
        COUNTRY.with(|(country, messages)| {
            let (leaves, signed) = (leaves(3), &messages[0]);
            let chain = signed.chain.as_ref().unwrap();
            let edit = |whole: &Bytes| spliced(whole, at, gone, &inserted);
            let another = HashChain { result: edit(&chain.result), chain: chain.chain.clone() };
            for (document, chain) in [(edit(&signed.document), chain), (signed.document.clone(), &another)] {
                let is_true = document == signed.document && Some(chain) == signed.chain.as_ref();
                let verified = country.verify(&document, Some(chain), &leaves[0]);
                prop_assert_eq!(verified.is_ok(), is_true);
            }
            Ok(())
        })?;
    }
}
