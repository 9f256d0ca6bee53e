//! `/tracker`: who looked at a person's data, asked live from every registry at once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use sim_clock::UtcTime;

use crate::exchange::{Answered, Trouble};
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::questions::{Look, Shown, Verdict};
use crate::pages::trouble::TroubleView;
use crate::registries::{Usage, Usages};
use crate::state::Titled;
use crate::visit::{Citizen, Link};

/// What the data trackers show of these questions, where they show them.
const REASON: &str = "The person asked who looked at their data";
/// Looks on one page.
const PAGE_ROWS: usize = 50;
/// What a registry gives at most in one answer (data tracker protocol v1.6).
const MAX_LIMIT: usize = 1_000;
/// The last page that can be shown from one answer of each registry.
const LAST_PAGE: usize = MAX_LIMIT / PAGE_ROWS;

#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct View {
    page: usize,
    own: Own,
}

/// Whether a person's own looks are shown. Every page that they open leaves some, among which those
/// of others would be lost.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Own {
    Show,
    #[default]
    Hide,
}

#[derive(Template)]
#[template(path = "tracker.html")]
struct Page<'a> {
    f: Frame<'a>,
    rows: Vec<Row<'a>>,
    registers: Vec<Register<'a>>,
    asked: Shown,
    hides_own: bool,
    /// Numbers of the pages beside this one.
    newer: Option<usize>,
    older: Option<usize>,
    took_ms: u128,
}

/// One look.
struct Row<'a> {
    register: &'a str,
    /// For people; and for sorting, where it can be read.
    time: String,
    at: Option<UtcTime>,
    usage: Usage,
    /// What people call the member that looked, as far as it is known.
    who: String,
    is_own: bool,
    /// What the button hands on, which only this portal can have made.
    ticket: String,
}

/// One registry, and how it answered.
struct Register<'a> {
    title: &'a str,
    outcome: Result<u64, TroubleView>,
    took_ms: u128,
}

impl Default for View {
    fn default() -> Self {
        Self {
            page: 1,
            own: Own::default(),
        }
    }
}

pub(crate) async fn show(citizen: Citizen, Link(view): Link<View>) -> Response {
    let page = view.page.clamp(1, LAST_PAGE);
    let hides_own = view.own == Own::Hide;
    let visit = &citizen.visit;
    let portal = &visit.portal;
    let begun = portal.clock.monotonic();
    // One's own looks are hidden here, so that many more may be needed to fill a page.
    let limit = if hides_own {
        MAX_LIMIT
    } else {
        page * PAGE_ROWS
    };
    let (answers, asked) = tokio::join!(ask_all(&citizen, limit), Shown::of(&citizen));
    let took = portal.clock.monotonic().saturating_duration_since(begun);

    let (mut rows, mut registers) = (Vec::new(), Vec::new());
    for (titled, answered) in answers {
        let title = titled.title.as_str();
        let outcome = answered.outcome.map(|found: Usages| {
            let looks = found.usages.into_iter();
            rows.extend(looks.map(|usage| Row::of(usage, title, &citizen)));
            found.total_usages
        });
        registers.push(Register {
            title,
            outcome: outcome.map_err(|trouble: Trouble| {
                TroubleView::of(&trouble, answered.message_id, visit.texts())
            }),
            took_ms: format::milliseconds(answered.took),
        });
    }
    // What is missing comes first.
    registers.sort_by_key(|register| register.outcome.is_ok());
    rows.retain(|row| !(hides_own && row.is_own));
    rows.sort_by(|left, right| {
        right
            .at
            .cmp(&left.at)
            .then_with(|| right.time.cmp(&left.time))
    });
    let has_older = rows.len() > page * PAGE_ROWS
        || (!hides_own
            && registers
                .iter()
                .any(|register| register.has_more_than(limit)));
    let mut rows: Vec<_> = rows
        .into_iter()
        .skip((page - 1) * PAGE_ROWS)
        .take(PAGE_ROWS)
        .collect();
    for row in &mut rows {
        row.ticket = row.look().to_ticket(&citizen);
    }
    visit.page(&Page {
        f: visit.frame(Place::Tracker),
        rows,
        registers,
        asked,
        hides_own,
        newer: (page > 1).then(|| page - 1),
        older: (has_older && page < LAST_PAGE).then_some(page + 1),
        took_ms: format::milliseconds(took),
    })
}

/// Asks every registry at once; answers come in the order of the configuration.
async fn ask_all(citizen: &Citizen, limit: usize) -> Vec<(&Titled, Answered<Usages>)> {
    let portal = &citizen.visit.portal;
    let person = citizen.person();
    let user = sim_domain::identifiers::encode_part(&person.user_id);
    let path = format!("/v2/findUsage?userCode={user}&offset=0&limit={limit}");
    let asked = portal.services.trackers.iter().map(|titled| {
        let question = titled.service.about(person, &path, REASON);
        async move { (titled, portal.exchange.ask(question).await) }
    });
    crate::together::all(asked).await
}

// === impl Page ===

impl Page<'_> {
    /// Whether there was a reason to look.
    const fn verdict(&self, verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Justified => self.f.t.verdict_justified,
            Verdict::Unjustified => self.f.t.verdict_unjustified,
            Verdict::Unknown => self.f.t.verdict_unknown,
        }
    }
}

// === impl Row ===

impl<'a> Row<'a> {
    fn of(usage: Usage, register: &'a str, citizen: &Citizen) -> Self {
        let at = UtcTime::parse_rfc3339(&usage.logtime);
        let portal = &citizen.visit.portal;
        let code = usage.receiver_code.as_str();
        let named = usage.receiver_name.as_deref();
        let who = named
            .or_else(|| (code == portal.member_code).then_some(portal.name.as_str()))
            .or_else(|| portal.services.title_of_member(code))
            .unwrap_or(code);
        Self {
            who: who.to_owned(),
            register,
            time: format::readable(&usage.logtime),
            at,
            is_own: usage.receiver_code == portal.member_code,
            usage,
            ticket: String::new(),
        }
    }

    fn who(&self) -> &str {
        &self.who
    }

    fn look(&self) -> Look {
        Look {
            register: self.register.to_owned(),
            time: self.usage.logtime.clone(),
            who: self.who.clone(),
            code: self.usage.receiver_code.clone(),
            system: self.usage.receiver_system.clone(),
            why: self.usage.action.clone(),
        }
    }
}

// === impl Register ===

impl Register<'_> {
    fn has_more_than(&self, limit: usize) -> bool {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        self.outcome.as_ref().is_ok_and(|total| *total > limit)
    }
}
