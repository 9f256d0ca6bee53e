//! Any parameters that a central server could publish.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use sim_clock::UtcTime;
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_global_configuration::private_parameters::ManagementService;
use sim_global_configuration::shared_parameters::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, Subsystem,
};
use sim_global_configuration::{Anchor, AnchorSource, PrivateParameters, SharedParameters};

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

pub(super) fn shared() -> impl Strategy<Value = SharedParameters> {
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

pub(super) fn anchor() -> impl Strategy<Value = Anchor> {
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

pub(super) fn private() -> impl Strategy<Value = PrivateParameters> {
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
