//! No bit of a signature document can change unnoticed.

use bytes::Bytes;

use super::{CODE, Country, leaf, leaves};
use crate::certificate::TrustAnchors;
use crate::hash_chain::{HashChain, Leaf};
use crate::signature::SignatureVerifier;
use crate::test_country::{member, now};

/// Flips each bit in turn. The verifier knows the true document, so nothing hides in its memory.
fn check_every_bit(
    anchors: &TrustAnchors,
    document: &Bytes,
    chain: Option<&HashChain>,
    leaf: &Leaf,
) {
    let verifier = SignatureVerifier::new();
    let sender = member(CODE);
    let accepts = |document: &Bytes| {
        verifier
            .verify(document, chain, leaf, &sender, anchors, now())
            .is_ok()
    };
    assert!(accepts(document));
    let mut accepted = Vec::new();
    for bit in 0..document.len() * 8 {
        let mut changed = document.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        if accepts(&Bytes::from(changed)) {
            accepted.push(bit);
        }
    }
    assert_eq!(accepted, [0_usize; 0], "accepted with these bits changed");
    assert!(accepts(document));
}

#[test]
fn a_direct_signature_holds_in_every_bit() {
    let country = Country::new();
    let message = leaf("alone", None);
    let document = country.sign(&[message]).document;
    check_every_bit(&country.anchors(), &document, None, &message);
}

#[test]
fn a_listed_responders_enclosed_certificate_holds_in_every_bit_too() {
    let country = Country::new();
    let message = leaf("alone", None);
    let document = country.sign(&[message]).document;
    let mut anchors = country.anchors();
    let listed = country.responder.certificate().clone();
    anchors.certification_authorities[0]
        .ocsp_responders
        .push(listed);
    check_every_bit(&anchors, &document, None, &message);
}

#[test]
fn a_batch_signature_holds_in_every_bit() {
    let country = Country::new();
    let leaves = leaves(3);
    let batch = country.sign(&leaves);
    let chain = batch.messages[1].chain.as_ref();
    check_every_bit(&country.anchors(), &batch.document, chain, &leaves[1]);
}

#[test]
fn a_chains_result_holds_in_every_bit() {
    let country = Country::new();
    let leaves = leaves(3);
    let batch = country.sign(&leaves);
    let chain = batch.messages[1].chain.as_ref().unwrap();
    let accepts = |chain: &HashChain| {
        country
            .verify(&batch.document, Some(chain), &leaves[1])
            .is_ok()
    };
    assert!(accepts(chain));
    for bit in 0..chain.result.len() * 8 {
        let mut changed = chain.result.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = HashChain {
            result: Bytes::from(changed),
            ..chain.clone()
        };
        assert!(!accepts(&changed), "bit {bit}");
    }
}

#[test]
fn inserted_and_removed_bytes_are_noticed() {
    let country = Country::new();
    let message = leaf("alone", None);
    let document = country.sign(&[message]).document;
    let verifier = SignatureVerifier::new();
    let accepts = |document: Vec<u8>| {
        let document = Bytes::from(document);
        let (sender, anchors) = (member(CODE), country.anchors());
        verifier
            .verify(&document, None, &message, &sender, &anchors, now())
            .is_ok()
    };
    assert!(accepts(document.to_vec()));
    for at in 0..document.len() {
        let (before, after) = document.split_at(at);
        assert!(
            !accepts([before, b" ", after].concat()),
            "blank before byte {at}"
        );
        assert!(
            !accepts([before, b"=", after].concat()),
            "= before byte {at}"
        );
        assert!(
            !accepts([before, &after[1..]].concat()),
            "without byte {at}"
        );
    }
}
