//! To apply for a benefit.

use super::{Ending, Walk};
use crate::browser::Trouble;

/// What a ZIP file, and so an ASiC-E container, begins with.
const ZIP: &[u8] = b"PK\x03\x04";

impl Walk<'_> {
    /// A prefilled application, signed on the phone, and the signed document fetched.
    pub(crate) async fn apply(&mut self) -> Result<(), Ending> {
        let page = self
            .browser
            .open("application-form", "/applications/new?kind=child-benefit")
            .await?;
        let form = page.form("/applications");
        let form = form.ok_or_else(|| Trouble::missing("apply", &page, "form to apply"))?;
        self.think().await;
        let page = self.browser.submit("apply", form).await?;
        let page = self.wait_for_phone("sign-wait", page).await?;
        let link = page.link("document.asice");
        let link = link.ok_or_else(|| Trouble::missing("apply", &page, "signed document"))?;
        let document = self.browser.follow("signed-document", link).await?;
        if !document.body.starts_with(ZIP) {
            return Err(Ending::Wrong("the signed document is none".to_owned()));
        }
        Ok(())
    }
}
