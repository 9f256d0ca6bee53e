//! What may exist once exists once.

use std::collections::BTreeMap;

use sim_domain::ReturnAddress;

use crate::decode::At;
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::model::{CipherSuite, Language, TlsVersion};
use crate::names::Names;
use crate::raw::RawScenario;

/// No two members have the same class and code.
pub(super) fn member_ids_are_unique(_: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    let ids = names
        .members()
        .filter_map(|(_, member)| member?.id.get())
        .map(|id| (format!("{}/{}", id.value.class, id.value.code), id.span));
    report_repetitions(ids, |id| format!("two members have the id `{id}`"), report);
}

/// A list does not name the same thing twice.
pub(super) fn lists_name_everything_once(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let twice = |name: &str| format!("`{name}` is listed twice");
    for (_, member) in names.members() {
        let subsystems = member.and_then(|member| member.subsystems.get());
        report_repetitions(
            texts(subsystems.map(|list| &list.items), |code| code.0.clone()),
            twice,
            report,
        );
    }
    let servers = raw
        .security_servers
        .get()
        .into_iter()
        .flat_map(|servers| &servers.entries);
    for server in servers.filter_map(|entry| entry.value.as_ref()) {
        let served = server.serves.get().map(|list| &list.items);
        report_repetitions(texts(served, ToString::to_string), twice, report);
    }
    for (_, registry) in names.registries() {
        for list in [&registry.by_consent, &registry.legal_exceptions] {
            let clients = list.as_ref().map(|list| &list.items);
            report_repetitions(texts(clients, ToString::to_string), twice, report);
        }
    }
    if let Some(exchange) = &raw.exchange {
        let versions = exchange.tls.as_ref().map(|list| &list.items);
        let version = |version: &TlsVersion| format!("TLS {}", version.word());
        report_repetitions(texts(versions, version), twice, report);
        let suites = exchange.cipher_suites.as_ref().map(|list| &list.items);
        let suite = |suite: &CipherSuite| suite.name().to_owned();
        report_repetitions(texts(suites, suite), twice, report);
    }
    if let Some(portal) = &raw.portal {
        let languages = portal.languages.as_ref().map(|list| &list.items);
        let language = |language: &Language| language.code().to_owned();
        report_repetitions(texts(languages, language), twice, report);
    }
    let parties = raw
        .identity_provider
        .iter()
        .filter_map(|it| it.relying_parties.as_ref());
    for party in parties.flat_map(|parties| &parties.entries) {
        let Some(party) = &party.value else { continue };
        for list in [party.redirect_uris.get(), party.after_logout.as_ref()] {
            let addresses = list.map(|list| &list.items);
            let address = |address: &ReturnAddress| address.as_str().to_owned();
            report_repetitions(texts(addresses, address), twice, report);
        }
    }
    let kinds = raw.planted_lies.as_ref().map(|lies| &lies.items);
    let kind = |lie: &_| format!("{:?}", std::mem::discriminant(lie));
    let planted_twice = |_: &str| "this kind of lie is planted twice".to_owned();
    report_repetitions(texts(kinds, kind), planted_twice, report);
}

/// No two registries are master of the same data: there is a single source of truth.
pub(super) fn data_have_one_master(_: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    let claims = names.registries().flat_map(|(_, registry)| {
        texts(registry.master_of.get().map(|list| &list.items), |data| {
            data.0.clone()
        })
    });
    let twice =
        |data: &str| format!("`{data}` already has a master: there is a single source of truth");
    report_repetitions(claims, twice, report);
}

/// No two registries offer the same service of the same subsystem.
pub(super) fn services_are_offered_once(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let offers = names
        .offers()
        .map(|offer| (format!("{}/{}", offer.provider, offer.code), offer.span));
    report_repetitions(
        offers,
        |service| format!("two registries offer `{service}`"),
        report,
    );
}

fn texts<T>(
    items: Option<&Vec<At<T>>>,
    text: impl Fn(&T) -> String,
) -> impl Iterator<Item = (String, Span)> {
    items
        .into_iter()
        .flatten()
        .map(move |item| (text(&item.value), item.span))
}

fn report_repetitions(
    texts: impl Iterator<Item = (String, Span)>,
    message: impl Fn(&str) -> String,
    report: &mut Report<'_>,
) {
    let mut first_lines: BTreeMap<String, usize> = BTreeMap::new();
    for (text, span) in texts {
        if let Some(line) = first_lines.get(&text) {
            report.add(
                Diagnostic::new(ProblemKind::Duplicate, Some(span), message(&text))
                    .help(format!("first on line {line}")),
            );
        } else {
            first_lines.insert(text, span.line);
        }
    }
}
