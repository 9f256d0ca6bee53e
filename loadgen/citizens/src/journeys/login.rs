//! Logging in with a carrier, and waiting for a phone.

use std::time::Duration;

use sim_workload::Carrier;

use super::{Ending, Walk};
use crate::browser::Trouble;
use crate::page::Page;

/// How often somebody looks again whether the phone was answered: what the waiting page asks for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Beyond so many looks nobody waits any more; carriers give up after two minutes.
const MAX_LOOKS: usize = 180;

impl Walk<'_> {
    /// From the front page to the first page as somebody who is known.
    pub(crate) async fn log_in(&mut self) -> Result<Page, Ending> {
        let choice = self.browser.open("login", "/login").await?;
        let page = match self.citizen.carrier {
            Carrier::MobileId => {
                let form = choice.form("/mobile-id");
                let form = form.ok_or_else(|| Trouble::missing("login", &choice, "Mobile-ID"))?;
                let form = form
                    .with("national_id", &self.citizen.national_id)
                    .with("phone_number", &self.citizen.phone_number);
                self.browser.submit("login-mobile-id", form).await?
            }
            Carrier::SmartId => {
                let form = choice.form("/smart-id");
                let form = form.ok_or_else(|| Trouble::missing("login", &choice, "Smart-ID"))?;
                let form = form.with("national_id", &self.citizen.national_id);
                self.browser.submit("login-smart-id", form).await?
            }
            Carrier::IdCard => {
                let link = choice.link("/id-card/");
                let link = link.ok_or_else(|| Trouble::missing("login", &choice, "ID-card"))?;
                self.browser.insert_card(&self.citizen.national_id).await?;
                self.browser.follow("login-id-card", link).await?
            }
        };
        let page = self.wait_for_phone("login-wait", page).await?;
        if !page.url.as_str().starts_with(&self.world.portal_url) {
            return Err(Trouble::missing("login", &page, "way back to the portal").into());
        }
        Ok(page)
    }

    /// Looks at the waiting page again and again until there is another one.
    pub(crate) async fn wait_for_phone(
        &mut self,
        step: &'static str,
        mut page: Page,
    ) -> Result<Page, Ending> {
        for _ in 0..MAX_LOOKS {
            if let Some(word) = page.attribute("[data-result]", "data-result") {
                return Err(Ending::NotLoggedIn(word));
            }
            match page.text("#verification-code") {
                Some(code) if code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()) => {
                }
                Some(code) => {
                    return Err(Ending::Failed(format!("{code} is no verification code")));
                }
                // It is not asked for yet.
                None if page.count("main .wait") > 0 => {}
                None => return Ok(page),
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            let url = page.url.clone();
            page = self.browser.follow(step, url).await?;
        }
        Err(Trouble::missing(step, &page, "end").into())
    }
}
