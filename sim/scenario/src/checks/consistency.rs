//! Numbers and parts that must fit each other.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::asks;
use crate::decode::At;
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::model::MetricName;
use crate::names::Names;
use crate::raw::{MAX_WINDOWS, RawScenario, RawTrust, defaults};
use crate::resolve::{self, default_of};
use crate::suggest::one_of;
use crate::values::{Interval, ServiceReference, SubsystemReference};

/// Every subsystem exchanges messages through at least one security server.
pub(super) fn every_subsystem_is_served(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(servers) = raw.security_servers.get() else {
        return;
    };
    let mut served = Vec::new();
    for entry in &servers.entries {
        // A server of which the list could not be read may serve anybody.
        let Some(list) = entry.value.as_ref().and_then(|server| server.serves.get()) else {
            return;
        };
        if !list.complete {
            return;
        }
        served.extend(list.items.iter().map(|item| &item.value));
    }
    for (name, member) in names.members() {
        let subsystems = member.and_then(|member| member.subsystems.get());
        for code in subsystems.into_iter().flat_map(|list| &list.items) {
            let reference = SubsystemReference {
                member: name.value.0.clone(),
                subsystem: code.value.0.clone(),
            };
            if !served.contains(&&reference) {
                report.add(
                    conflict(
                        code.span,
                        format!("no security server serves `{reference}`"),
                    )
                    .help(format!(
                        "add `{reference}` to what a security server `serves`"
                    )),
                );
            }
        }
    }
}

/// A registry that nobody may call answers nothing.
pub(super) fn registries_say_who_may_call(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    for (name, registry) in names.registries() {
        if registry.allow.is_none() && registry.services.is_none() && report.is_clean() {
            let message = "the registry does not say who may call it";
            report.add(
                Diagnostic::new(ProblemKind::MissingKey, Some(name.span), message)
                    .help("accepted: `allow` for all its services, `services` one by one, or both"),
            );
        }
    }
}

/// Citizens use a portal, and somebody can log in there: they are old enough.
pub(super) fn citizens_have_a_portal(raw: &RawScenario, _: &Names<'_>, report: &mut Report<'_>) {
    let Some(citizens) = &raw.citizens else {
        return;
    };
    if raw.portal.is_none() && report.is_clean() {
        let span = citizens.people_at_once.get().map(|at| at.span);
        let message = "there is no portal for citizens to use";
        report.add(
            Diagnostic::new(ProblemKind::MissingKey, span, message)
                .help("add `portal`, with the subsystem that it asks as"),
        );
    }
}

/// A workload says once, and at all, what is asked.
pub(super) fn workload_says_what_is_asked(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(workload) = raw.workload.get() else {
        return;
    };
    if workload.mix.is_none() {
        // What is written and could not be read was reported.
        if workload.service.is_none() && report.is_clean() {
            let message = "the workload does not say what is asked";
            let span = workload.client.get().map(|at| at.span);
            report.add(
                Diagnostic::new(ProblemKind::MissingKey, span, message)
                    .help("accepted: `service`, or a `mix` of several questions"),
            );
        }
        return;
    }
    let beside_the_mix = [
        ("service", workload.service.as_ref().map(|at| at.span)),
        (
            "ids-per-exchange",
            workload.ids_per_exchange.as_ref().map(|at| at.span),
        ),
    ];
    for (key, span) in beside_the_mix {
        let Some(span) = span else { continue };
        let message = format!("`{key}` has no meaning beside a `mix`");
        let help = format!("give each question of the mix its own `{key}`");
        report.add(conflict(span, message).help(help));
    }
}

/// The workload's client has access to the workload's services: a run of nothing but refusals
/// answers no question.
pub(super) fn workload_client_may_call_the_services(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(workload) = raw.workload.get() else {
        return;
    };
    let Some(client) = workload.client.get() else {
        return;
    };
    for service in asks::of(workload).iter().filter_map(|ask| ask.service) {
        check_right(client, service, names, report);
    }
}

pub(super) fn check_right(
    client: &At<SubsystemReference>,
    service: &At<ServiceReference>,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let rights = names.offer(&service.value).and_then(|offer| offer.allow);
    let Some(rights) = rights.filter(|rights| rights.complete) else {
        return;
    };
    // A right of somebody unknown is reported as such; it may well be a slip for this client.
    if rights
        .items
        .iter()
        .any(|right| names.client(&right.value.subject).is_none())
    {
        return;
    }
    if !rights
        .items
        .iter()
        .any(|right| right.value.subject == client.value)
    {
        let message = format!("`{}` may not call `{}`", client.value, service.value);
        report.add(conflict(client.span, message).help(format!(
            "add `{}` to what the service `allow`s",
            client.value
        )));
    }
}

/// Status and configuration are fetched again before they are too old to be used.
pub(super) fn trust_is_renewed_before_it_expires(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(trust) = &raw.trust else { return };
    for (renewed, lasting) in renewal_pairs(trust) {
        let Some(span) = renewed
            .span
            .or(lasting.span)
            .filter(|_| renewed.interval >= lasting.interval)
        else {
            continue;
        };
        let message = format!("`{}` is not shorter than `{}`", renewed.key, lasting.key);
        let help = format!("`{}` is {:?}", lasting.key, lasting.interval);
        report.add(conflict(span, message).help(help));
    }
}

struct Setting {
    key: &'static str,
    span: Option<Span>,
    interval: Duration,
}

impl Setting {
    fn of(key: &'static str, written: Option<&At<Interval>>, default: &str) -> Self {
        let interval = written
            .map_or_else(|| default_of::<Interval>(default), |at| at.value)
            .0;
        Self {
            key,
            span: written.map(|at| at.span),
            interval,
        }
    }
}

fn renewal_pairs(trust: &RawTrust) -> [(Setting, Setting); 2] {
    let fetch = trust.ocsp_fetch_interval.as_ref();
    let freshness = trust.ocsp_freshness.as_ref();
    let refresh = trust.configuration_refresh.as_ref();
    let expiry = trust.configuration_expiry.as_ref();
    [
        (
            Setting::of("ocsp-fetch-interval", fetch, defaults::OCSP_FETCH_INTERVAL),
            Setting::of("ocsp-freshness", freshness, defaults::OCSP_FRESHNESS),
        ),
        (
            Setting::of(
                "configuration-refresh",
                refresh,
                defaults::CONFIGURATION_REFRESH,
            ),
            Setting::of(
                "configuration-expiry",
                expiry,
                defaults::CONFIGURATION_EXPIRY,
            ),
        ),
    ]
}

/// A run of truthful registries cannot name another number of deceased than the population has.
pub(super) fn expected_deaths_are_those_of_the_population(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let deceased = raw
        .population
        .get()
        .and_then(|population| population.deceased.get());
    let thresholds = raw.thresholds.get();
    let expected = thresholds.and_then(|thresholds| thresholds.deceased_named.as_ref());
    let (Some(deceased), Some(expected)) = (deceased, expected) else {
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "at most a billion")]
    let truth = deceased.value.0 as f64;
    for expected in &expected.items {
        let holds = expected.value.comparison.holds(truth, expected.value.bound);
        if raw.planted_lies.is_none() && !holds {
            let message = format!("this can never hold: {} have died", deceased.value.0);
            report.add(
                conflict(expected.span, message)
                    .help(format!("see `deceased` on line {}", deceased.span.line)),
            );
        }
    }
}

/// Only what the load generator itself measures can be measured over a part of the load, and not
/// over any number of parts.
pub(super) fn windows_can_be_measured(raw: &RawScenario, _: &Names<'_>, report: &mut Report<'_>) {
    let Some(thresholds) = raw.thresholds.get() else {
        return;
    };
    let mut windows = BTreeSet::new();
    for written in resolve::thresholds::of(thresholds, false) {
        let (Some(window), Some(span)) = (written.threshold.window, written.span) else {
            continue;
        };
        let metric = written.threshold.metric;
        if !metric.has_windows() {
            let able = MetricName::ALL.iter().filter(|metric| metric.has_windows());
            let message = format!("`{metric}` cannot be measured over a part of the load");
            report.add(conflict(span, message).help(format!(
                "these can: {}",
                one_of(able.map(|metric| metric.as_str()))
            )));
        }
        if windows.insert(window) && windows.len() == MAX_WINDOWS + 1 {
            let message = format!("thresholds are about more than {MAX_WINDOWS} parts of the load");
            report.add(conflict(span, message));
        }
    }
}

pub(super) fn conflict(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(ProblemKind::Conflict, Some(span), message)
}
