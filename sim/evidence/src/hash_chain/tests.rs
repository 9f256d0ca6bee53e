//! Trees, chains in our form and in X-Road's, and chains that prove nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::{
    AbsentParts, ChainError, ChainForm, HashChain, HashTree, Leaf, MESSAGE_CHAIN_URI, MESSAGE_URI,
    PairMemo, Side, TreePath, digest_list, message_chain, time_stamp_chain, verify_chain,
    verify_parts, verify_time_stamp_chain,
};
use crate::digest::Sha512;

fn digest(text: &str) -> Sha512 {
    Sha512::of(text.as_bytes())
}

fn leaf(index: usize, with_body: bool) -> Leaf {
    let attachment = with_body.then(|| digest(&format!("body {index}")));
    Leaf {
        message: digest(&format!("message {index}")),
        attachment,
    }
}

/// The tree over `count` messages of which every other has a body.
fn batch(count: usize) -> (Vec<Leaf>, HashTree) {
    let leaves: Vec<_> = (0..count)
        .map(|index| leaf(index, index % 2 == 1))
        .collect();
    let digests: Vec<_> = leaves.iter().map(Leaf::digest).collect();
    (leaves, HashTree::build(&digests).unwrap())
}

/// Computed with Python's hashlib from the ASN.1 that X-Road's hash chain specification gives.
#[test]
fn digest_lists_agree_with_an_independent_computation() {
    let check = |texts: &[&str], expected: &str| {
        let digests: Vec<_> = texts.iter().map(|text| digest(text)).collect();
        assert_eq!(hex::encode(digest_list(&digests).as_bytes()), expected);
    };
    check(
        &["a"],
        "6e627ec24118692a8273ca8ac90eac035a9c9f16839a8080e3d1d04d67381a9f\
         538b130756a5d3be12ec7790637667300071b587effb24e3b847edaebfa19c6f",
    );
    check(
        &["a", "b"],
        "3b2c81632c210776c2bdd0651ec9bcbec02dcac4ed11d82d6f9c10e2b3f81837\
         bee1ec54c9264a03355924b9a110b63ba0e826ebd13c29eb4b637211b430873b",
    );
    check(
        &["a", "b", "c"],
        "c4adaebd7015b867b0f2fd7131538a4e30f30dc835c0d6174248f1b4687e50b3\
         03c0f0b5fb0be5146cce34ebc89f25cc75700cd16ac60136b2f4c41aaf69a0eb",
    );
}

#[test]
fn a_node_without_sibling_is_lifted() {
    let [a, b, c] = ["a", "b", "c"].map(digest);
    let tree = HashTree::build(&[a, b, c]).unwrap();
    assert_eq!(tree.top(), digest_list(&[digest_list(&[a, b]), c]));
    assert_eq!(tree.leaf_count(), 3);
    let sides = |index| {
        tree.path(index)
            .0
            .iter()
            .map(|step| step.sibling_side)
            .collect::<Vec<_>>()
    };
    assert_eq!(sides(0), [Side::Right, Side::Right]);
    assert_eq!(sides(1), [Side::Right, Side::Left]);
    assert_eq!(sides(2), [Side::Left]);
    assert!(HashTree::build(&[]).is_none());
    let single = HashTree::build(&[a]).unwrap();
    assert_eq!((single.top(), single.path(0)), (a, TreePath::default()));
}

#[test]
fn every_message_of_a_batch_is_proven_and_its_chain_is_compact() {
    for count in 1..=33 {
        let (leaves, tree) = batch(count);
        let mut results = Vec::new();
        for (index, leaf) in leaves.iter().enumerate() {
            let path = tree.path(index);
            assert_eq!(
                path.top(leaf.digest()),
                tree.top(),
                "leaf {index} of {count}"
            );
            let chain = message_chain(leaf, &path);
            if count == 1 {
                // No body and no batch: the signature is over the message itself.
                assert_eq!(
                    verify_chain(&chain, leaf, &PairMemo::new()),
                    Ok(ChainForm::Verbatim)
                );
            } else {
                assert_eq!(
                    verify_chain(&chain, leaf, &PairMemo::new()),
                    Ok(ChainForm::Compact(path))
                );
                results.push(chain.result.clone());
            }
            let other = Leaf {
                message: digest("another message"),
                ..*leaf
            };
            let refusal = verify_chain(&chain, &other, &PairMemo::new());
            assert_eq!(
                refusal,
                Err(ChainError::WrongDigest(MESSAGE_URI.to_owned()))
            );
        }
        assert!(
            results.windows(2).all(|pair| pair[0] == pair[1]),
            "one result for all"
        );
    }
}

#[test]
fn the_documents_are_as_documented() {
    let [a, b, c] = ["a", "b", "c"].map(digest);
    let with_body = Leaf {
        message: a,
        attachment: Some(b),
    };
    let other = Leaf {
        message: c,
        attachment: None,
    };
    let tree = HashTree::build(&[other.digest(), with_body.digest()]).unwrap();
    let chain = message_chain(&with_body, &tree.path(1));
    let namespaces =
        r#"xmlns:hc="http://cyber.ee/hashchain" xmlns:ds="http://www.w3.org/2000/09/xmldsig#""#;
    let algorithm = "http://www.w3.org/2001/04/xmlenc#sha512";
    let (top, a, b, c) = (
        tree.top().to_base64(),
        a.to_base64(),
        b.to_base64(),
        c.to_base64(),
    );
    assert_eq!(
        chain.result,
        format!(
            "<hc:HashChainResult {namespaces} URI=\"/sig-hashchain.xml#STEP0\">\
             <ds:DigestMethod Algorithm=\"{algorithm}\"/>\
             <ds:DigestValue>{top}</ds:DigestValue></hc:HashChainResult>"
        )
    );
    let head =
        format!("<hc:HashChain {namespaces}><hc:DefaultDigestMethod Algorithm=\"{algorithm}\"/>");
    assert_eq!(
        chain.chain,
        format!(
            "{head}<hc:HashStep id=\"STEP0\">\
             <hc:HashValue><ds:DigestValue>{c}</ds:DigestValue></hc:HashValue>\
             <hc:StepRef URI=\"#STEP1\"/></hc:HashStep><hc:HashStep id=\"STEP1\">\
             <hc:DataRef URI=\"/message.xml\"><ds:DigestValue>{a}</ds:DigestValue></hc:DataRef>\
             <hc:DataRef URI=\"/attachment1\"><ds:DigestValue>{b}</ds:DigestValue></hc:DataRef>\
             </hc:HashStep></hc:HashChain>"
        )
    );
    let chain = message_chain(&other, &tree.path(0));
    let sibling = with_body.digest().to_base64();
    assert_eq!(
        chain.chain,
        format!(
            "{head}<hc:HashStep id=\"STEP0\">\
             <hc:DataRef URI=\"/message.xml\"><ds:DigestValue>{c}</ds:DigestValue></hc:DataRef>\
             <hc:HashValue><ds:DigestValue>{sibling}</ds:DigestValue></hc:HashValue>\
             </hc:HashStep></hc:HashChain>"
        )
    );
}

#[test]
fn a_time_stamp_chain_leads_to_each_signature_of_its_batch() {
    let signatures: Vec<_> = (0..5)
        .map(|index| digest(&format!("signature {index}")))
        .collect();
    let tree = HashTree::build(&signatures).unwrap();
    let result = time_stamp_chain(signatures[0], &tree.path(0)).result;
    assert!(result.starts_with(b"<hc:HashChainResult"));
    for (index, signature) in signatures.iter().enumerate() {
        let chain = time_stamp_chain(*signature, &tree.path(index));
        assert_eq!(chain.result, result);
        assert_eq!(verify_time_stamp_chain(&chain, *signature), Ok(()));
        verify_time_stamp_chain(&chain, digest("another")).unwrap_err();
        // A chain for messages is not one for time-stamps.
        let message = Leaf {
            message: *signature,
            attachment: None,
        };
        verify_chain(&chain, &message, &PairMemo::new()).unwrap_err();
    }
    let alone = time_stamp_chain(signatures[0], &TreePath::default());
    assert_eq!(verify_time_stamp_chain(&alone, signatures[0]), Ok(()));
    let top = digest_list(&signatures[..1]).to_base64();
    assert!(String::from_utf8_lossy(&alone.result).contains(&top));
}

/// A chain as X-Road's own software writes it: other prefixes, a declaration, line breaks.
fn foreign_chain(steps: &str, top: &Sha512) -> HashChain {
    let declaration = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    let namespaces =
        r#"xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:ns2="http://cyber.ee/hashchain""#;
    let algorithm = r#"Algorithm="http://www.w3.org/2001/04/xmlenc#sha512""#;
    let top = top.to_base64();
    HashChain {
        result: Bytes::from(format!(
            "{declaration}\n<ns2:HashChainResult URI=\"/sig-hashchain.xml#STEP0\" {namespaces}>\n    \
             <DigestMethod {algorithm}/>\n    <DigestValue>{top}</DigestValue>\n\
             </ns2:HashChainResult>\n"
        )),
        chain: Bytes::from(format!(
            "{declaration}\n<ns2:HashChain {namespaces}>\n    \
             <ns2:DefaultDigestMethod {algorithm}/>\n{steps}</ns2:HashChain>\n"
        )),
    }
}

fn step(number: usize, items: &[String]) -> String {
    let items = items.concat();
    format!("    <ns2:HashStep id=\"STEP{number}\">\n{items}    </ns2:HashStep>\n")
}

fn data_ref(uri: &str, digest: &Sha512) -> String {
    let digest = digest.to_base64();
    format!("<ns2:DataRef URI=\"{uri}\">\n<DigestValue>{digest}</DigestValue>\n</ns2:DataRef>\n")
}

fn hash_value(digest: &Sha512) -> String {
    let digest = digest.to_base64();
    let (start, end) = digest.split_at(76);
    // Java's encoder breaks lines, and writes the carriage return as a reference.
    format!("<ns2:HashValue><DigestValue>{start}&#13;\n{end}</DigestValue></ns2:HashValue>\n")
}

fn step_ref(uri: &str) -> String {
    format!("<ns2:StepRef URI=\"{uri}\"/>\n")
}

#[test]
fn a_chain_in_x_roads_own_form_is_kept_verbatim() {
    let leaf = leaf(1, true);
    let sibling = digest("sibling");
    let body = leaf.attachment.unwrap();
    let parts = [
        data_ref("/message.xml", &leaf.message),
        data_ref("/attachment1", &body),
    ];
    let top = digest_list(&[leaf.digest(), sibling]);
    let tree_step = step(0, &[step_ref("#STEP1"), hash_value(&sibling)]);
    let chain = foreign_chain(&[tree_step, step(1, &parts)].concat(), &top);
    assert_eq!(
        verify_chain(&chain, &leaf, &PairMemo::new()),
        Ok(ChainForm::Verbatim)
    );

    let headless = Leaf {
        attachment: None,
        ..leaf
    };
    let refusal = verify_chain(&chain, &headless, &PairMemo::new());
    assert_eq!(
        refusal,
        Err(ChainError::AbsentPart("/attachment1".to_owned()))
    );
    // In a log that keeps no bodies the stated digest has to do.
    let known = BTreeMap::from([(MESSAGE_URI, leaf.message)]);
    let verified = verify_parts(
        &chain,
        MESSAGE_CHAIN_URI,
        &known,
        AbsentParts::CountAsStated,
    );
    assert_eq!(verified, Ok(()));
}

#[test]
fn chains_that_prove_nothing_are_refused() {
    let message = digest("message");
    let other = digest("other");
    let body = digest("body");
    let alone = Leaf {
        message,
        attachment: None,
    };
    let with_body = Leaf {
        message,
        attachment: Some(body),
    };
    let mine = data_ref("/message.xml", &message);
    let check = |steps: &[String], top: &Sha512, leaf: &Leaf, expected: ChainError| {
        let chain = foreign_chain(&steps.concat(), top);
        assert_eq!(
            verify_chain(&chain, leaf, &PairMemo::new()),
            Err(expected),
            "{steps:?}"
        );
    };
    let dangling = |uri: &str| ChainError::DanglingReference(uri.to_owned());
    let top = digest_list(&[message]);

    let only_mine = step(0, std::slice::from_ref(&mine));
    let unused = ChainError::UnusedPart("/attachment1".to_owned());
    check(std::slice::from_ref(&only_mine), &top, &with_body, unused);
    check(
        std::slice::from_ref(&only_mine),
        &other,
        &alone,
        ChainError::WrongResult,
    );
    check(
        &[only_mine.clone(), only_mine.clone()],
        &top,
        &alone,
        ChainError::MalformedChain,
    );
    check(
        &[step(1, std::slice::from_ref(&mine))],
        &top,
        &alone,
        dangling("/sig-hashchain.xml#STEP0"),
    );
    check(
        &[step(0, &[mine.clone(), step_ref("#STEP7")])],
        &top,
        &alone,
        dangling("#STEP7"),
    );
    check(
        &[step(0, &[mine.clone(), step_ref("#STEP0")])],
        &top,
        &alone,
        dangling("#STEP0"),
    );
    let there = step(0, &[step_ref("#STEP1"), mine.clone()]);
    let back = step(1, &[step_ref("#STEP0"), step_ref("#STEP0")]);
    check(&[there, back], &top, &alone, dangling("#STEP0"));
    let elsewhere = step_ref("/other.xml#STEP1");
    check(
        &[step(0, &[mine, elsewhere])],
        &top,
        &alone,
        dangling("/other.xml#STEP1"),
    );
    let wrong = ChainError::WrongDigest("/message.xml".to_owned());
    check(
        &[step(0, &[data_ref("/message.xml", &other)])],
        &top,
        &alone,
        wrong,
    );
}

#[test]
fn documents_that_are_no_hash_chains_are_refused() {
    let leaf = leaf(0, true);
    let good = message_chain(&leaf, &TreePath::default());
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let chain = text(&good.chain);
    let bomb = format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{chain}");
    let transforms = chain.replace("<ds:DigestValue>", "<ds:Transforms/><ds:DigestValue>");
    let malformed = [
        String::new(),
        "<".to_owned(),
        "<a/>".to_owned(),
        bomb,
        transforms,
        chain.replace("sha512", "sha256"),
        chain.replace("http://cyber.ee/hashchain", "http://example.org/"),
        format!("{chain}{chain}"),
        format!("{chain} and more"),
        chain.trim_end_matches("</hc:HashChain>").to_owned(),
        "<x>".repeat(100_000),
        format!("{}{}", "<x>".repeat(1000), "</x>".repeat(1000)),
        " ".repeat(1024 * 1024) + &chain,
    ];
    for (index, document) in malformed.into_iter().enumerate() {
        let chain = HashChain {
            chain: Bytes::from(document),
            ..good.clone()
        };
        let refusal = verify_chain(&chain, &leaf, &PairMemo::new());
        assert_eq!(refusal, Err(ChainError::MalformedChain), "document {index}");
    }
    let result = text(&good.result);
    for document in [
        "<a/>".to_owned(),
        result.replace("sha512", "sha1"),
        result.replace("/sig-hashchain.xml", "/other.xml"),
        result.replace(" URI=", " URL="),
    ] {
        let chain = HashChain {
            result: Bytes::from(document),
            ..good.clone()
        };
        assert_eq!(
            verify_chain(&chain, &leaf, &PairMemo::new()),
            Err(ChainError::MalformedResult)
        );
    }
}

#[test]
fn a_step_that_many_refer_to_is_computed_once() {
    let leaf = leaf(0, false);
    // Each step refers to the next one twice: 2^60 ways, 60 steps.
    let mut steps: Vec<_> = (0..60)
        .map(|number| {
            let next = step_ref(&format!("#STEP{}", number + 1));
            step(number, &[next.clone(), next])
        })
        .collect();
    steps.push(step(60, &[data_ref("/message.xml", &leaf.message)]));
    let bottom = digest_list(&[leaf.message]);
    let top = (0..60).fold(bottom, |node, _| digest_list(&[node, node]));
    let chain = foreign_chain(&steps.concat(), &top);
    assert_eq!(
        verify_chain(&chain, &leaf, &PairMemo::new()),
        Ok(ChainForm::Verbatim)
    );
}

#[test]
fn no_changed_bit_leaves_a_chain_compact() {
    let (leaves, tree) = batch(3);
    let chain = message_chain(&leaves[1], &tree.path(1));
    let changed = |bytes: &Bytes, bit: usize| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Bytes::from(bytes)
    };
    let is_compact = |chain: &HashChain| {
        matches!(
            verify_chain(chain, &leaves[1], &PairMemo::new()),
            Ok(ChainForm::Compact(_))
        )
    };
    assert!(is_compact(&chain));
    for bit in 0..chain.chain.len() * 8 {
        let chain = HashChain {
            chain: changed(&chain.chain, bit),
            ..chain.clone()
        };
        assert!(!is_compact(&chain), "bit {bit} of the chain");
    }
    for bit in 0..chain.result.len() * 8 {
        let chain = HashChain {
            result: changed(&chain.result, bit),
            ..chain.clone()
        };
        assert!(!is_compact(&chain), "bit {bit} of the result");
    }
}

proptest! {
    #[test]
    fn nothing_read_as_a_chain_panics(chain in any::<Vec<u8>>(), result in any::<Vec<u8>>()) {
        let chain = HashChain { result: Bytes::from(result), chain: Bytes::from(chain) };
        prop_assert!(verify_chain(&chain, &leaf(0, true), &PairMemo::new()).is_err());
    }

    #[test]
    fn paths_lead_to_the_top(count in 1_usize..200, chosen in any::<prop::sample::Index>()) {
        let (leaves, tree) = batch(count);
        let index = chosen.index(count);
        prop_assert_eq!(tree.path(index).top(leaves[index].digest()), tree.top());
    }
}
