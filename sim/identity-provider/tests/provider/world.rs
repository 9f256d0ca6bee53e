//! A provider with everything around it: people, their authority, carriers, two relying parties.

use std::sync::Arc;

use sim_identity_provider::{
    CarrierRelyingParty, IdentityProviderConfig, Language, Lifetimes, OidcClient, Ready, Summary,
    run,
};
use sim_population::{PeopleConfig, Person, Population, PopulationPlan};
use time::macros::date;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::browser::{Browser, Page};
use crate::carrier::Carrier;
use crate::country::{Authority, Card, Purpose};
use crate::responder::Responder;

pub(crate) const REDIRECT_URI: &str = "https://portal.example/login/callback";
pub(crate) const STATE: &str = "state-of-the-portal";
pub(crate) const PHONE: &str = "+37200000766";

/// A running provider and what is around it.
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) ready: Ready,
    pub(crate) carrier: Arc<Carrier>,
    pub(crate) authority: Authority,
    pub(crate) responder: Arc<Responder>,
    population: Population,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Summary>,
}

fn people() -> PeopleConfig {
    let plan = PopulationPlan::pensioners(100, 0, date!(2026 - 02 - 01));
    PeopleConfig { seed: 7, plan }
}

fn client(name: &str, redirect_uri: &str) -> OidcClient {
    OidcClient {
        client_id: name.to_owned(),
        client_secret: format!("secret of {name}: &%"),
        name: format!("The <b>{name}</b>"),
        redirect_uris: vec![redirect_uri.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A world whose provider is told something else.
    pub(crate) async fn with(change: impl FnOnce(&mut IdentityProviderConfig)) -> Self {
        let authority = Authority::new();
        let population = Population::of(&people()).unwrap();
        let card = card(&authority, &population.person(0));
        let (carrier, carriers_url) = Carrier::start(card).await;
        let (responder, people_ocsp_url) = Responder::start(authority.responder()).await;
        let mut config = IdentityProviderConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            id_card_listen: None,
            country: "EE".to_owned(),
            country_name: Some("Estonia".to_owned()),
            languages: vec![Language::English, Language::Estonian],
            issuer: None,
            relying_parties: vec![
                client("portal", REDIRECT_URI),
                client("other", "http://127.0.0.1:1/callback?a=b"),
            ],
            carriers_url,
            carrier_rp: CarrierRelyingParty {
                uuid: "00000000-0000-4000-8000-000000000001".to_owned(),
                name: "TARA".to_owned(),
            },
            people_ca_pem: authority.pem.clone(),
            people_ocsp_url,
            people: Some(people()),
            lifetimes: Lifetimes::default(),
            max_open_flows: 100,
            clock_offset_ms: 0,
        };
        change(&mut config);
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = oneshot::channel::<Ready>();
        let shutdown = async {
            stopped.await.ok();
        };
        let running = tokio::spawn(async move {
            run(config, |it| ready.send(it).unwrap(), shutdown)
                .await
                .unwrap()
        });
        let ready = is_ready.await.unwrap();
        Self {
            url: ready.url.clone(),
            ready,
            carrier,
            authority,
            responder,
            population,
            stop,
            running,
        }
    }

    pub(crate) fn person(&self, index: u64) -> Person<'_> {
        self.population.person(index)
    }

    /// Whose phone and certificate answer.
    pub(crate) fn set_card(&self, card: Card) {
        *self.carrier.card.lock() = Arc::new(card);
    }

    /// What an authorization request says, `changes` instead of what it says usually; an empty
    /// value leaves it out.
    pub(crate) fn authorize(&self, changes: &[(&str, &str)]) -> String {
        self.authorize_at("/oidc/authorize", changes)
    }

    /// The same at another endpoint.
    pub(crate) fn authorize_at(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", "portal"),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", STATE),
        ];
        let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
        let mut pairs: Vec<_> = usual
            .into_iter()
            .filter(|(name, _)| !is_changed(name))
            .collect();
        pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        format!(
            "{}{path}?{}",
            self.url,
            serde_urlencoded::to_string(pairs).unwrap()
        )
    }

    /// A browser at the page of a new log-in; its path, and the page.
    pub(crate) async fn begin(&self, changes: &[(&str, &str)]) -> (Browser, String, Page) {
        let mut browser = Browser::new(&self.url);
        let path = browser
            .get(&self.authorize(changes))
            .await
            .location()
            .to_owned();
        let page = browser.get(&path).await;
        (browser, path, page)
    }

    /// The first person's phone is asked through Mobile-ID; waits until the waiting page is gone.
    pub(crate) async fn log_in(&self, changes: &[(&str, &str)]) -> Page {
        let (mut browser, path, page) = self.begin(changes).await;
        self.answer(&mut browser, &path, &page).await
    }

    /// The same with the page of a log-in that was begun.
    pub(crate) async fn answer(&self, browser: &mut Browser, path: &str, page: &Page) -> Page {
        let id = self.person(0).national_id;
        let fields = [
            ("csrf", page.csrf()),
            ("national_id", id.as_str()),
            ("phone_number", PHONE),
        ];
        let asked = browser.post(&format!("{path}/mobile-id"), &fields).await;
        assert_eq!(asked.location(), format!("{path}/wait"));
        wait(browser, path).await
    }

    /// Stops the provider; what it counted.
    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        self.running.await.unwrap()
    }
}

/// The first person's, as it should be.
pub(crate) fn card(authority: &Authority, person: &Person<'_>) -> Card {
    let number = format!("PNOEE-{}", person.national_id.as_str());
    authority.issue(person, &number, Purpose::Authentication)
}

/// Looks at the waiting page until it is another.
pub(crate) async fn wait(browser: &mut Browser, path: &str) -> Page {
    loop {
        let page = browser.get(&format!("{path}/wait")).await;
        if page.header("refresh").is_empty() {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
