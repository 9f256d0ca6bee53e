//! Every reference resolves.

use crate::asks;
use crate::decode::{At, Named};
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::names::Names;
use crate::raw::{RawScenario, RawSecurityServer};
use crate::suggest::{did_you_mean, one_of};
use crate::values::{ServiceReference, ShortName, SubsystemReference};

/// The owner of each security server is a member.
pub(super) fn owners_exist(raw: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    for server in values(raw.security_servers.get()) {
        if let Some(owner) = server.owner.get() {
            check_member(&owner.value.0, owner.span, names, report);
        }
    }
}

/// What a security server serves are subsystems.
pub(super) fn served_subsystems_exist(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    for server in values(raw.security_servers.get()) {
        for served in server
            .serves
            .get()
            .into_iter()
            .flat_map(|served| &served.items)
        {
            check_subsystem(&served.value, served.span, names, report);
        }
    }
}

/// What a registry answers as is a subsystem.
pub(super) fn registries_answer_as_subsystems_that_exist(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    for (_, registry) in names.registries() {
        if let Some(subsystem) = registry.subsystem.get() {
            check_subsystem(&subsystem.value, subsystem.span, names, report);
        }
    }
}

/// Who is allowed to call a service is a subsystem.
pub(super) fn rights_are_given_to_subsystems_that_exist(
    _: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let of_registries = names
        .registries()
        .filter_map(|(_, registry)| registry.allow.as_ref());
    let of_services = names
        .offers()
        .filter_map(|offer| offer.service?.allow.get());
    for rights in of_registries.chain(of_services) {
        for right in &rights.items {
            check_subsystem(&right.value.subject, right.span, names, report);
        }
    }
}

/// The workload's client is a subsystem, and its service is offered.
pub(super) fn workload_refers_to_what_exists(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(workload) = raw.workload.get() else {
        return;
    };
    if let Some(client) = workload.client.get() {
        check_subsystem(&client.value, client.span, names, report);
    }
    for service in asks::of(workload).iter().filter_map(|ask| ask.service) {
        check_service(service, names, report);
    }
}

/// What the portal asks as is a subsystem.
pub(super) fn portal_asks_as_a_subsystem_that_exists(
    raw: &RawScenario,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    let subsystem = raw
        .portal
        .as_ref()
        .and_then(|portal| portal.subsystem.get());
    if let Some(subsystem) = subsystem {
        check_subsystem(&subsystem.value, subsystem.span, names, report);
    }
}

/// Who reads health records by consent or by law is a subsystem.
pub(super) fn special_readers_exist(_: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    for (_, registry) in names.registries() {
        let lists = [&registry.by_consent, &registry.legal_exceptions];
        for reader in lists.into_iter().flatten().flat_map(|list| &list.items) {
            check_subsystem(&reader.value, reader.span, names, report);
        }
    }
}

fn values(
    servers: Option<&Named<ShortName, RawSecurityServer>>,
) -> impl Iterator<Item = &RawSecurityServer> {
    servers
        .into_iter()
        .flat_map(|servers| &servers.entries)
        .filter_map(|entry| entry.value.as_ref())
}

/// Reports an unknown member; says whether the name is known.
fn check_member(name: &str, span: Span, names: &Names<'_>, report: &mut Report<'_>) -> bool {
    let known: Vec<&str> = names
        .members()
        .map(|(known, _)| known.value.0.as_str())
        .collect();
    if known.contains(&name) {
        return true;
    }
    if names.members_are_complete() {
        report.add(unknown(
            span,
            format!("no member is called `{name}`"),
            name,
            &known,
            "members",
        ));
    }
    false
}

fn check_subsystem(
    reference: &SubsystemReference,
    span: Span,
    names: &Names<'_>,
    report: &mut Report<'_>,
) {
    if !check_member(&reference.member, span, names, report) {
        return;
    }
    let member = names.raw_member(&reference.member);
    let Some(subsystems) = member.and_then(|member| member.subsystems.get()) else {
        return;
    };
    let known: Vec<&str> = subsystems
        .items
        .iter()
        .map(|code| code.value.0.as_str())
        .collect();
    if subsystems.complete && !known.contains(&reference.subsystem.as_str()) {
        let message = format!(
            "`{}` has no subsystem `{}`",
            reference.member, reference.subsystem
        );
        report.add(unknown(
            span,
            message,
            &reference.subsystem,
            &known,
            "its subsystems",
        ));
    }
}

fn check_service(service: &At<ServiceReference>, names: &Names<'_>, report: &mut Report<'_>) {
    let offered: Vec<String> = names
        .offers()
        .map(|offer| format!("{}/{}", offer.provider, offer.code))
        .collect();
    let known: Vec<&str> = offered.iter().map(String::as_str).collect();
    let wanted = service.value.to_string();
    if names.services_are_complete() && !known.contains(&wanted.as_str()) {
        let message = format!("no registry offers the service `{wanted}`");
        report.add(unknown(service.span, message, &wanted, &known, "services"));
        return;
    }
    let kind = names.kind_of_registry(&service.value.provider);
    let code = &service.value.service;
    if known.contains(&wanted.as_str()) && asks::subject(kind, code).is_none() {
        let message = format!("nobody knows how to ask the service `{wanted}`");
        let codes: Vec<&str> = asks::services(kind).iter().map(|(code, _)| *code).collect();
        report.add(unknown(
            service.span,
            message,
            code,
            &codes,
            "services that can be asked",
        ));
    }
}

fn unknown(span: Span, message: String, written: &str, known: &[&str], noun: &str) -> Diagnostic {
    Diagnostic::new(ProblemKind::UnknownReference, Some(span), message)
        .maybe_help(did_you_mean(written, known.iter().copied()))
        .help(format!("{noun}: {}", one_of(known.iter().copied())))
}
