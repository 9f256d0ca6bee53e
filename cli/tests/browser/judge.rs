//! What every page must hold to, on every screen.
//!
//! Nothing scrolls sideways; whoever does not see the page is told what is on it; text stands out
//! from its ground, in light and in dark; no other page has the same title; the browser's log has
//! no error and no violation of the content policy.

use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::commands::browser_log;
use crate::visitor::Visitor;

const JUDGE: &str = include_str!("judge.js");
/// Levels of ChromeDriver below that of an error.
const HARMLESS: [&str; 3] = ["DEBUG", "INFO", "WARNING"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Judgement {
    title: String,
    language: String,
    /// A form that is shown again, with what is wrong with it; or what stands instead of a page.
    is_refusal: bool,
    faults: Vec<String>,
}

/// Fails with all that is wrong with the page that is open.
pub(crate) async fn judge(visitor: &Visitor) {
    let faults = faults(visitor).await.join("\n  ");
    assert!(faults.is_empty(), "{}:\n  {faults}", visitor.url().await);
}

/// All that is wrong with the page that is open, as sentences.
pub(crate) async fn faults(visitor: &Visitor) -> Vec<String> {
    let Judgement {
        title,
        language,
        is_refusal,
        mut faults,
    } = judged(visitor).await;
    for fault in in_the_dark(visitor).await {
        if !faults.contains(&fault) {
            faults.push(format!("{fault}, in the dark"));
        }
    }
    let url = visitor.url().await;
    if !is_refusal {
        faults.extend(visitor.takes_title(&format!("{title} ({language})"), &url));
    }
    let own = format!("{url} - Failed to load resource");
    let mut logged = logged(visitor).await;
    // The status of a refusal is in the log as well.
    logged.retain(|line| !(is_refusal && line.contains(&own)));
    faults.extend(logged);
    faults
}

/// Errors and violations that the browser wrote to its log since it was last asked.
async fn logged(visitor: &Visitor) -> Vec<String> {
    let entries = browser_log(&visitor.client).await.into_iter();
    entries
        .filter(|(level, text)| {
            !HARMLESS.contains(&level.as_str()) || text.contains("Content Security Policy")
        })
        .map(|(level, text)| format!("the browser's log: {level} {text}"))
        .collect()
}

async fn judged(visitor: &Visitor) -> Judgement {
    let width = json!(visitor.screen.width());
    let found = visitor.client.execute(JUDGE, vec![width]).await;
    let found = found.expect("the page can be judged");
    serde_json::from_value(found).expect("a judgement is one")
}

/// The same for somebody who likes it dark.
async fn in_the_dark(visitor: &Visitor) -> Vec<String> {
    visitor.prefer_colours("dark").await;
    let found = judged(visitor).await;
    visitor.prefer_colours("light").await;
    found.faults
}

impl Visitor {
    /// Takes note of the title of a page; a fault where another page has it.
    pub(crate) fn takes_title(&self, title: &str, url: &Url) -> Option<String> {
        let page = page_of(url);
        let mut titles = self.world.titles.lock().expect("no journey fails here");
        let known = titles
            .entry(title.to_owned())
            .or_insert_with(|| page.clone());
        (*known != page).then(|| format!("its title is that of {known}: {title}"))
    }
}

/// What a URL leads to, whichever of them it is: without numbers and the names of log-ins.
fn page_of(url: &Url) -> String {
    let mut segments = url.path().split('/').skip(1).collect::<Vec<_>>();
    for at in 0..segments.len() {
        let is_number = segments[at].bytes().all(|byte| byte.is_ascii_digit());
        let is_log_in = at == 1 && segments[0] == "login";
        if !segments[at].is_empty() && (is_number || is_log_in) {
            segments[at] = "…";
        }
    }
    let kind = url.query_pairs().find(|(name, _)| name == "kind");
    let kind = kind
        .map(|(_, kind)| format!(" of {kind}"))
        .unwrap_or_default();
    format!("/{}{kind}", segments.join("/"))
}
