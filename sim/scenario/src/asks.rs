//! What a workload asks, as the file says it: one service, or a mix of several questions.

use sim_workload::{Ask, Subject};

use crate::decode::At;
use crate::diagnostics::Span;
use crate::model::RegistryKind;
use crate::raw::{RawWorkload, defaults};
use crate::resolve::or_default;
use crate::values::{Count, QuestionSize, ServiceReference, ShortName};

/// Highest weight of a question in a mix.
pub(crate) const MAX_WEIGHT: u64 = 1_000_000;

/// One kind of question.
#[derive(Clone, Copy)]
pub(crate) struct RawQuestion<'r> {
    /// As the mix calls it; absent where there is no mix.
    pub(crate) name: Option<&'r At<ShortName>>,
    /// Absent where it could not be read.
    pub(crate) service: Option<&'r At<ServiceReference>>,
    weight: Option<&'r At<Count<1, MAX_WEIGHT>>>,
    size: Option<&'r At<QuestionSize>>,
}

/// Everything that is asked, in the order of the file.
pub(crate) fn of(raw: &RawWorkload) -> Vec<RawQuestion<'_>> {
    let Some(mix) = &raw.mix else {
        return vec![RawQuestion {
            name: None,
            service: raw.service.as_ref(),
            weight: None,
            size: raw.ids_per_exchange.as_ref(),
        }];
    };
    let questions = mix.entries.iter().filter_map(|entry| {
        let question = entry.value.as_ref()?;
        Some(RawQuestion {
            name: Some(&entry.name),
            service: question.service.get(),
            weight: question.weight.get(),
            size: question.ids_per_exchange.as_ref(),
        })
    });
    questions.collect()
}

/// What a service of a registry is asked; absent where no workload asks it.
pub(crate) fn subject(kind: RegistryKind, service: &str) -> Option<Subject> {
    let offered = services(kind).iter().find(|(code, _)| *code == service);
    offered.map(|(_, subject)| *subject)
}

/// The services of a registry of this kind that a workload can ask.
pub(crate) const fn services(kind: RegistryKind) -> &'static [(&'static str, Subject)] {
    match kind {
        RegistryKind::PopulationRegister => {
            &[("liveness", Subject::Deaths), ("person", Subject::Persons)]
        }
        // Citizens ask these, in the portal.
        RegistryKind::SocialInsurance
        | RegistryKind::Tax
        | RegistryKind::Health
        | RegistryKind::Business
        | RegistryKind::Education
        | RegistryKind::Bank
        | RegistryKind::SchoolJournal
        | RegistryKind::Consents
        | RegistryKind::Insurer => &[],
    }
}

// === impl RawQuestion ===

impl RawQuestion<'_> {
    /// Its share and sizes; what it is about does not matter to either.
    pub(crate) fn ask(&self, subject: Subject) -> Ask {
        let weight = self.weight.map_or(1, |at| at.value.0);
        let size: QuestionSize = or_default(self.size, defaults::IDS_PER_EXCHANGE);
        Ask {
            subject,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            sizes: size.0,
        }
    }

    /// Where it stands in the file, if anywhere.
    pub(crate) fn span(&self) -> Option<Span> {
        self.service
            .map(|at| at.span)
            .or_else(|| self.name.map(|name| name.span))
    }
}
