//! Where people log in, and to what.

use super::consistency::conflict;
use crate::decode::Entry;
use crate::diagnostics::Report;
use crate::names::Names;
use crate::raw::{RawRelyingParty, RawScenario};
use crate::values::ShortName;

/// The portal's name at the identity provider.
const PORTAL: &str = "portal";
/// Letters of a country's code in people's certificates (ISO 3166-1 alpha-2; EN 319 412-1, section 5.1.3).
const COUNTRY_LETTERS: usize = 2;

/// People's certificates begin their national IDs with a country's code.
pub(super) fn people_have_a_country(raw: &RawScenario, _: &Names<'_>, report: &mut Report<'_>) {
    let Some(country) = raw.country.as_ref().filter(|_| raw.portal.is_some()) else {
        return;
    };
    let code = &country.value.0;
    let is_code =
        code.len() == COUNTRY_LETTERS && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code {
        let message = format!("people who log in are not of `{code}`");
        let help = "with a `portal`, the country is two capital letters: people's certificates begin their national IDs with it";
        report.add(conflict(country.span, message).help(help));
    }
}

/// The identity provider is there for a portal, and for others beside it.
pub(super) fn relying_parties_have_a_portal_beside_them(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    if raw.portal.is_some() {
        return;
    }
    let first = parties(raw).next();
    if let Some(entry) = first.filter(|_| report.is_clean()) {
        let message = "nobody can log in to it: there is no portal".to_owned();
        let help = "add `portal`: with it come the identity provider and what people log in with";
        report.add(conflict(entry.name.span, message).help(help));
    }
}

/// The portal's name is taken.
pub(super) fn relying_parties_have_names_of_their_own(
    raw: &RawScenario,
    _: &Names<'_>,
    report: &mut Report<'_>,
) {
    for entry in parties(raw).filter(|entry| entry.name.value.0 == PORTAL) {
        let message = format!("`{PORTAL}` is the portal's own name at the identity provider");
        report.add(conflict(entry.name.span, message).help("call it otherwise"));
    }
}

fn parties(raw: &RawScenario) -> impl Iterator<Item = &Entry<ShortName, RawRelyingParty>> {
    let provider = raw.identity_provider.iter();
    let named = provider.filter_map(|provider| provider.relying_parties.as_ref());
    named.flat_map(|named| &named.entries)
}
