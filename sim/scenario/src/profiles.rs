//! What each profile sets: one table, which `docs/profiles.md` explains with X-Road's own names.

use crate::model::{
    BodyLogging, CipherSuite, ConnectionReuse, ExchangeSettings, KeyType, Profile, SignatureScope,
    TimeStamping, TlsVersion,
};

/// X-Road's `pool-total-max-connections`.
const MAX_CONNECTIONS: u32 = 10_000;
/// X-Road's `pool-total-default-max-connections-per-route`.
const IDLE_CONNECTIONS: u32 = 2_500;

/// X-Road's `xroad-tls-ciphers`, as shipped.
const XROAD_SUITES: [&str; 3] = [
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
];

impl ExchangeSettings {
    /// What `profile` sets.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        match profile {
            Profile::Modern => modern(),
            Profile::XroadDefault => xroad_default(),
            Profile::XroadEe => Self {
                profile,
                signing_key: KeyType::Rsa3072,
                authentication_key: KeyType::Rsa3072,
                ..xroad_default()
            },
            Profile::XroadFi => Self {
                profile,
                signing_key: KeyType::Rsa3072,
                authentication_key: KeyType::Rsa3072,
                connections: ConnectionReuse::Kept,
                bodies: BodyLogging::NotLogged,
                ..xroad_default()
            },
        }
    }
}

fn modern() -> ExchangeSettings {
    ExchangeSettings {
        profile: Profile::Modern,
        signing_key: KeyType::EcP256,
        authentication_key: KeyType::EcP256,
        connections: ConnectionReuse::Kept,
        max_connections: MAX_CONNECTIONS,
        idle_connections: IDLE_CONNECTIONS,
        signatures: SignatureScope::Batched,
        bodies: BodyLogging::Logged,
        time_stamps: TimeStamping::InBatches,
        tls: vec![TlsVersion::Tls13, TlsVersion::Tls12],
        cipher_suites: CipherSuite::all()
            .filter(|suite| suite.used() == *suite)
            .collect(),
    }
}

fn xroad_default() -> ExchangeSettings {
    ExchangeSettings {
        profile: Profile::XroadDefault,
        signing_key: KeyType::Rsa2048,
        authentication_key: KeyType::Rsa2048,
        connections: ConnectionReuse::PerMessage,
        max_connections: MAX_CONNECTIONS,
        idle_connections: IDLE_CONNECTIONS,
        signatures: SignatureScope::Batched,
        bodies: BodyLogging::Logged,
        time_stamps: TimeStamping::InBatches,
        tls: vec![TlsVersion::Tls12],
        cipher_suites: XROAD_SUITES
            .iter()
            .map(|name| CipherSuite::of_name(name).expect("the table has X-Road's suites"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_a_suite_for_each_version_and_for_its_key() {
        for profile in Profile::ALL {
            let settings = ExchangeSettings::of(profile);
            assert_eq!(settings.profile, profile);
            for version in &settings.tls {
                assert!(
                    settings
                        .offered_suites()
                        .iter()
                        .any(|suite| suite.version() == *version
                            && suite.fits(settings.authentication_key)),
                    "{profile:?} has no suite for {version:?}"
                );
            }
        }
    }
}
