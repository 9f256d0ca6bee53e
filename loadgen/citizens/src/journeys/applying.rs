//! To apply for a benefit.

use sim_workload::Carrier;

use super::{Ending, Walk};
use crate::browser::Trouble;
use crate::page::{Form, Page};

/// What a ZIP file, and so an ASiC-E container, begins with.
const ZIP: &[u8] = b"PK\x03\x04";
/// Where the money shall go; nobody's.
const ACCOUNT: &str = "EE000000000000000000";

impl Walk<'_> {
    /// A prefilled application, signed on the phone, and the signed document fetched. Whoever has no
    /// child is told so, and that is as it should be.
    pub(crate) async fn apply(&mut self) -> Result<(), Ending> {
        let page = self
            .browser
            .open("application-form", "/applications/new?kind=child-benefit")
            .await?;
        if page.count("[data-problem=\"no_child\"]") > 0 {
            let relatives = self.world.population.relatives(self.citizen.index);
            let children = relatives.children.len();
            return super::expect_same("the number of children", Some("0"), &children.to_string());
        }
        let form = page.form("/applications");
        let form = form.ok_or_else(|| Trouble::missing("apply", &page, "form to apply"))?;
        self.think().await;
        let mut form = form.with("account", ACCOUNT);
        if form.field("child").is_none()
            && let Some(child) = page.attribute("input[name=\"child\"]", "value")
        {
            form = form.with("child", &child);
        }
        self.sign("apply", form).await?;
        self.think().await;
        // An official handled it, and looked for that.
        self.ask_why().await
    }

    /// Hands a form in that has to be signed, signs it on a phone, and fetches the signed document;
    /// gives the page that says what became of it.
    pub(crate) async fn sign(&mut self, step: &'static str, form: Form) -> Result<Page, Ending> {
        // Whoever logged in with a card has a phone as well.
        let carrier = match self.citizen.carrier {
            Carrier::MobileId => Carrier::MobileId,
            Carrier::SmartId | Carrier::IdCard => Carrier::SmartId,
        };
        let form = form
            .with("carrier", carrier.as_str())
            .with("phone_number", &self.citizen.phone_number);
        let page = self.browser.submit(step, form).await?;
        let page = self.wait_for_phone("sign-wait", page).await?;
        let link = page.link("document.asice");
        let link = link.ok_or_else(|| Trouble::missing(step, &page, "signed document"))?;
        let document = self.browser.follow("signed-document", link).await?;
        if !document.body.starts_with(ZIP) {
            return Err(Ending::Wrong("the signed document is none".to_owned()));
        }
        let kept = self.world.documents.keep(&document.body);
        kept.map_err(|error| {
            Ending::Failed(format!("the signed document cannot be kept: {error}"))
        })?;
        Ok(page)
    }
}
