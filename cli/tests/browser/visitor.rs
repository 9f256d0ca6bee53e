//! Somebody at a browser: opens, reads, fills in, presses, and waits, each with a limit.

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use sim_clock::Clock;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::commands::developer_tools;
use crate::journeys::Journey;
use crate::judge;
use crate::person::Person;
use crate::screen::Screen;
use crate::world::{World, pictures};

/// Ample for a page, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// The longest that a whole journey takes, on such a machine.
const JOURNEY_AT_MOST: Duration = Duration::from_secs(300);
/// Between two looks at something that is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How Chromium is started: without a display, and without business of its own.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    // Pages are judged as they come to rest, and as wide as the screen.
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
    // It goes when its driver goes, whatever the reason.
    "--remote-debugging-pipe",
];

/// Somebody at a browser, who plays somebody of the country.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) world: Arc<LazyLock<World>>,
    pub(crate) client: Client,
    pub(crate) screen: Screen,
    pub(crate) person: Person,
    /// Where the browser puts what it downloads.
    pub(crate) downloads: PathBuf,
}

/// Sends somebody on a journey, in a browser of their own, and fails where the journey does.
pub(crate) fn send(
    world: &Arc<LazyLock<World>>,
    journey: &'static Journey,
    screen: Screen,
    number: usize,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let ground = tempfile::tempdir().expect("a temporary folder");
    let person = Person::with_child(&world.population, number);
    // Journeys stay on this thread.
    LocalSet::new().block_on(&runtime, async {
        let client = browser(&world.driver_url, screen, ground.path()).await;
        let visitor = Visitor {
            world: Arc::clone(world),
            client,
            screen,
            person,
            downloads: ground.path().join("downloads"),
        };
        // On a task of its own, so that the browser is closed after a failure, too.
        let walk = spawn_local((journey.walk)(visitor.clone()));
        let ended = timeout(JOURNEY_AT_MOST, walk).await;
        if let Ok(Err(_)) = ended {
            let name = format!("failed-{}", journey.name.replace(' ', "-"));
            // Without it where the browser is what failed.
            let _ = timeout(PATIENCE, visitor.keep_picture(&name)).await;
        }
        // Whatever it does not close is gone with the driver.
        let _ = timeout(PATIENCE, visitor.client.clone().close()).await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => resume_unwind(failure.into_panic()),
            Err(_) => panic!("no end after {JOURNEY_AT_MOST:?}"),
        }
    });
}

/// A browser without a past.
async fn browser(driver_url: &str, screen: Screen, ground: &Path) -> Client {
    let mut flags: Vec<_> = FLAGS.map(str::to_owned).into();
    flags.push(format!(
        "--user-data-dir={}",
        ground.join("profile").display()
    ));
    let downloads = ground.join("downloads").display().to_string();
    let wishes = json!({
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "args": flags,
            "mobileEmulation": screen.emulation(),
            "prefs": {
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
                "intl.accept_languages": "en",
            },
        },
    });
    let wishes: Capabilities = serde_json::from_value(wishes).expect("wishes are an object");
    ClientBuilder::new(HttpConnector::new())
        .capabilities(wishes)
        .connect(driver_url)
        .await
        .expect("a browser starts")
}

fn now() -> Instant {
    Clock::wall().monotonic()
}

/// The page was on its way to the next one; the question can be asked again there.
fn is_passing(error: &CmdError) -> bool {
    let text = error.to_string();
    error.is_stale_element_reference()
        || [
            "aborted by navigation",
            "not attached",
            "detached",
            "intercepted",
            "not interactable",
        ]
        .iter()
        .any(|word| text.contains(word))
}

// === impl Visitor ===

impl Visitor {
    /// Opens a page of the portal.
    pub(crate) async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.world.portal_url);
        self.go(&url).await;
    }

    pub(crate) async fn go(&self, url: &str) {
        let gone = self.client.goto(url).await;
        gone.unwrap_or_else(|error| panic!("{url} cannot be opened: {error}"));
    }

    pub(crate) async fn url(&self) -> Url {
        let url = self.client.current_url().await;
        url.expect("a browser knows where it is")
    }

    /// Waits until there is something.
    pub(crate) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            let is_time = now() < deadline;
            assert!(is_time, "waited in vain for {what} at {}", self.url().await);
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Waits until the page of this path is open, whoever serves it.
    pub(crate) async fn arrive(&self, path: &str) {
        let is_there = async || (self.url().await.path() == path).then_some(());
        self.until(path, is_there).await;
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let deadline = now() + PATIENCE;
        loop {
            let wait = self.client.wait().at_most(PATIENCE).every(BETWEEN_LOOKS);
            match wait.for_element(Locator::Css(css)).await {
                Ok(element) => return element,
                Err(error) if is_passing(&error) && now() < deadline => sleep(BETWEEN_LOOKS).await,
                Err(error) => panic!("no {css} at {}: {error}", self.url().await),
            }
        }
    }

    pub(crate) async fn count(&self, css: &str) -> usize {
        let found = self.client.find_all(Locator::Css(css)).await;
        found.expect("a page can be searched").len()
    }

    /// The text of an element, as it is seen.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.patiently(css, async |element: Element| element.text().await)
            .await
    }

    /// The texts of all such elements on the page.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText.trim())";
        let found = self.client.execute(script, vec![json!(css)]).await;
        serde_json::from_value(found.expect("a page can be searched")).expect("texts")
    }

    pub(crate) async fn attribute(&self, css: &str, name: &str) -> String {
        let read = self
            .patiently(css, async |element: Element| element.attr(name).await)
            .await;
        read.unwrap_or_else(|| panic!("{css} has no {name}"))
    }

    pub(crate) async fn press(&self, css: &str) {
        self.patiently(css, async |element: Element| element.click().await)
            .await;
    }

    pub(crate) async fn fill_in(&self, css: &str, text: &str) {
        self.patiently(css, async |element: Element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    /// Does something with an element, once more where the page went away under it.
    async fn patiently<T>(
        &self,
        css: &str,
        what: impl AsyncFn(Element) -> Result<T, CmdError>,
    ) -> T {
        let deadline = now() + PATIENCE;
        loop {
            match what(self.find(css).await).await {
                Ok(done) => return done,
                Err(error) if is_passing(&error) && now() < deadline => sleep(BETWEEN_LOOKS).await,
                Err(error) => panic!("{css} at {}: {error}", self.url().await),
            }
        }
    }

    /// Judges the page that is open, and keeps a picture of it.
    pub(crate) async fn look(&self, name: &str) {
        self.keep_picture(name).await;
        judge::judge(self).await;
    }

    /// The same of a page that renews itself: it is held for as long as it is looked at, since a
    /// picture of a page that goes away under it never comes about.
    pub(crate) async fn look_at_renewing(&self, name: &str) {
        self.hold().await;
        self.look(name).await;
        self.client
            .refresh()
            .await
            .expect("the page can be renewed");
    }

    /// Keeps a page from renewing itself.
    pub(crate) async fn hold(&self) {
        let held = self.client.execute("window.stop()", Vec::new()).await;
        held.expect("a page can be held");
    }

    /// A picture of the whole page, as far down as it goes.
    pub(crate) async fn keep_picture(&self, name: &str) {
        let metrics = developer_tools(&self.client, "Page.getLayoutMetrics", json!({})).await;
        let size = |key: &str| metrics["cssContentSize"][key].clone();
        let wishes = json!({
            "format": "png",
            "captureBeyondViewport": true,
            "clip": { "x": 0, "y": 0, "width": size("width"), "height": size("height"), "scale": 1 },
        });
        let taken = developer_tools(&self.client, "Page.captureScreenshot", wishes).await;
        let taken = taken["data"].as_str().map(|data| BASE64.decode(data));
        let picture = taken.expect("a picture").expect("base64");
        let file = pictures(self.screen.name()).join(format!("{name}.png"));
        fs::write(file, picture).expect("a picture can be kept");
    }

    /// As set in the settings of the visitor's system: `light` or `dark`.
    pub(crate) async fn prefer_colours(&self, colours: &str) {
        let feature: Value = json!({ "name": "prefers-color-scheme", "value": colours });
        let wishes = json!({ "features": [feature] });
        developer_tools(&self.client, "Emulation.setEmulatedMedia", wishes).await;
    }
}
