//! Journeys: log in with a carrier, do what one came for, log out.

mod applying;
mod assisted;
mod booking;
mod consenting;
mod declaring;
mod founding;
mod login;
mod looking;
mod tracking;

use rand::RngExt as _;
use sim_workload::Journey;

use crate::browser::{Browser, Trouble};
use crate::page::Page;
use crate::person::{Citizen, SharedWorld};

/// How a journey ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// As it should.
    Done,
    /// The person refused, mistyped or had the phone off; the carrier's word for it.
    NotLoggedIn(String),
    /// Something shown is not true.
    Wrong(String),
    /// A page did not come, or had not what it must have.
    Failed(String),
}

/// One person's way through the portal.
pub(crate) struct Walk<'w> {
    pub(crate) world: &'w SharedWorld,
    pub(crate) citizen: Citizen,
    pub(crate) browser: Browser,
}

/// The journey with this number, from the front page to the logout.
pub(crate) async fn walk(world: &SharedWorld, number: u64) {
    let citizen = world.citizen(number);
    let journey = citizen.journey;
    world.recorder.begin();
    let mut walk = Walk {
        world,
        citizen,
        browser: Browser::new(world),
    };
    let ending = match walk.whole().await {
        Ok(()) => Ending::Done,
        Err(ending) => ending,
    };
    if let Ending::Failed(what) | Ending::Wrong(what) = &ending {
        tracing::warn!(journey = journey.as_str(), number, %what, "a journey went wrong");
    }
    world.recorder.end(journey, &ending);
}

// === impl Walk ===

impl Walk<'_> {
    async fn whole(&mut self) -> Result<(), Ending> {
        self.browser.open("front", "/").await?;
        self.think().await;
        let landed = self.log_in().await?;
        self.think().await;
        match self.citizen.journey {
            Journey::Visit => {}
            Journey::Look => self.look().await?,
            Journey::Track => self.track().await?,
            Journey::Apply => self.apply().await?,
            Journey::Book => self.book().await?,
            Journey::Declare => self.declare().await?,
            Journey::Found => self.found().await?,
            Journey::Assist => self.assist().await?,
            Journey::Consent => self.consent().await?,
        }
        self.think().await;
        self.log_out(&landed).await
    }

    async fn log_out(&self, page: &Page) -> Result<(), Ending> {
        let form = page
            .form("/logout")
            .ok_or_else(|| Trouble::missing("logout", page, "form to log out"))?;
        self.browser.submit("logout", form).await?;
        Ok(())
    }

    /// Looks at a page for as long as people do.
    pub(crate) async fn think(&mut self) {
        let lot: f64 = self.citizen.rng.random();
        let pause = self.world.plan.think.quantile(lot);
        tokio::time::sleep(pause).await;
    }
}

// === impl Ending ===

impl From<Trouble> for Ending {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.to_string())
    }
}

/// What is shown must be what is true.
pub(crate) fn expect_same(what: &str, shown: Option<&str>, truth: &str) -> Result<(), Ending> {
    match shown {
        Some(shown) if shown == truth => Ok(()),
        Some(shown) => Err(Ending::Wrong(format!(
            "{what} is {truth}, shown is {shown}"
        ))),
        None => Err(Ending::Failed(format!("{what} is not shown"))),
    }
}
