//! What no single value can tell: whether the parts of a scenario fit together.
//!
//! Each check is a function of its own that reports every violation it finds. A check passes over
//! what could not be read, because that has been reported already.

mod consistency;
mod duplicates;
mod references;

use crate::diagnostics::Report;
use crate::names::Names;
use crate::raw::RawScenario;

/// A check.
type Check = fn(&RawScenario, &Names<'_>, &mut Report<'_>);

const ALL: [Check; 15] = [
    references::owners_exist,
    references::served_subsystems_exist,
    references::registries_answer_as_subsystems_that_exist,
    references::rights_are_given_to_subsystems_that_exist,
    references::workload_refers_to_what_exists,
    duplicates::member_ids_are_unique,
    duplicates::lists_name_everything_once,
    duplicates::data_have_one_master,
    duplicates::services_are_offered_once,
    consistency::deaths_do_not_exceed_people,
    consistency::every_subsystem_is_served,
    consistency::workload_client_may_call_the_service,
    consistency::arrivals_go_with_a_rate,
    consistency::trust_is_renewed_before_it_expires,
    consistency::expected_deaths_are_those_of_the_population,
];

/// Runs every check.
pub(crate) fn run(raw: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    for check in ALL {
        check(raw, names, report);
    }
}
