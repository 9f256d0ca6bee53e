//! The two dialects of fault codes and the way from one to the other.
//!
//! X-Road renamed its codes at version 7.8.0: `Server.ClientProxy.NetworkError` became
//! `server.clientproxy.network_error`. The mapping is mechanical, part by part, with a few
//! exceptions ([`EXCEPTIONS`]).

use serde::{Deserialize, Serialize};

/// How fault codes are written.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Lower snake case, since X-Road 7.8.0.
    #[default]
    Current,
    /// Camel case, until X-Road 7.7.
    Legacy,
}

/// Parts that do not map mechanically: current form, legacy form.
const EXCEPTIONS: [(&str, &str); 5] = [
    ("clientproxy", "ClientProxy"),
    ("serverproxy", "ServerProxy"),
    ("global_conf_outdated", "OutdatedGlobalConf"),
    ("hsm_non_operational", "HSMNonOperational"),
    ("io_error", "IOError"),
];

/// The message log's own codes follow this part and are the same in both dialects.
const MESSAGE_LOG: &str = "mlog";

/// `current` in the legacy dialect.
pub(super) fn to_legacy(current: &str) -> String {
    map_parts(current, |part| {
        match EXCEPTIONS.iter().find(|(form, _)| *form == part) {
            Some((_, legacy)) => (*legacy).to_owned(),
            None => part.split('_').map(capitalised).collect(),
        }
    })
}

/// `code`, of either dialect, in the current one.
pub(super) fn to_current(code: &str) -> String {
    map_parts(code, |part| {
        match EXCEPTIONS.iter().find(|(_, form)| *form == part) {
            Some((current, _)) => (*current).to_owned(),
            None => snake_case(part),
        }
    })
}

fn map_parts(code: &str, map: impl Fn(&str) -> String) -> String {
    let mut verbatim = false;
    let parts = code.split('.').map(|part| {
        verbatim |= part == MESSAGE_LOG;
        if verbatim { part.to_owned() } else { map(part) }
    });
    parts.collect::<Vec<_>>().join(".")
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        // A doubled or outer `_` has no capital to stand for it.
        None => "_".to_owned(),
    }
}

/// A `_` goes before each capital that begins a word: after a small letter or digit, or between a
/// row of capitals and a small letter.
fn snake_case(part: &str) -> String {
    let characters: Vec<char> = part.chars().collect();
    let mut text = String::with_capacity(part.len() + 4);
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| characters[at]);
        let ends_row = characters
            .get(at + 1)
            .is_some_and(|next| next.is_lowercase());
        let begins_word = before.is_some_and(|before| {
            before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && ends_row)
        });
        if character.is_uppercase() && begins_word {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{to_current, to_legacy};

    #[test]
    fn both_dialects_say_the_same() {
        for (current, legacy) in [
            (
                "server.clientproxy.network_error",
                "Server.ClientProxy.NetworkError",
            ),
            (
                "server.serverproxy.access_denied",
                "Server.ServerProxy.AccessDenied",
            ),
            ("server.clientproxy.io_error", "Server.ClientProxy.IOError"),
            (
                "server.serverproxy.global_conf_outdated",
                "Server.ServerProxy.OutdatedGlobalConf",
            ),
            (
                "server.serverproxy.service_type",
                "Server.ServerProxy.ServiceType",
            ),
            (
                "server.serverproxy.service_failed.ssl_authentication_failed",
                "Server.ServerProxy.ServiceFailed.SslAuthenticationFailed",
            ),
            (
                "server.clientproxy.signature_verification.invalid_cert_path.cert_validation",
                "Server.ClientProxy.SignatureVerification.InvalidCertPath.CertValidation",
            ),
            ("client.invalid_http_method", "Client.InvalidHttpMethod"),
            (
                "server.serverproxy.hsm_non_operational",
                "Server.ServerProxy.HSMNonOperational",
            ),
            (
                "server.clientproxy.logging_failed.mlog.no_timestamping_provider_found",
                "Server.ClientProxy.LoggingFailed.mlog.no_timestamping_provider_found",
            ),
        ] {
            assert_eq!(to_legacy(current), legacy);
            assert_eq!(to_current(legacy), current);
            assert_eq!(to_current(current), current);
        }
    }
}
