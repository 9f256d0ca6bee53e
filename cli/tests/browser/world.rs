//! What all journeys share: a country that is up, and what starts browsers.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::process::Signal;
use sim_population::Population;
use sim_scenario::Scenario;
use tempfile::TempDir;

use crate::parts;
use crate::roadtest::{Running, python_of_judges, roadtest, shell};

const COUNTRY: &str = include_str!("country.yaml");
/// Where `country.yaml` says that the service is; its port is only known when it starts.
const SERVICE_IN_FILE: &str = "http://127.0.0.1:9/";

/// A country, a place for pictures, and browsers for whoever asks.
pub(crate) struct World {
    pub(crate) portal_url: String,
    pub(crate) phones_url: String,
    /// The security server of the registers, as their information systems reach it.
    pub(crate) exchange_url: String,
    /// A service beside the portal, on libraries of others.
    pub(crate) service_url: String,
    pub(crate) driver_url: String,
    pub(crate) population: Population,
    /// The titles of all pages seen so far, and the page that has each.
    pub(crate) titles: Mutex<BTreeMap<String, String>>,
    /// What runs, until it is ended.
    running: Mutex<Option<Everything>>,
    folder: TempDir,
}

/// What runs beside the tests; dropped, the driver and the service are ended.
struct Everything {
    up: Running,
    _driver: Running,
    _service: Running,
}

// === impl World ===

impl World {
    /// Stands the country up.
    pub(crate) fn open() -> Self {
        must_be_installed("chromium", "chromium");
        must_be_installed("chromedriver", "chromium-driver");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("country.yaml");
        let service_port = free_port();
        let service_url = format!("http://127.0.0.1:{service_port}/");
        fs::write(&file, COUNTRY.replace(SERVICE_IN_FILE, &service_url))
            .expect("the temporary folder can be written to");
        let scenario = Scenario::load(&file).expect("the scenario is valid");
        let population = Population::of(&scenario.people()).expect("the plan is possible");
        // It ends itself where its parent is gone, or has closed its browsers.
        let mut driver = Running::start(&mut shell(folder.path(), "exec chromedriver --port=0"));
        driver.wait_for("started successfully on port ");
        let port = word_after(driver.stdout(), "started successfully on port ");
        let driver_url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        let mut up = roadtest(folder.path());
        let mut up = Running::start(up.args(["up", "country.yaml", "--out", "country"]));
        up.wait_for("Ctrl-C ends it");
        let mut service = shell(
            folder.path(),
            &format!(
                "exec '{}' '{}' {service_port} {} {} {}",
                python_of_judges().display(),
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests/browser/service.py")
                    .display(),
                word_after(up.stdout(), "single sign-on "),
                word_after(up.stdout(), "client_id ").trim_end_matches(','),
                word_after(up.stdout(), "client_secret "),
            ),
        );
        // The library insists on TLS unless it is told that this machine's own addresses are safe.
        service.env("AUTHLIB_INSECURE_TRANSPORT", "1");
        let mut service = Running::start(service.env("NO_PROXY", "127.0.0.1"));
        service.wait_for("service on ");
        Self {
            service_url,
            portal_url: word_after(up.stdout(), "portal ").to_owned(),
            exchange_url: word_after(up.stdout(), "registers-server ").to_owned(),
            phones_url: word_after(up.stdout(), "phones ").to_owned(),
            driver_url,
            population,
            titles: Mutex::default(),
            running: Mutex::new(Some(Everything {
                up,
                _driver: driver,
                _service: service,
            })),
            folder,
        }
    }

    /// Ends the country, which must end as it does on Ctrl-C, and the driver.
    pub(crate) fn close(&self) {
        let mut running = self.running.lock().expect("nobody else ends it");
        let Some(Everything { up, .. }) = running.take() else {
            return;
        };
        up.signal(Signal::INT);
        up.end().expect(0);
        parts::are_gone(&self.folder.path().join("country"));
    }
}

/// Where the pictures of one screen go.
pub(crate) fn pictures(screen: &str) -> PathBuf {
    // Of the binary under test: `target/PROFILE/roadtest`, whatever the folder is called.
    let binary = Path::new(env!("CARGO_BIN_EXE_roadtest"));
    let target = binary
        .ancestors()
        .nth(2)
        .expect("it is built into a folder");
    let folder = target.join("screenshots").join(screen);
    fs::create_dir_all(&folder).expect("pictures have a folder");
    folder
}

/// A port that nobody listens on just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

/// The first word behind `words`.
fn word_after<'t>(text: &'t str, words: &str) -> &'t str {
    let (_, rest) = text.split_once(words).expect("it was waited for");
    rest.split_whitespace().next().unwrap_or_default()
}

/// Says what to install where a tool is missing.
fn must_be_installed(tool: &str, package: &str) {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    assert!(
        is_there,
        "`{tool}` is not installed, and this test drives a browser with it: \
         `apt-get install {package}` on Debian, or let `ci/test` do it"
    );
}
