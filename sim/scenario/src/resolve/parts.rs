//! The parts of a scenario, each from its raw form.

use std::time::Duration;

use sim_domain::{ClientId, ReturnAddress};
use sim_population::{NameLists, Names as PeopleNames};
use sim_workload::{Carrier, Journey};

use super::{or_default, value};
use crate::asks::{self, MAX_WEIGHT};
use crate::decode::{At, List, Named, Needed, OneOrMore};
use crate::model::{
    AccessRule, Citizens, ClientConnection, IdentityProvider, Language, Member, MixedQuestion,
    Phones, PopulationPlan, Portal, Registry, RegistryKind, RegistryLies, RelyingParty,
    SecurityServer, ServerLimits, Service, ServiceDemand, TrustSettings, Workload,
};
use crate::names::{Names, Offer, offers_of};
use crate::raw::{
    RawCitizens, RawIdentityProvider, RawLimits, RawPopulation, RawPortal, RawRegistry,
    RawRelyingParty, RawScenario, RawSecurityServer, RawTrust, RawWorkload, defaults,
};
use crate::traffic::Traffic;
use crate::values::{
    Count, CurrencyCode, Interval, Promille, Sentence, ShortName, Spread, SubsystemReference,
};

pub(super) fn population(raw: &RawPopulation) -> Option<PopulationPlan> {
    Some(PopulationPlan {
        people: value(&raw.people)?.0,
        deceased: value(&raw.deceased)?.0,
        id_scheme: or_default(raw.id_scheme.as_ref(), defaults::ID_SCHEME),
        reference_date: or_default(raw.reference_date.as_ref(), defaults::REFERENCE_DATE),
        ages: or_default(raw.ages.as_ref(), defaults::AGES),
        names: people_names(raw)?,
        e_residents_per_mille: {
            let share: Promille = or_default(raw.e_residents.as_ref(), defaults::NO_SHARE);
            share.0
        },
    })
}

/// What people are called; `None` where a list of names could not be read.
pub(crate) fn people_names(raw: &RawPopulation) -> Option<PeopleNames> {
    let Some(lists) = &raw.name_lists else {
        return Some(or_default(raw.names.as_ref(), defaults::NAMES));
    };
    let texts = |list: &Needed<List<At<Sentence>>>| -> Option<Vec<String>> {
        let items = &list.get()?.items;
        Some(items.iter().map(|at| at.value.0.clone()).collect())
    };
    Some(PeopleNames::Lists(Box::new(NameLists {
        women: texts(&lists.women)?,
        men: texts(&lists.men)?,
        surnames: texts(&lists.surnames)?,
        municipalities: texts(&lists.municipalities)?,
        streets: texts(&lists.streets)?,
        phone_prefix: or_default(lists.phone_prefix.as_ref(), NameLists::PHONE_PREFIX).0,
    })))
}

/// Where citizens log in.
pub(super) fn identity_provider(written: Option<&RawIdentityProvider>) -> Option<IdentityProvider> {
    let share = |pick: fn(&RawIdentityProvider) -> Option<&At<Promille>>| {
        or_default(written.and_then(pick), defaults::FEW).0
    };
    let answer = written.and_then(|raw| raw.phones_answer.as_ref());
    let answer: Spread = or_default(answer, defaults::PHONE_ANSWER);
    Some(IdentityProvider {
        phones: Phones {
            median: answer.median,
            p99: answer.p99,
            refuse_per_mille: share(|raw| raw.phones_refuse.as_ref()),
            mistype_per_mille: share(|raw| raw.phones_mistype.as_ref()),
            off_per_mille: share(|raw| raw.phones_off.as_ref()),
        },
        relying_parties: written
            .and_then(|raw| raw.relying_parties.as_ref())
            .map_or_else(|| Some(Vec::new()), relying_parties)?,
    })
}

/// The services beside the portal; `None` where one could not be read.
fn relying_parties(named: &Named<ShortName, RawRelyingParty>) -> Option<Vec<RelyingParty>> {
    let parties = named.entries.iter().map(|entry| {
        let (key, raw) = (&entry.name.value.0, entry.value.as_ref()?);
        let text = |at: &At<Sentence>| at.value.0.clone();
        Some(RelyingParty {
            client_id: key.clone(),
            name: raw.name.as_ref().map_or_else(|| key.clone(), text),
            secret: raw.secret.as_ref().map(text),
            redirect_uris: addresses(raw.redirect_uris.get()?),
            after_logout: raw.after_logout.as_ref().map(addresses).unwrap_or_default(),
            back_channel_logout: raw.back_channel_logout.as_ref().map(|at| at.value.clone()),
        })
    });
    parties.collect()
}

fn addresses(written: &OneOrMore<ReturnAddress>) -> Vec<ReturnAddress> {
    written.items.iter().map(|at| at.value.clone()).collect()
}

pub(super) fn citizens(raw: &RawCitizens) -> Option<Citizens> {
    let think: Spread = or_default(raw.think_time.as_ref(), defaults::CITIZENS_THINK);
    let journeys = raw.journeys.as_ref();
    let carriers = raw.carriers.as_ref();
    Some(Citizens {
        people_at_once: narrow(*value(&raw.people_at_once)?),
        duration: value(&raw.duration)?.0,
        shape: or_default(raw.shape.as_ref(), defaults::SHAPE),
        journeys: journeys.map_or_else(|| Some(vec![(Journey::Look, 1)]), weighed)?,
        carriers: carriers.map_or_else(
            || Some(Carrier::ALL.map(|carrier| (carrier, 1)).to_vec()),
            weighed,
        )?,
        think_median: think.median,
        think_p99: think.p99,
    })
}

/// Choices with their weights; `None` only where one could not be read.
fn weighed<T: Copy>(named: &Named<T, At<Count<1, MAX_WEIGHT>>>) -> Option<Vec<(T, u32)>> {
    let entries = named.entries.iter();
    let weighed = entries.map(|entry| {
        let weight = entry.value.as_ref()?;
        Some((entry.name.value, narrow(weight.value)))
    });
    weighed.collect()
}

pub(super) fn portal(raw: &RawPortal, names: &Names<'_>) -> Option<Portal> {
    let currency: CurrencyCode = or_default(raw.currency.as_ref(), defaults::CURRENCY);
    let languages = raw.languages.as_ref().map_or_else(
        || vec![Language::English],
        |list| list.items.iter().map(|at| at.value).collect(),
    );
    Some(Portal {
        subsystem: names.client(value(&raw.subsystem)?)?,
        name: value(&raw.name)?.0.clone(),
        currency: currency.0,
        languages,
        log_in: or_default(raw.log_in.as_ref(), defaults::LOG_IN),
    })
}

pub(super) fn members(names: &Names<'_>) -> Option<Vec<Member>> {
    names
        .members()
        .map(|(name, member)| {
            let member = member?;
            let title = member
                .name
                .as_ref()
                .map_or(&name.value.0, |title| &title.value.0);
            let subsystems = &member.subsystems.get()?.items;
            Some(Member {
                id: names.member(&name.value.0)?,
                name: title.clone(),
                subsystems: subsystems.iter().map(|code| code.value.0.clone()).collect(),
            })
        })
        .collect()
}

pub(super) fn security_servers(
    raw: &RawScenario,
    names: &Names<'_>,
) -> Option<Vec<SecurityServer>> {
    let entries = &raw.security_servers.get()?.entries;
    entries
        .iter()
        .map(|entry| security_server(&entry.name.value.0, entry.value.as_ref()?, names))
        .collect()
}

fn security_server(
    code: &str,
    raw: &RawSecurityServer,
    names: &Names<'_>,
) -> Option<SecurityServer> {
    let connection = or_default(raw.connection.as_ref(), defaults::CONNECTION);
    let connect = |client: ClientId| ClientConnection { client, connection };
    let served = raw.serves.get()?.items.iter();
    Some(SecurityServer {
        code: code.to_owned(),
        owner: names.member(&value(&raw.owner)?.0)?,
        clients: served
            .map(|at| names.client(&at.value).map(connect))
            .collect::<Option<_>>()?,
        fault_dialect: or_default(raw.fault_dialect.as_ref(), defaults::FAULT_DIALECT),
        limits: raw.limits.as_ref().map(limits).unwrap_or_default(),
    })
}

fn limits(raw: &RawLimits) -> ServerLimits {
    ServerLimits {
        max_in_flight: raw.max_in_flight.as_ref().map(|at| narrow(at.value)),
        max_body_bytes: raw.max_body.as_ref().map(|at| at.value.0),
        max_header_bytes: raw.max_headers.as_ref().map(|at| at.value.0),
    }
}

pub(super) fn registries(raw: &RawScenario, names: &Names<'_>) -> Option<Vec<Registry>> {
    let entries = &raw.registries.get()?.entries;
    entries
        .iter()
        .map(|entry| registry(&entry.name.value.0, entry.value.as_ref()?, names))
        .collect()
}

fn registry(name: &str, raw: &RawRegistry, names: &Names<'_>) -> Option<Registry> {
    let provider = raw.subsystem.get()?;
    Some(Registry {
        name: name.to_owned(),
        subsystem: names.client(&provider.value)?,
        kind: or_default(raw.kind.as_ref(), defaults::REGISTRY_KIND),
        master_of: raw
            .master_of
            .get()?
            .items
            .iter()
            .map(|data| data.value.0.clone())
            .collect(),
        services: offers_of(raw, provider)
            .map(|offer| service(&offer, names))
            .collect::<Option<_>>()?,
        by_consent: clients(raw.by_consent.as_ref(), names)?,
        legal_exceptions: clients(raw.legal_exceptions.as_ref(), names)?,
        curious_officials: narrow(or_default(raw.curious_officials.as_ref(), defaults::NONE)),
        service_demand: raw.service_demand.as_ref().map(|at| ServiceDemand {
            median: at.value.median,
            p99: at.value.p99,
        }),
        lies: RegistryLies::default(),
    })
}

fn clients(
    list: Option<&List<At<SubsystemReference>>>,
    names: &Names<'_>,
) -> Option<Vec<ClientId>> {
    let items = list.into_iter().flat_map(|list| &list.items);
    items.map(|at| names.client(&at.value)).collect()
}

/// Gives the rights that follow from `by-consent`: whoever is named there asks for consents and
/// reads records, and whoever holds the records asks whether there is a consent.
pub(super) fn give_rights_by_consent(registries: &mut [Registry]) {
    let mut rights: Vec<(ClientId, &'static str, AccessRule)> = Vec::new();
    let mut keeping = registries.iter();
    let keeping = keeping.find(|registry| registry.kind == RegistryKind::Consents);
    let Some(keeping) = keeping.map(|registry| registry.subsystem.clone()) else {
        return;
    };
    let right = |subject: &ClientId, method: &str| AccessRule {
        subject: subject.clone(),
        method: method.to_owned(),
        path: "**".to_owned(),
    };
    for holding in registries.iter() {
        for client in &holding.by_consent {
            rights.push((keeping.clone(), "consent", right(client, "POST")));
            rights.push((holding.subsystem.clone(), "record", right(client, "GET")));
        }
        if !holding.by_consent.is_empty() {
            let holder = right(&holding.subsystem, "GET");
            rights.push((keeping.clone(), "validation", holder));
        }
    }
    for (provider, code, rule) in rights {
        let offered = registries
            .iter_mut()
            .filter(|registry| registry.subsystem == provider);
        let mut services = offered.flat_map(|registry| &mut registry.services);
        if let Some(service) = services.find(|service| service.code == code) {
            service.access.push(rule);
        }
    }
}

fn service(offer: &Offer<'_>, names: &Names<'_>) -> Option<Service> {
    let rule = |right: &At<crate::values::AccessText>| {
        Some(AccessRule {
            subject: names.client(&right.value.subject)?,
            method: right.value.method.clone(),
            path: right.value.path.clone(),
        })
    };
    let rights = offer.allow?.items.iter();
    let timeout = offer.service.and_then(|service| service.timeout.as_ref());
    Some(Service {
        code: offer.code.to_owned(),
        access: rights.map(rule).collect::<Option<_>>()?,
        timeout: or_default(timeout, defaults::SERVICE_TIMEOUT).0,
    })
}

pub(super) fn trust(raw: Option<&RawTrust>) -> TrustSettings {
    let setting = |pick: fn(&RawTrust) -> Option<&At<Interval>>, default| {
        or_default(raw.and_then(pick), default).0
    };
    TrustSettings {
        ocsp_freshness: setting(|raw| raw.ocsp_freshness.as_ref(), defaults::OCSP_FRESHNESS),
        ocsp_fetch_interval: setting(
            |raw| raw.ocsp_fetch_interval.as_ref(),
            defaults::OCSP_FETCH_INTERVAL,
        ),
        time_stamping_interval: setting(
            |raw| raw.time_stamping_interval.as_ref(),
            defaults::TIME_STAMPING_INTERVAL,
        ),
        configuration_refresh: setting(
            |raw| raw.configuration_refresh.as_ref(),
            defaults::CONFIGURATION_REFRESH,
        ),
        configuration_expiry: setting(
            |raw| raw.configuration_expiry.as_ref(),
            defaults::CONFIGURATION_EXPIRY,
        ),
    }
}

pub(super) fn workload(raw: &RawWorkload, names: &Names<'_>, traffic: Traffic) -> Option<Workload> {
    let questions = asks::of(raw).into_iter().map(|question| {
        let reference = &question.service?.value;
        let kind = names.kind_of_registry(&reference.provider);
        Some(MixedQuestion {
            name: question.name.map(|name| name.value.0.clone()),
            service: names.service(reference)?,
            ask: question.ask(asks::subject(kind, &reference.service)?),
        })
    });
    let warm_up = raw.warm_up.as_ref();
    Some(Workload {
        client: names.client(value(&raw.client)?)?,
        questions: questions.collect::<Option<_>>()?,
        load: traffic.load,
        stop: traffic.stop,
        warm_up: warm_up.map_or(Duration::ZERO, |at| at.value.0),
    })
}

/// A count whose bound fits 32 bits.
pub(crate) fn narrow<const MIN: u64, const MAX: u64>(count: Count<MIN, MAX>) -> u32 {
    const { assert!(MAX <= u32::MAX as u64) };
    u32::try_from(count.0).expect("the bound was asserted when this was compiled")
}
