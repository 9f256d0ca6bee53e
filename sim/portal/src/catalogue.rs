//! Which services of the catalogue this portal offers, and how they do.

use std::sync::Arc;

use crate::state::Services;
use crate::statistics::{Indicators, Quality};
use crate::texts::{EVENTS, Event, ServiceText};

/// How a service can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Web,
    Phone,
    Counter,
}

/// What a service of a registry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Record,
    Relations,
    Benefits,
    Applications,
    Declaration,
    Declarations,
    HealthRecord,
    Appointments,
    Roles,
    Companies,
    Studies,
    Consents,
    InsuranceOffer,
    Trackers,
    Blocking,
}

impl Role {
    /// A role of every registry that a country has one of, each of another.
    pub(crate) const EACH_OF_ONE_REGISTRY: [Self; 7] = [
        Self::Record,
        Self::Benefits,
        Self::Declaration,
        Self::HealthRecord,
        Self::Roles,
        Self::Studies,
        Self::Consents,
    ];
}

/// The catalogue of one portal, made once.
pub(crate) struct Catalogue {
    pub(crate) events: Vec<OfferedEvent>,
}

/// A life event and what is offered for it, which is never nothing.
pub(crate) struct OfferedEvent {
    pub(crate) event: &'static Event,
    pub(crate) services: Vec<Offered>,
}

/// A service that is offered.
pub(crate) struct Offered {
    pub(crate) text: &'static ServiceText,
    measured: Vec<Arc<Indicators>>,
}

// === impl Catalogue ===

impl Catalogue {
    pub(crate) fn of(services: &Services) -> Self {
        let offered = |text: &'static ServiceText| {
            let indicators = text.needs.iter().map(|role| services.indicators(*role));
            let measured: Vec<Vec<_>> = indicators.collect();
            let exists = measured.iter().all(|of_role| !of_role.is_empty());
            exists.then(|| Offered {
                text,
                measured: measured.into_iter().flatten().collect(),
            })
        };
        let events = EVENTS.iter().map(|event| OfferedEvent {
            event,
            services: event.services.iter().filter_map(offered).collect(),
        });
        Self {
            events: events.filter(|event| !event.services.is_empty()).collect(),
        }
    }
}

// === impl Offered ===

impl Offered {
    /// How the services behind it did, once one of them was asked.
    pub(crate) fn quality(&self) -> Option<Quality> {
        Indicators::together(&self.measured.iter().collect::<Vec<_>>())
    }
}
