//! The exchange's settings: from a scenario's words to a security server's.

use sim_security_server::config::{
    BodyLogging, ConnectionReuse, ExchangeSettings, KeyType, SignatureScope, TimeStamping,
    TlsVersion,
};

/// The settings of the exchange, which all security servers share.
pub(super) fn settings(settings: &sim_scenario::ExchangeSettings) -> ExchangeSettings {
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let suites = settings.offered_suites().into_iter();
    ExchangeSettings {
        signing_key: key_type(settings.signing_key),
        authentication_key: key_type(settings.authentication_key),
        connections: match settings.connections {
            sim_scenario::ConnectionReuse::Kept => ConnectionReuse::Kept,
            sim_scenario::ConnectionReuse::PerMessage => ConnectionReuse::PerMessage,
        },
        max_connections: count(settings.max_connections),
        idle_connections: count(settings.idle_connections),
        signatures: match settings.signatures {
            sim_scenario::SignatureScope::Batched => SignatureScope::Batched,
            sim_scenario::SignatureScope::PerMessage => SignatureScope::PerMessage,
        },
        bodies: match settings.bodies {
            sim_scenario::BodyLogging::Logged => BodyLogging::Logged,
            sim_scenario::BodyLogging::NotLogged => BodyLogging::NotLogged,
        },
        time_stamps: match settings.time_stamps {
            sim_scenario::TimeStamping::InBatches => TimeStamping::InBatches,
            sim_scenario::TimeStamping::AtOnce => TimeStamping::AtOnce,
        },
        tls: settings.tls.iter().map(tls_version).collect(),
        cipher_suites: suites.map(|suite| suite.name().to_owned()).collect(),
    }
}

fn tls_version(version: &sim_scenario::TlsVersion) -> TlsVersion {
    match version {
        sim_scenario::TlsVersion::Tls12 => TlsVersion::Tls12,
        sim_scenario::TlsVersion::Tls13 => TlsVersion::Tls13,
    }
}

fn key_type(key_type: sim_scenario::KeyType) -> KeyType {
    match key_type {
        sim_scenario::KeyType::EcP256 => KeyType::EcP256,
        sim_scenario::KeyType::Rsa2048 => KeyType::Rsa2048,
        sim_scenario::KeyType::Rsa3072 => KeyType::Rsa3072,
    }
}
