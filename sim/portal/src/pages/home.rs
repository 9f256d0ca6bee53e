//! `/`: the service catalogue by life event.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use std::sync::Arc;

use crate::catalogue::{Channel, Offered, OfferedEvent};
use crate::frame::{Frame, Place};
use crate::state::Portal;
use crate::statistics::Quality;
use crate::texts::Language;
use crate::visit::{Link, Visit};

/// The longest search that is looked at, in characters.
const MAX_SEARCH_CHARS: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    q: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    f: Frame<'a>,
    search: String,
    events: Vec<EventView<'a>>,
}

struct EventView<'a> {
    id: &'static str,
    title: &'static str,
    services: Vec<ServiceView<'a>>,
}

struct ServiceView<'a> {
    offered: &'a Offered,
    quality: Option<Quality>,
}

pub(crate) async fn show(
    visit: Visit,
    State(portal): State<Arc<Portal>>,
    Link(search): Link<Search>,
) -> Response {
    let search: String = search.q.trim().chars().take(MAX_SEARCH_CHARS).collect();
    let words: Vec<_> = search.split_whitespace().map(str::to_lowercase).collect();
    let events = portal.catalogue.events.iter();
    let events = events.filter_map(|event| EventView::found(event, &words, visit.language));
    visit.page(&Page {
        f: visit.frame(Place::Services),
        events: events.collect(),
        search,
    })
}

// === impl EventView ===

impl<'a> EventView<'a> {
    /// The event with those of its services that have all the words.
    fn found(event: &'a OfferedEvent, words: &[String], language: Language) -> Option<Self> {
        let title = event.event.title.in_language(language);
        let found = event.services.iter().filter(|offered| {
            let texts = [offered.text.title, offered.text.about, offered.text.owner];
            let texts = texts.map(|text| text.in_language(language).to_lowercase());
            let title = title.to_lowercase();
            words.iter().all(|word| {
                title.contains(word) || texts.iter().any(|text| text.contains(word.as_str()))
            })
        });
        let services = found.map(|offered| ServiceView {
            quality: offered.quality(),
            offered,
        });
        let services: Vec<_> = services.collect();
        (!services.is_empty()).then_some(Self {
            id: event.event.id,
            title,
            services,
        })
    }
}

// === impl ServiceView ===

impl ServiceView<'_> {
    fn has(&self, channel: Channel) -> bool {
        self.offered.text.channels.contains(&channel)
    }

    fn has_web(&self) -> bool {
        self.has(Channel::Web)
    }

    fn has_phone(&self) -> bool {
        self.has(Channel::Phone)
    }

    fn has_counter(&self) -> bool {
        self.has(Channel::Counter)
    }
}
