//! What people need who do not see a page, or use no mouse: read from the pages themselves
//! (WCAG 2.1: 1.1.1, 1.3.1, 1.4.3, 2.4.1, 2.4.2, 2.4.3, 2.4.6, 3.1.1, 4.1.2).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::applying::{CHILD, apply};
use crate::browser::{Browser, Page};
use crate::fakes::exchange::Reply;
use crate::harness::Running;
use crate::markup::{Tag, tags};
use crate::tracker::{ticket_of, with_looks};

const SHEET: &str = include_str!("../../templates/style.css");
/// Least contrast of text, and of what else has to be seen (WCAG 2.1, 1.4.3 and 1.4.11).
const TEXT: f64 = 4.5;
const SHAPE: f64 = 3.0;

/// A page of each kind, by a name for messages.
async fn pages(portal: &Running, language: &str) -> Vec<(String, Page)> {
    let mut guest = Browser::default();
    guest.extra = vec![("accept-language", language.to_owned())];
    let mut browser = guest.clone();
    portal.log_in(&mut browser).await;
    let mut pages = Vec::new();
    for path in ["/", "/?q=nothing-has-this", "/nowhere", "/login/callback"] {
        pages.push((format!("guest {path}"), guest.visit(&portal.at(path)).await));
    }
    for path in [
        "/",
        "/me",
        "/tracker",
        "/applications",
        "/applications/new?kind=child-benefit",
        "/applications/new?kind=tax-declaration",
        "/blocking",
        "/consents",
        "/insurance",
        "/appointments",
        "/companies/new",
        "/assistant",
    ] {
        pages.push((path.to_owned(), browser.visit(&portal.at(path)).await));
    }
    let tracker = browser.visit(&portal.at("/tracker")).await;
    for receiver in ["600", "601"] {
        let ticket = ticket_of(&tracker, receiver);
        let page = browser
            .visit(&portal.at(&format!("/tracker/ask?look={ticket}")))
            .await;
        pages.push((format!("ask {receiver}"), page));
    }
    let csrf = tracker.csrf();
    let form = [("csrf", csrf.as_str())];
    for path in ["/insurance", "/assistant"] {
        let page = browser.post(&portal.at(path), &form).await;
        pages.push((format!("POST {path}"), page));
    }
    let page = browser
        .post(&portal.at("/companies"), &[form[0], ("name", "")])
        .await;
    pages.push(("POST /companies".to_owned(), page));
    let drafted = apply(portal, &mut browser, CHILD, "1234").await;
    let sign_url = drafted.location().unwrap();
    pages.push(("sign".to_owned(), browser.visit(&sign_url).await));
    portal.fakes.carriers.decide(None);
    let waiting = crate::applying::sign(&mut browser, &sign_url, "mobile-id").await;
    pages.push(("wait".to_owned(), waiting));
    portal.fakes.carriers.decide(Some("OK"));
    pages
}

fn with_everything(portal: &Running) {
    with_looks(portal);
    let inquiry = json!({ "id": "1", "register": "Health", "logtime": "2026-01-30T13:41:55Z",
        "question": "why?", "asked_at": "2026-02-01T10:00:00Z", "verdict": "unjustified",
        "answer": "no case", "case": "7", "sanction": "dismissed" });
    let inquiries = json!({ "inquiries": [inquiry] });
    let exchange = &portal.fakes.exchange;
    exchange.set("social/inquiries", Reply::Json(200, inquiries));
    exchange.set("tax/findUsage", Reply::Json(500, json!({})));
}

#[tokio::test]
async fn pages_can_be_heard_and_used_by_keyboard() {
    let portal = Running::start().await;
    with_everything(&portal);
    for language in ["en", "et"] {
        let pages = pages(&portal, language).await;
        for (name, page) in &pages {
            let name = format!("{language} {name}");
            let tags = tags(&page.text);
            is_whole(&name, &tags, language);
            is_labelled(&name, &tags);
            leads_on(&name, &tags);
        }
    }
}

/// One title, one language, one heading on top, and none left out below.
fn is_whole(name: &str, tags: &[Tag], language: &str) {
    let all = |wanted: &str| {
        let found = tags.iter().filter(|tag| tag.name == wanted);
        found.collect::<Vec<_>>()
    };
    assert_eq!(all("html")[0].get("lang"), Some(language), "{name}");
    assert!(all("title")[0].text.trim().len() > 3, "{name}");
    assert_eq!(all("h1").len(), 1, "{name}");
    assert_eq!(all("main").len(), 1, "{name}");
    let mut level = 0;
    for tag in tags {
        if let Some(next) = tag
            .name
            .strip_prefix('h')
            .and_then(|level| level.parse().ok())
        {
            assert!(next <= level + 1, "{name}: {} after h{level}", tag.name);
            assert!(!tag.text.trim().is_empty(), "{name}: an empty {}", tag.name);
            level = next;
        }
    }
    for tag in all("th") {
        assert!(
            tag.get("scope").is_some() && !tag.text.trim().is_empty(),
            "{name}"
        );
    }
    for tag in all("img") {
        assert!(tag.get("alt").is_some(), "{name}");
    }
    for tag in all("svg") {
        assert_eq!(tag.get("aria-hidden"), Some("true"), "{name}");
    }
}

/// Every field has a label, every button and link says what it does.
fn is_labelled(name: &str, tags: &[Tag]) {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.get("id")) {
        assert!(ids.insert(id), "{name}: `{id}` twice");
    }
    let labelled: BTreeSet<_> = tags
        .iter()
        .filter(|tag| tag.name == "label" && !tag.text.trim().is_empty())
        .filter_map(|tag| tag.get("for"))
        .collect();
    for tag in tags {
        for reference in ["for", "aria-labelledby", "aria-describedby"] {
            for id in tag
                .get(reference)
                .into_iter()
                .flat_map(str::split_whitespace)
            {
                assert!(ids.contains(id), "{name}: {reference}={id} leads nowhere");
            }
        }
        let is_field = ["input", "textarea", "select"].contains(&tag.name.as_str());
        if is_field && tag.get("type") != Some("hidden") {
            let has_label = tag.is_within("label")
                || tag.get("aria-label").is_some()
                || tag.get("id").is_some_and(|id| labelled.contains(id));
            assert!(has_label, "{name}: {tag:?}");
        }
        if tag.get("type") == Some("radio") {
            assert!(tag.is_within("fieldset"), "{name}: {tag:?}");
        }
        if ["button", "a", "legend"].contains(&tag.name.as_str()) {
            let says = tag.get("aria-label").unwrap_or(&tag.text);
            assert!(!says.trim().is_empty(), "{name}: {tag:?}");
        }
    }
}

/// The first thing that the keyboard reaches leads to the content, and nothing jumps its place.
fn leads_on(name: &str, tags: &[Tag]) {
    let reached = ["a", "button", "input", "textarea", "select"];
    let first = tags.iter().find(|tag| reached.contains(&tag.name.as_str()));
    let first = first.unwrap();
    assert_eq!(first.get("class"), Some("skip"), "{name}");
    let target = first.get("href").unwrap().trim_start_matches('#');
    let main = tags.iter().find(|tag| tag.name == "main").unwrap();
    assert_eq!(main.get("id"), Some(target), "{name}");
    for tag in tags {
        let order: i32 = tag
            .get("tabindex")
            .map_or(0, |order| order.parse().unwrap());
        assert!(order <= 0, "{name}: {tag:?}");
        assert!(
            tag.attributes.keys().all(|name| !name.starts_with("on")),
            "{name}: {tag:?}"
        );
    }
}

/// The values of the sheet's variables, light and dark.
fn schemes() -> [BTreeMap<String, String>; 2] {
    let (light, rest) = SHEET
        .split_once("@media (prefers-color-scheme: dark)")
        .unwrap();
    let (dark, _) = rest.split_once("*, *::before").unwrap();
    let variables = |text: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": ")?;
            Some((name.to_owned(), value.trim_end_matches(';').to_owned()))
        });
        lines.collect()
    };
    let light = variables(light);
    let mut both = light.clone();
    both.extend(variables(dark));
    [light, both]
}

/// Relative luminance of `#rrggbb` or `#rgb` (WCAG 2.1).
fn luminance(color: &str) -> f64 {
    let digits = color.strip_prefix('#').unwrap();
    let digits: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        _ => digits.to_owned(),
    };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_what_the_standard_says() {
    assert!((contrast("#000", "#ffffff") - 21.0).abs() < 1e-9);
    // The grey that is known to be just enough on white.
    assert!(contrast("#767676", "#fff") > TEXT && contrast("#777777", "#fff") < TEXT);
}

/// The value of a property in a rule, as a colour; nothing where it is none.
fn color_of<'v>(
    rule: &'v str,
    properties: &[&str],
    variables: &'v BTreeMap<String, String>,
) -> Option<&'v str> {
    let declarations = rule
        .split(';')
        .filter_map(|declared| declared.split_once(':'));
    let value = declarations
        .filter(|(property, _)| properties.contains(&property.trim()))
        .map(|(_, value)| value.trim())
        .next_back()?;
    match value.strip_prefix("var(--") {
        Some(name) => Some(&variables[name.trim_end_matches(')')]),
        None => value.starts_with('#').then_some(value),
    }
}

#[test]
fn every_text_stands_out_from_its_ground() {
    let mut pairs = 0;
    for variables in &schemes() {
        for rule in SHEET.split('}') {
            let (selector, rule) = rule.rsplit_once('{').unwrap_or((rule, ""));
            let Some(text) = color_of(rule, &["color"], variables) else {
                continue;
            };
            // Where a rule has no ground of its own, its text stands on one of these.
            let own = color_of(rule, &["background", "background-color"], variables);
            let grounds = ["ground", "surface", "sunken"].map(|name| variables[name].as_str());
            let grounds = own.map_or(grounds.to_vec(), |own| vec![own]);
            // On buttons, which have their own ground in another rule.
            for ground in grounds {
                let found = contrast(text, ground);
                assert!(
                    found >= TEXT,
                    "{selector}: {text} on {ground} is {found:.2}"
                );
                pairs += 1;
            }
        }
        // What is nested in something with another ground.
        for (text, ground) in [
            ("ink", "hero"),
            ("ink", "bad-soft"),
            ("muted", "bad-soft"),
            ("bad", "bad-soft"),
            ("accent", "bad-soft"),
            ("accent", "accent-soft"),
            ("ink", "accent-soft"),
            ("accent", "hero"),
        ] {
            let found = contrast(&variables[text], &variables[ground]);
            assert!(found >= TEXT, "{text} on {ground} is {found:.2}");
        }
        for (shape, ground) in [
            ("muted", "surface"),
            ("accent", "surface"),
            ("focus", "surface"),
            ("focus", "ground"),
            ("focus", "hero"),
            ("bad", "surface"),
        ] {
            let found = contrast(&variables[shape], &variables[ground]);
            assert!(found >= SHAPE, "{shape} on {ground} is {found:.2}");
        }
    }
    assert!(pairs > 100, "{pairs}");
}
