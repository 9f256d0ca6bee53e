//! Documents survive being written and read, and nothing else than a document is read.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use sim_clock::UtcTime;
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_global_configuration::anchor::AnchorError;
use sim_global_configuration::private_parameters::ManagementService;
use sim_global_configuration::shared_parameters::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, SharedParametersError,
    Subsystem,
};
use sim_global_configuration::{Anchor, AnchorSource, PrivateParameters, SharedParameters};

use crate::country;

fn text() -> impl Strategy<Value = String> {
    "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,12}"
}

fn token() -> impl Strategy<Value = String> {
    "[!-~]{0,16}"
}

fn code() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9'&<äõ ]{1,6}"
}

fn der() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}

fn seconds() -> impl Strategy<Value = Duration> {
    any::<u32>().prop_map(|seconds| Duration::from_secs(seconds.into()))
}

fn ca_info() -> impl Strategy<Value = CaInfo> {
    let ocsp = (token(), option::of(der()));
    let ocsp = ocsp.prop_map(|(url, certificate)| OcspInfo { url, certificate });
    (der(), vec(ocsp, 0..3)).prop_map(|(certificate, ocsp)| CaInfo { certificate, ocsp })
}

fn authority() -> impl Strategy<Value = ApprovedCertificationAuthority> {
    (
        text(),
        any::<bool>(),
        ca_info(),
        vec(ca_info(), 0..2),
        text(),
    )
        .prop_map(
            |(name, authentication_only, top, intermediates, certificate_profile)| {
                ApprovedCertificationAuthority {
                    name,
                    authentication_only,
                    top,
                    intermediates,
                    certificate_profile,
                }
            },
        )
}

fn source() -> impl Strategy<Value = ConfigurationSource> {
    (text(), vec(der(), 0..3), vec(der(), 0..3)).prop_map(|(address, internal, external)| {
        ConfigurationSource {
            address,
            internal_verification_certificates: internal,
            external_verification_certificates: external,
        }
    })
}

fn tsa() -> impl Strategy<Value = ApprovedTimeStampingAuthority> {
    (text(), token(), der()).prop_map(|(name, url, certificate)| ApprovedTimeStampingAuthority {
        name,
        url,
        certificate,
    })
}

/// A member's class, code, name and subsystems, without the instance.
type MemberSeed = ((String, String), String, BTreeSet<String>);
/// A server's owner, address, hashes, clients and maintenance.
type ServerSeed = (
    Index,
    Option<String>,
    Vec<[u8; 32]>,
    Vec<Index>,
    Option<Option<String>>,
);

fn members(instance: &str, seeds: Vec<MemberSeed>) -> Vec<Member> {
    let mut seen = BTreeSet::new();
    let mut members = Vec::new();
    for ((class, code), name, subsystems) in seeds {
        let id = MemberId::new(instance, &class, &code).unwrap();
        if !seen.insert(id.clone()) {
            continue;
        }
        let subsystems = subsystems.iter().map(|code| Subsystem {
            id: ClientId::subsystem_of(id.clone(), code).unwrap(),
            name: Some(code.clone()).filter(|code| code.len() > 2),
        });
        let subsystems = subsystems.collect();
        members.push(Member {
            id,
            name,
            subsystems,
        });
    }
    members
}

fn servers(members: &[Member], seeds: Vec<ServerSeed>) -> Vec<SecurityServer> {
    let clients: Vec<ClientId> = members
        .iter()
        .flat_map(|member| {
            let subsystems = member
                .subsystems
                .iter()
                .map(|subsystem| subsystem.id.clone());
            subsystems.chain([ClientId::of_member(member.id.clone())])
        })
        .collect();
    let server = |(at, seed): (usize, ServerSeed)| {
        let (owner, address, hashes, picked, maintenance) = seed;
        let owner = owner.get(members).id.clone();
        SecurityServer {
            id: SecurityServerId::new(owner, &format!("ss{at}")).unwrap(),
            address,
            authentication_certificate_hashes: hashes,
            clients: picked
                .iter()
                .map(|index| index.get(&clients).clone())
                .collect(),
            maintenance: maintenance.map(|message| Maintenance { message }),
        }
    };
    seeds.into_iter().enumerate().map(server).collect()
}

fn shared() -> impl Strategy<Value = SharedParameters> {
    let member = ((code(), code()), text(), btree_set(code(), 0..4));
    let server = (
        any::<Index>(),
        option::of(token()),
        vec(any::<[u8; 32]>(), 0..3),
        vec(any::<Index>(), 0..4),
        option::of(option::of(text())),
    );
    let trust = (
        vec(source(), 0..3),
        vec(authority(), 0..3),
        vec(tsa(), 0..3),
    );
    let rest = (
        vec((text(), text()), 0..3),
        vec((text(), text()), 0..3),
        seconds(),
    );
    (code(), trust, vec(member, 1..5), vec(server, 0..4), rest).prop_map(
        |(instance, (sources, authorities, tsas), member_seeds, server_seeds, rest)| {
            let (groups, classes, ocsp_freshness) = rest;
            let members = members(&instance, member_seeds);
            let everybody = || {
                members
                    .iter()
                    .map(|member| ClientId::of_member(member.id.clone()))
            };
            SharedParameters {
                sources,
                certification_authorities: authorities,
                time_stamping_authorities: tsas,
                security_servers: servers(&members, server_seeds),
                global_groups: groups
                    .into_iter()
                    .map(|(code, description)| GlobalGroup {
                        code,
                        description,
                        members: everybody().collect(),
                    })
                    .collect(),
                member_classes: classes
                    .into_iter()
                    .map(|(code, description)| MemberClass { code, description })
                    .collect(),
                members,
                instance,
                ocsp_freshness,
            }
        },
    )
}

fn anchor() -> impl Strategy<Value = Anchor> {
    let source = (token(), vec(der(), 1..3));
    let source = source.prop_map(|(download_url, verification_certificates)| AnchorSource {
        download_url,
        verification_certificates,
    });
    let time = (0_i64..4_000_000_000_000).prop_map(UtcTime::from_millis);
    (option::of(time), text(), vec(source, 1..3)).prop_map(|(generated_at, instance, sources)| {
        Anchor {
            generated_at,
            instance,
            sources,
        }
    })
}

fn private() -> impl Strategy<Value = PrivateParameters> {
    let provider = (code(), code(), code(), option::of(code()));
    let provider = provider.prop_map(|(instance, class, code, subsystem)| {
        let member = MemberId::new(&instance, &class, &code).unwrap();
        match subsystem {
            Some(subsystem) => ClientId::subsystem_of(member, &subsystem).unwrap(),
            None => ClientId::of_member(member),
        }
    });
    let service = (token(), option::of(der()), provider).prop_map(|(address, der, provider)| {
        ManagementService {
            registration_address: address,
            registration_certificate: der,
            provider,
        }
    });
    (text(), vec(anchor(), 0..2), service, seconds()).prop_map(
        |(instance, federation_anchors, management_service, time_stamping_interval)| {
            PrivateParameters {
                instance,
                federation_anchors,
                management_service,
                time_stamping_interval,
            }
        },
    )
}

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
