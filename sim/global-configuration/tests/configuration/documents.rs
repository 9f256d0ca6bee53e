//! Documents survive being written and read, and nothing else than a document is read.

mod arbitrary;

use proptest::prelude::*;
use proptest::sample::Index;
use sim_global_configuration::anchor::AnchorError;
use sim_global_configuration::shared_parameters::SharedParametersError;
use sim_global_configuration::{Anchor, PrivateParameters, SharedParameters};

use crate::country;
use arbitrary::{anchor, private, shared};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shared_parameters_round_trip(parameters in shared()) {
        let document = parameters.to_xml().unwrap();
        prop_assert_eq!(SharedParameters::parse(document.as_bytes()).unwrap(), parameters);
    }

    #[test]
    fn private_parameters_round_trip(parameters in private()) {
        let document = parameters.to_xml();
        prop_assert_eq!(PrivateParameters::parse(document.as_bytes()).unwrap(), parameters);
    }

    #[test]
    fn anchors_round_trip(anchor in anchor()) {
        prop_assert_eq!(Anchor::parse(anchor.to_xml().as_bytes()).unwrap(), anchor);
    }

    #[test]
    fn no_damage_to_a_document_is_more_than_an_error(at in any::<Index>(), byte in any::<u8>()) {
        let mut document = country::shared().to_xml().unwrap().into_bytes();
        let at = at.index(document.len());
        document[at] = byte;
        // What is still read is a document: it can be written again.
        if let Ok(parameters) = SharedParameters::parse(&document) {
            prop_assert!(parameters.to_xml().is_ok());
        }
    }
}

fn check_refused(find: &str, replace: &str, words: &str) {
    let document = country::shared().to_xml().unwrap();
    assert!(document.contains(find), "{find} is not in the document");
    let error = SharedParameters::parse(document.replacen(find, replace, 1).as_bytes());
    let error = error.unwrap_err().to_string();
    assert!(error.contains(words), "{find} -> {replace}: {error}");
}

#[test]
fn elements_missing_misplaced_or_unknown_are_named() {
    check_refused("xroad:conf", "xroad:config", "not well-formed");
    check_refused("xroad.xsd", "yroad.xsd", "the root element is");
    check_refused(
        "<serverCode>ss</serverCode>",
        "",
        "`securityServer` lacks `serverCode`",
    );
    check_refused(
        "<address>cs</address>",
        "<address>cs</address><address/>",
        "`source` has an unexpected `address`",
    );
    check_refused(
        "<globalSettings>",
        "<colour/><globalSettings>",
        "lacks `globalSettings`",
    );
    check_refused(
        "</globalSettings>",
        "</globalSettings><colour/>",
        "an unexpected `colour`",
    );
    check_refused(
        "<memberCode>1<",
        "<memberCode xmlns='urn:x'>1<",
        "lacks `memberCode`",
    );
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    check_refused(
        "<ocspFreshnessSeconds>3600",
        "<ocspFreshnessSeconds>1h",
        "`ocspFreshnessSeconds` is not a number",
    );
    check_refused(
        "<ocspFreshnessSeconds>3600",
        "<ocspFreshnessSeconds>-1",
        "`ocspFreshnessSeconds` is not a number",
    );
    check_refused(
        "<authenticationOnly>false",
        "<authenticationOnly>no",
        "`authenticationOnly` is not a boolean",
    );
    check_refused(
        "<authCertHash>",
        "<authCertHash>AAAA",
        "`authCertHash` is not",
    );
    check_refused("<cert>", "<cert>*", "`cert` is not base64");
    check_refused(
        "id:objectType=\"MEMBER\"",
        "id:objectType=\"SERVICE\"",
        "`groupMember` is not a member",
    );
    check_refused(
        "<memberCode>1<",
        "<memberCode><",
        "the member code is empty",
    );
}

#[test]
fn references_and_identifiers_must_be_sound() {
    check_refused("<owner>id0", "<owner>id9", "refers to `id9`");
    check_refused("<owner>id0", "<owner>id1", "does not belong");
    check_refused("<client>id1", "<client>", "refers to ``");
    check_refused("id=\"id2\"", "id=\"id0\"", "`id0` is used twice");
    check_refused("<memberCode>2<", "<memberCode>1<", "registered twice");
}

#[test]
fn parameters_with_unregistered_clients_are_not_written() {
    let mut dangling = country::shared();
    dangling.members.pop();
    let error = dangling.to_xml().unwrap_err();
    assert!(
        matches!(error, SharedParametersError::DanglingReference { .. }),
        "{error}"
    );
    let mut foreign = country::shared();
    foreign.instance = "FI".to_owned();
    let error = foreign.to_xml().unwrap_err();
    assert!(
        matches!(error, SharedParametersError::Misplaced(_)),
        "{error}"
    );
    let mut twice = country::shared();
    twice.members.push(twice.members[0].clone());
    let error = twice.to_xml().unwrap_err();
    assert!(
        matches!(error, SharedParametersError::DuplicateIdentifier(_)),
        "{error}"
    );
}

#[test]
fn a_certificate_may_be_pem_in_base64_as_x_road_stores_it() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let parameters = country::shared();
    let der = &parameters.time_stamping_authorities[0].certificate;
    let pem = pem::encode(&pem::Pem::new("CERTIFICATE", der.to_vec()));
    let document = parameters.to_xml().unwrap();
    let wrapped = document.replace(&STANDARD.encode(der), &STANDARD.encode(pem));
    assert_ne!(document, wrapped);
    assert_eq!(
        SharedParameters::parse(wrapped.as_bytes()).unwrap(),
        parameters
    );
}

#[test]
fn what_x_road_adds_and_roadtest_does_not_need_is_read_past() {
    let document = country::shared().to_xml().unwrap();
    let added = document
        .replacen("</certificateProfileInfo>", "</certificateProfileInfo><defaultCsrFormat>PEM</defaultCsrFormat><acmeServer><directoryURL>x</directoryURL></acmeServer>", 1)
        .replacen("</approvedTSA>", "<costType>FREE</costType></approvedTSA>", 1)
        .replacen("</ocsp>", "<costType>FREE</costType></ocsp>", 1);
    assert_eq!(added.matches("costType").count(), 4);
    let parsed = SharedParameters::parse(added.as_bytes()).unwrap();
    assert_eq!(
        parsed,
        SharedParameters::parse(document.as_bytes()).unwrap()
    );
}

#[test]
fn an_anchor_that_could_verify_nothing_is_refused() {
    let anchor = country::anchor("http://cs/internalconf", &country::signer());
    let mut no_source = anchor.clone();
    no_source.sources.clear();
    let parsed = Anchor::parse(no_source.to_xml().as_bytes());
    assert_eq!(parsed, Err(AnchorError::Lacks("source")));
    let mut no_certificate = anchor;
    no_certificate.sources[0].verification_certificates.clear();
    let parsed = Anchor::parse(no_certificate.to_xml().as_bytes());
    assert_eq!(parsed, Err(AnchorError::Lacks("verification certificate")));
}
