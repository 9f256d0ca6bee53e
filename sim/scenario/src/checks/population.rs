//! People who can be as they are described.

use sim_population::{Population, PopulationError, PopulationPlan};

use super::consistency::conflict;
use crate::diagnostics::{Report, Span};
use crate::names::Names;
use crate::raw::{RawPopulation, RawScenario, defaults};
use crate::resolve::{or_default, people_names};

/// At most as many people have died as there are.
pub(super) fn deaths_do_not_exceed_people(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(population) = raw.population.get() else {
        return;
    };
    let (Some(people), Some(deceased)) = (population.people.get(), population.deceased.get())
    else {
        return;
    };
    if deceased.value.0 > people.value.0 {
        let message = format!(
            "of {} people {} have died",
            people.value.0, deceased.value.0
        );
        report.add(
            conflict(deceased.span, message).help(format!("accepted: at most {}", people.value.0)),
        );
    }
}

/// There are as many national IDs as people, people of the right age on the reference date, and
/// names that can be names.
pub(super) fn population_can_be_computed(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    let Some(population) = raw.population.get() else {
        return;
    };
    let Some(people) = population.people.get() else {
        return;
    };
    let Some(names) = people_names(population) else {
        return;
    };
    let day = population.reference_date.as_ref();
    let plan = PopulationPlan {
        people: people.value.0,
        deceased: 0,
        reference_date: or_default(day, defaults::REFERENCE_DATE),
        ages: or_default(population.ages.as_ref(), defaults::AGES),
        id_scheme: or_default(population.id_scheme.as_ref(), defaults::ID_SCHEME),
        names,
        e_residents_per_mille: 0,
    };
    // The seed decides who they are, not whether they can be.
    let seed = 0;
    let Err(error) = Population::new(seed, plan) else {
        return;
    };
    let span = match (&error, day) {
        (PopulationError::ReferenceDate { .. }, Some(day)) => day.span,
        (PopulationError::Name { name: text, .. }, _)
        | (PopulationError::PhonePrefix { prefix: text, .. }, _) => {
            written_at(population, text).unwrap_or(people.span)
        }
        _ => people.span,
    };
    report.add(conflict(span, error.to_string()));
}

/// Names are a culture's or the scenario's own, not both.
pub(super) fn people_are_named_once(raw: &RawScenario, _: &Names<'_>, report: &mut Report<'_>) {
    let population = raw.population.get();
    if let Some(population) = population.filter(|population| population.name_lists.is_some())
        && let Some(names) = &population.names
    {
        let message = "people cannot have these names and those of `name-lists`".to_owned();
        report.add(conflict(names.span, message).help("leave one of the two out".to_owned()));
    }
}

/// Where in the lists a text stands.
fn written_at(population: &RawPopulation, text: &str) -> Option<Span> {
    let lists = population.name_lists.as_ref()?;
    let all = [
        &lists.women,
        &lists.men,
        &lists.surnames,
        &lists.municipalities,
        &lists.streets,
    ];
    all.into_iter()
        .filter_map(|list| list.get())
        .flat_map(|list| &list.items)
        .chain(&lists.phone_prefix)
        .find(|at| at.value.0 == text)
        .map(|at| at.span)
}
