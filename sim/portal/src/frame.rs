//! What stands around every page.

use std::borrow::Cow;

use crate::format;
use crate::sessions::Session;
use crate::state::Portal;
use crate::style;
use crate::texts::{self, Language, Texts, Words};

/// Which entry of the menu a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Services,
    Me,
    Applications,
    Tracker,
    Access,
    Consents,
    Elsewhere,
}

/// What the base template needs.
pub(crate) struct Frame<'a> {
    pub(crate) portal: &'a Portal,
    pub(crate) t: &'static Texts,
    pub(crate) language: Language,
    /// What the portal is called.
    pub(crate) name: &'a str,
    pub(crate) session: Option<&'a Session>,
    pub(crate) csrf: String,
    pub(crate) path: &'a str,
    pub(crate) place: Place,
    /// Whether there is a service of consents.
    pub(crate) offers_consents: bool,
}

/// An entry of the main menu.
pub(crate) struct MenuEntry {
    pub(crate) path: &'static str,
    pub(crate) title: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) is_here: bool,
}

// === impl Frame ===

impl Frame<'_> {
    #[expect(clippy::unused_self, reason = "a template asks its frame")]
    pub(crate) fn style(&self) -> &'static str {
        style::path()
    }

    /// What is said beside the portal's name: nothing that the name says already.
    pub(crate) fn beside_name(&self) -> Option<&'static str> {
        let portal = self.t.portal;
        let says_so = self.name.to_lowercase().contains(&portal.to_lowercase());
        (!says_so).then_some(portal)
    }

    pub(crate) fn menu(&self) -> Vec<MenuEntry> {
        let entries = [
            ("/", self.t.services, "services", Place::Services),
            ("/me", self.t.my_data, "me", Place::Me),
            (
                "/applications",
                self.t.apply,
                "applications",
                Place::Applications,
            ),
            ("/tracker", self.t.who_looked, "tracker", Place::Tracker),
            ("/blocking", self.t.access, "access", Place::Access),
            ("/consents", self.t.consents, "rights", Place::Consents),
        ];
        let entries = entries
            .into_iter()
            .filter(|(.., place)| *place != Place::Consents || self.offers_consents)
            .map(|(path, title, icon, place)| MenuEntry {
                path,
                title,
                icon,
                is_here: place == self.place,
            });
        entries.collect()
    }

    pub(crate) fn money(&self, cents: &i64) -> String {
        format::money(*cents, &self.portal.currency, self.language)
    }

    pub(crate) fn percent(&self, per_mille: &u64) -> String {
        format::percent(*per_mille, self.language)
    }

    /// What a member or a registry is called here.
    pub(crate) fn called<'n>(&self, name: &'n str) -> &'n str {
        self.portal.called(name, self.language)
    }

    /// What a registry wrote in words of its own, as it is said here.
    pub(crate) fn said<'s>(&self, sent: &'s str) -> Cow<'s, str> {
        texts::said(sent, self.language)
    }

    pub(crate) const fn say(&self, words: &Words) -> &'static str {
        words.in_language(self.language)
    }
}
