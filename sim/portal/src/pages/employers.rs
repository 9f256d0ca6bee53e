//! What employers are called: the tax office knows their codes, the business register their names.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::exchange::Service;
use crate::registries::Employer;
use crate::visit::Citizen;

/// How long a name is waited for: without it there is still the code.
const NAME_TIME_LIMIT: Duration = Duration::from_secs(2);
/// Companies of one declaration that are asked for.
const MAX_ASKED: usize = 20;

/// What the business register says of a company, as far as it matters here.
#[derive(Deserialize)]
struct Company {
    name: String,
}

/// Gives a name to each employer that has none, by the business register's word; each company is
/// asked for once.
pub(super) async fn name_all(citizen: &Citizen, employers: &mut [Employer], reason: &'static str) {
    let portal = &citizen.visit.portal;
    let Some(service) = &portal.services.company else {
        return;
    };
    let nameless = employers
        .iter()
        .filter(|employer| employer.name.is_none() && !employer.code.is_empty());
    let mut names: BTreeMap<String, Option<String>> = nameless
        .map(|employer| (employer.code.clone(), None))
        .collect();
    let asked = names
        .iter_mut()
        .take(MAX_ASKED)
        .map(|(code, name)| async move {
            *name = ask(citizen, service, code, reason).await;
        });
    crate::together::all(asked).await;
    for employer in employers
        .iter_mut()
        .filter(|employer| employer.name.is_none())
    {
        employer.name = names.get(&employer.code).cloned().flatten();
    }
}

async fn ask(
    citizen: &Citizen,
    service: &Service,
    code: &str,
    reason: &'static str,
) -> Option<String> {
    let path = format!("/{}", sim_domain::identifiers::encode_part(code));
    let question = service.about(citizen.person(), &path, reason);
    let question = question.within(NAME_TIME_LIMIT);
    let answered = citizen.visit.portal.exchange.ask::<Company>(question).await;
    // What went wrong is in the log, and the page has the code.
    answered.outcome.ok().map(|company| company.name)
}
