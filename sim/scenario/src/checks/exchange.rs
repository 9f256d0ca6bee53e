//! Settings of the exchange that must fit each other.

use super::consistency::conflict;
use crate::decode::At;
use crate::diagnostics::{Report, Span};
use crate::model::{CipherSuite, ConnectionReuse, ExchangeSettings, TimeStamping};
use crate::names::Names;
use crate::raw::{RawExchange, RawScenario};
use crate::resolve;

/// Every suite belongs to a version that is spoken, and every version has a suite that the
/// authentication key can be used with.
pub(super) fn suites_go_with_versions_and_key(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(exchange) = &raw.exchange else {
        return;
    };
    // A version or suite that could not be read may be the one that is missed.
    let complete = exchange.tls.as_ref().is_none_or(|list| list.complete)
        && exchange
            .cipher_suites
            .as_ref()
            .is_none_or(|list| list.complete);
    if !complete {
        return;
    }
    let settings = resolve::exchange(Some(exchange));
    if let Some(suites) = &exchange.cipher_suites {
        for suite in &suites.items {
            suite_is_spoken(suite, &settings, report);
        }
    }
    let Some(span) = first_span(exchange) else {
        return;
    };
    for version in &settings.tls {
        let suites = settings.cipher_suites.iter();
        let of_version: Vec<&CipherSuite> =
            suites.filter(|suite| suite.version() == *version).collect();
        if of_version.is_empty() {
            let message = format!("no cipher suite is left for TLS {}", version.word());
            report.add(conflict(span, message).help("leave `cipher-suites` out, or add one"));
        } else if !of_version
            .iter()
            .any(|suite| suite.fits(settings.authentication_key))
        {
            let message = format!(
                "no cipher suite of TLS {} goes with an authentication key of type `{}`",
                version.word(),
                settings.authentication_key.word()
            );
            report
                .add(conflict(span, message).help(
                    "suites with `ECDSA` need an `ec-p256` key, those with `RSA` an RSA key",
                ));
        }
    }
}

fn suite_is_spoken(suite: &At<CipherSuite>, settings: &ExchangeSettings, report: &mut Report<'_>) {
    let version = suite.value.version();
    if !settings.tls.contains(&version) {
        let message = format!(
            "`{}` belongs to TLS {}, which is not spoken here",
            suite.value.name(),
            version.word()
        );
        let spoken: Vec<&str> = settings.tls.iter().map(|version| version.word()).collect();
        let help = format!("`tls` is {}", spoken.join(" and "));
        report.add(conflict(suite.span, message).help(help));
    }
}

/// Where to point at: what is written of the settings that decide together.
fn first_span(exchange: &RawExchange) -> Option<Span> {
    let suites = exchange.cipher_suites.as_ref();
    let suites = suites.and_then(|list| Some(list.items.first()?.span));
    let key = exchange.authentication_key.as_ref().map(|at| at.span);
    let versions = exchange.tls.as_ref();
    suites
        .or(key)
        .or_else(|| versions.and_then(|list| Some(list.items.first()?.span)))
}

/// Idle connections are kept, and intervals kept to, only where there are any.
pub(super) fn settings_have_a_meaning(raw: &RawScenario, _: &Names<'_>, report: &mut Report<'_>) {
    let Some(exchange) = &raw.exchange else {
        return;
    };
    let settings = resolve::exchange(Some(exchange));
    if settings.connections == ConnectionReuse::PerMessage
        && let Some(idle) = &exchange.idle_connections
    {
        let message = "`idle-connections` has no meaning where each message has its own connection";
        report.add(
            conflict(idle.span, message.to_owned()).help("accepted: with `connections: kept`"),
        );
    }
    let interval = raw
        .trust
        .as_ref()
        .and_then(|trust| trust.time_stamping_interval.as_ref());
    if settings.time_stamps == TimeStamping::AtOnce
        && let Some(interval) = interval
    {
        let message =
            "`time-stamping-interval` has no meaning where each signature is time-stamped at once";
        report.add(
            conflict(interval.span, message.to_owned())
                .help("accepted: with `time-stamps: in-batches`"),
        );
    }
    if settings.idle_connections > settings.max_connections
        && let Some(written) = exchange
            .idle_connections
            .as_ref()
            .or(exchange.max_connections.as_ref())
    {
        let message = format!(
            "{} idle connections to one server are more than the {} to all",
            settings.idle_connections, settings.max_connections
        );
        report.add(
            conflict(written.span, message)
                .help("lower `idle-connections`, or raise `max-connections`"),
        );
    }
}
