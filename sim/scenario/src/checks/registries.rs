//! Keys that only some kinds of registries have, and what they need elsewhere in the file.

use super::consistency::{check_right, conflict};
use crate::decode::{At, List};
use crate::diagnostics::{Report, Span};
use crate::model::{Connection, RegistryKind};
use crate::names::Names;
use crate::raw::{RawRegistry, RawScenario, defaults};
use crate::resolve::or_default;
use crate::values::{ServiceReference, SubsystemReference};

/// A registry has no key that means nothing for its kind.
pub(super) fn keys_belong_to_the_kind(_: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    for (_, registry) in names.registries() {
        let kind = kind_of(registry);
        let keys = [
            (
                "by-consent",
                first(registry.by_consent.as_ref()),
                RegistryKind::Health,
            ),
            (
                "legal-exceptions",
                first(registry.legal_exceptions.as_ref()),
                RegistryKind::Health,
            ),
            (
                "curious-officials",
                registry.curious_officials.as_ref().map(|at| at.span),
                RegistryKind::SocialInsurance,
            ),
        ];
        for (key, written, only) in keys {
            let Some(span) = written.filter(|_| kind != only) else {
                continue;
            };
            let message = format!("`{key}` has no meaning for `kind: {}`", kind.word());
            let help = format!("only registries of `kind: {}` have it", only.word());
            report.add(conflict(span, message).help(help));
        }
    }
}

/// Registries wait in whole milliseconds.
pub(super) fn demands_can_be_waited_for(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    for (_, registry) in names.registries() {
        let Some(demand) = &registry.service_demand else {
            continue;
        };
        let (median, p99) = (
            demand.value.median.as_millis(),
            demand.value.p99.as_millis(),
        );
        if median == 0 || p99 <= median {
            let message = "a service demand is counted in whole milliseconds".to_owned();
            let help = "the median is at least 1ms, and the p99 at least 1ms above it";
            report.add(conflict(demand.span, message).help(help));
        }
    }
}

/// Who may read by consent can ask for one, and who holds the data whether there is one.
pub(super) fn consents_are_kept(_: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    let mut registries = names.registries();
    let keeping = registries.find(|(_, registry)| kind_of(registry) == RegistryKind::Consents);
    for (_, registry) in health(names) {
        let Some(span) = first(registry.by_consent.as_ref()) else {
            continue;
        };
        let Some((_, keeping)) = keeping else {
            let message = "nobody keeps consents".to_owned();
            report.add(conflict(span, message).help("add a registry of `kind: consents`"));
            continue;
        };
        for (registry, codes) in [
            (registry, ["record"].as_slice()),
            (keeping, &["consent", "validation"]),
        ] {
            for code in codes {
                check_offered(registry, code, span, names, report);
            }
        }
    }
}

fn check_offered(
    registry: &RawRegistry,
    code: &str,
    span: Span,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let services = registry.services.as_ref();
    let Some(provider) = registry.subsystem.get() else {
        return;
    };
    let service = ServiceReference {
        provider: provider.value.clone(),
        service: code.to_owned(),
    };
    if services.is_none_or(|services| services.complete) && names.offer(&service).is_none() {
        let message = format!("`by-consent` needs `{service}`, which is not offered");
        let help = format!("add `{code}` to the `services` of that registry, or give it `allow`");
        report.add(conflict(span, message).help(help));
    }
}

/// An insurer may read a health record by consent: it has nothing else to make an offer from.
pub(super) fn insurers_may_read_records(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let insurers = names
        .registries()
        .filter(|(_, registry)| kind_of(registry) == RegistryKind::Insurer);
    for (name, insurer) in insurers {
        let Some(subsystem) = insurer.subsystem.get() else {
            continue;
        };
        let is_named = health(names).any(|(_, registry)| {
            let readers = registry.by_consent.iter().flat_map(|list| &list.items);
            readers
                .map(|at| &at.value)
                .any(|reader| *reader == subsystem.value)
        });
        if !is_named && names.services_are_complete() {
            let message = format!("`{}` can read no health record", subsystem.value);
            report.add(conflict(name.span, message).help(format!(
                "add `{}` to `by-consent` of a registry of `kind: health`",
                subsystem.value
            )));
        }
    }
}

/// Registries that ask others, as those about consents must, reach their security server in the way
/// that they know.
pub(super) fn asking_registries_reach_a_server(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(servers) = raw.security_servers.get() else {
        return;
    };
    for (_, registry) in names.registries() {
        let asks = registry.by_consent.is_some() || kind_of(registry) == RegistryKind::Insurer;
        let Some(subsystem) = registry.subsystem.get().filter(|_| asks) else {
            continue;
        };
        let serving = servers.entries.iter().filter_map(|entry| {
            let server = entry.value.as_ref()?;
            let mut served = server.serves.get()?.items.iter();
            served.find(|at| at.value == subsystem.value)?;
            Some(server)
        });
        let connections: Vec<Connection> = serving
            .map(|server| or_default(server.connection.as_ref(), defaults::CONNECTION))
            .collect();
        // Whom nobody serves is reported as such.
        if !connections.is_empty() && !connections.contains(&Connection::Http) {
            let message = format!("`{}` asks others over plain HTTP", subsystem.value);
            report.add(
                conflict(subsystem.span, message)
                    .help("let a security server with `connection: http` serve it"),
            );
        }
    }
}

/// Whom the law lets read may call the service, and needs no consent.
pub(super) fn exceptions_go_with_rights(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    for (_, registry) in health(names) {
        let Some(provider) = registry.subsystem.get() else {
            continue;
        };
        let service = At {
            value: ServiceReference {
                provider: provider.value.clone(),
                service: "record".to_owned(),
            },
            span: provider.span,
        };
        let consenting = registry.by_consent.iter().flat_map(|list| &list.items);
        let consenting: Vec<&SubsystemReference> = consenting.map(|at| &at.value).collect();
        let exempt = registry.legal_exceptions.iter();
        for reader in exempt.flat_map(|list| &list.items) {
            if consenting.contains(&&reader.value) {
                let message = format!("`{}` needs a consent and needs none", reader.value);
                let help = "leave it in one of `by-consent` and `legal-exceptions`";
                report.add(conflict(reader.span, message).help(help));
            } else {
                check_right(reader, &service, names, report);
            }
        }
    }
}

fn health<'r>(
    names: &Names<'r>,
) -> impl Iterator<Item = (&'r At<crate::values::ShortName>, &'r RawRegistry)> + use<'r> {
    let registries = names.registries();
    registries.filter(|(_, registry)| kind_of(registry) == RegistryKind::Health)
}

fn kind_of(registry: &RawRegistry) -> RegistryKind {
    or_default(registry.kind.as_ref(), defaults::REGISTRY_KIND)
}

/// Where the first of a list stands.
fn first<T>(list: Option<&List<At<T>>>) -> Option<Span> {
    list.and_then(|list| list.items.first()).map(|at| at.span)
}
