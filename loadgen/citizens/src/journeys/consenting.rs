//! To open one's health data to an insurer by consent, and to close them again.

use super::{Ending, Walk};
use crate::browser::Trouble;
use crate::page::Page;

impl Walk<'_> {
    /// Without consent there is no offer; with it there is one; and none again once it is withdrawn.
    pub(crate) async fn consent(&mut self) -> Result<(), Ending> {
        let page = self.ask_for_offer().await?;
        expect_offer(&page, false)?;
        self.decide("approved").await?;
        let page = self.ask_for_offer().await?;
        expect_offer(&page, true)?;
        self.think().await;
        self.decide("withdrawn").await?;
        let page = self.ask_for_offer().await?;
        expect_offer(&page, false)
    }

    async fn ask_for_offer(&self) -> Result<Page, Ending> {
        let page = self.browser.open("insurance", "/insurance").await?;
        let form = page.form("/insurance");
        let form = form.ok_or_else(|| Trouble::missing("insurance", &page, "form for an offer"))?;
        Ok(self.browser.submit("offer", form).await?)
    }

    /// Decides about the newest consent for which this can be decided.
    async fn decide(&mut self, status: &str) -> Result<(), Ending> {
        let page = self.browser.open("consents", "/consents").await?;
        let form = page.form_with("/consents", "status", status);
        let what = format!("consent that can be {status}");
        let form = form.ok_or_else(|| Trouble::missing("consents", &page, &what))?;
        self.think().await;
        self.browser.submit("consent", form).await?;
        Ok(())
    }
}

/// Whether there is an offer, as there must or must not be.
fn expect_offer(page: &Page, expected: bool) -> Result<(), Ending> {
    let shown = page.field("main", "monthly_premium").is_some();
    match (shown, expected) {
        (true, false) => Err(Ending::Wrong(
            "an insurer made an offer without consent".to_owned(),
        )),
        (false, true) => Err(Ending::Failed(
            "an insurer made no offer in spite of consent".to_owned(),
        )),
        _ => Ok(()),
    }
}
