//! To apply for a benefit.

use sim_workload::Carrier;

use super::{Ending, Walk};
use crate::browser::Trouble;
use crate::page::Page;

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
        let Some(form) = page.form("/applications") else {
            let relatives = self.world.population.relatives(self.citizen.index);
            return if relatives.children.is_empty() {
                Ok(())
            } else {
                Err(Trouble::missing("apply", &page, "form to apply").into())
            };
        };
        self.think().await;
        let mut form = form.with("account", ACCOUNT);
        if form.field("child").is_none()
            && let Some(child) = page.attribute("input[name=\"child\"]", "value")
        {
            form = form.with("child", &child);
        }
        let page = self.browser.submit("apply", form).await?;
        self.think().await;
        let page = self.sign(&page).await?;
        let link = page.link("document.asice");
        let link = link.ok_or_else(|| Trouble::missing("apply", &page, "signed document"))?;
        let document = self.browser.follow("signed-document", link).await?;
        if !document.body.starts_with(ZIP) {
            return Err(Ending::Wrong("the signed document is none".to_owned()));
        }
        Ok(())
    }

    /// Signs with the phone; whoever logged in with a card has a phone as well.
    async fn sign(&mut self, page: &Page) -> Result<Page, Ending> {
        let form = match self.citizen.carrier {
            Carrier::MobileId => page.form_at("#sign-mobile-id"),
            Carrier::SmartId | Carrier::IdCard => page.form_at("#sign-smart-id"),
        };
        let form = form.ok_or_else(|| Trouble::missing("sign", page, "form to sign"))?;
        let form = match self.citizen.carrier {
            Carrier::MobileId => form.with("phone_number", &self.citizen.phone_number),
            Carrier::SmartId | Carrier::IdCard => form,
        };
        let page = self.browser.submit("sign", form).await?;
        self.wait_for_phone("sign-wait", page).await
    }
}
