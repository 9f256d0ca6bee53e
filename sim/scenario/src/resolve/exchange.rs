//! How messages are signed, carried and kept: the profile, and what is written beside it.

use super::or_default;
use crate::decode::{At, List};
use crate::model::{CipherSuite, ExchangeSettings, Profile, TlsVersion};
use crate::raw::{MAX_CONNECTIONS, RawExchange, defaults};
use crate::values::Count;

/// The settings that `raw` comes to.
pub(crate) fn exchange(raw: Option<&RawExchange>) -> ExchangeSettings {
    let profile = or_default(raw.and_then(|raw| raw.profile.as_ref()), defaults::PROFILE);
    let of_profile = ExchangeSettings::of(profile);
    let Some(raw) = raw else { return of_profile };
    let tls = values(raw.tls.as_ref()).unwrap_or(of_profile.tls);
    let suites = values(raw.cipher_suites.as_ref());
    ExchangeSettings {
        profile,
        signing_key: written(raw.signing_key.as_ref(), of_profile.signing_key),
        authentication_key: written(
            raw.authentication_key.as_ref(),
            of_profile.authentication_key,
        ),
        connections: written(raw.connections.as_ref(), of_profile.connections),
        max_connections: number(raw.max_connections.as_ref(), of_profile.max_connections),
        idle_connections: number(raw.idle_connections.as_ref(), of_profile.idle_connections),
        signatures: written(raw.signatures.as_ref(), of_profile.signatures),
        bodies: written(raw.bodies.as_ref(), of_profile.bodies),
        time_stamps: written(raw.time_stamps.as_ref(), of_profile.time_stamps),
        cipher_suites: suites.unwrap_or_else(|| suites_for(&tls, &of_profile.cipher_suites)),
        tls,
    }
}

/// The profile's suites of these versions; a version that the profile does not speak brings those
/// of [`Profile::Modern`].
fn suites_for(tls: &[TlsVersion], of_profile: &[CipherSuite]) -> Vec<CipherSuite> {
    let modern = ExchangeSettings::of(Profile::Modern).cipher_suites;
    let of_version = |version: TlsVersion| {
        let of_version = |suites: &[CipherSuite]| -> Vec<CipherSuite> {
            let suites = suites.iter().copied();
            suites.filter(|suite| suite.version() == version).collect()
        };
        match of_version(of_profile) {
            none if none.is_empty() => of_version(&modern),
            suites => suites,
        }
    };
    tls.iter()
        .flat_map(|version| of_version(*version))
        .collect()
}

fn written<T: Copy>(written: Option<&At<T>>, of_profile: T) -> T {
    written.map_or(of_profile, |at| at.value)
}

fn number(written: Option<&At<Count<1, MAX_CONNECTIONS>>>, of_profile: u32) -> u32 {
    written.map_or(of_profile, |at| super::parts::narrow(at.value))
}

fn values<T: Copy>(list: Option<&List<At<T>>>) -> Option<Vec<T>> {
    list.map(|list| list.items.iter().map(|at| at.value).collect())
}
