//! The raw scenario, once checked, to the valid one: identifiers completed, defaults filled in.

mod exchange;
mod parts;
pub(crate) mod thresholds;

use crate::decode::{At, Needed};
use crate::model::{PlantedLie, RegistryLies, Scenario, Trace};
use crate::names::Names;
use crate::raw::{RawScenario, defaults};
use crate::traffic::Traffic;
use crate::values::{Count, Scalar};

pub(crate) use exchange::exchange;
pub(crate) use parts::{narrow, people_names};

/// The scenario that `raw` describes; `None` only if something in it was reported.
pub(crate) fn scenario(
    raw: &RawScenario,
    names: &Names<'_>,
    text: &str,
    trace: Option<Trace>,
    traffic: Traffic,
) -> Option<Scenario> {
    let planted = raw.planted_lies.as_ref().map(|list| &list.items);
    let planted_lies: Vec<PlantedLie> =
        planted.into_iter().flatten().map(|lie| lie.value).collect();
    let workload = parts::workload(raw.workload.get()?, names, traffic)?;
    let mut registries = parts::registries(raw, names)?;
    parts::give_rights_by_consent(&mut registries);
    for registry in &mut registries {
        let asked = workload.questions.iter();
        if asked
            .map(|question| question.service.provider())
            .any(|asked| *asked == registry.subsystem)
        {
            registry.lies = lies_of_registry(&planted_lies);
        }
    }
    Some(Scenario {
        name: value(&raw.name)?.0.clone(),
        question: value(&raw.question)?.0.clone(),
        seed: or_default::<Count<0, { u64::MAX }>>(raw.seed.as_ref(), defaults::SEED).0,
        source_text: text.to_owned(),
        trace,
        instance: names.instance().to_owned(),
        population: parts::population(raw.population.get()?)?,
        members: parts::members(names)?,
        security_servers: parts::security_servers(raw, names)?,
        registries,
        // A portal needs such a place, whether or not the file says more of it.
        identity_provider: match (&raw.identity_provider, &raw.portal) {
            (None, None) => None,
            (written, _) => Some(parts::identity_provider(written.as_ref())?),
        },
        portal: match &raw.portal {
            Some(portal) => Some(parts::portal(portal, names)?),
            None => None,
        },
        trust: parts::trust(raw.trust.as_ref()),
        exchange: exchange(raw.exchange.as_ref()),
        workload,
        citizens: match &raw.citizens {
            Some(citizens) => Some(parts::citizens(citizens)?),
            None => None,
        },
        thresholds: thresholds::of(raw.thresholds.get()?, raw.citizens.is_some())
            .into_iter()
            .map(|written| written.threshold)
            .collect(),
        planted_lies,
    })
}

fn lies_of_registry(planted: &[PlantedLie]) -> RegistryLies {
    let mut lies = RegistryLies::default();
    for lie in planted {
        match *lie {
            PlantedLie::FalseAnswers { every } => lies.false_answer_every = Some(every),
            PlantedLie::SwappedAnswers { every } => lies.swap_answers_every = Some(every),
            PlantedLie::MissingRecord
            | PlantedLie::ExtraRecord
            | PlantedLie::SignatureOverAnotherMessage
            | PlantedLie::TokenOfAnotherBatch
            | PlantedLie::CertificateOfAnotherMember => {}
        }
    }
    lies
}

fn value<T>(needed: &Needed<At<T>>) -> Option<&T> {
    needed.get().map(|at| &at.value)
}

/// What is written, or else the default.
pub(crate) fn or_default<T: Scalar + Clone>(written: Option<&At<T>>, default: &str) -> T {
    written.map_or_else(|| default_of(default), |at| at.value.clone())
}

/// The value of one of the [`defaults`].
pub(crate) fn default_of<T: Scalar>(text: &str) -> T {
    T::parse(text).expect("defaults are valid: the tests read each of them")
}
