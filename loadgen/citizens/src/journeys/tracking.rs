//! To see who looked at one's data.

use super::{Ending, Walk};
use crate::browser::Trouble;

/// What people ask those who looked.
const QUESTION: &str = "What did you need my data for?";

impl Walk<'_> {
    /// My data is looked at once, and then the data tracker must say so.
    pub(crate) async fn track(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("my-data", "/me").await?;
        self.check_record(&page)?;
        self.think().await;
        // Without this one sees the looks of others alone.
        let path = "/tracker?own=show";
        let page = self.browser.open("tracker", path).await?;
        if page.count("#usages tbody tr") == 0 {
            return Err(Ending::Wrong(
                "the tracker does not know that the data were looked at".to_owned(),
            ));
        }
        Ok(())
    }

    /// Whoever looked last is asked why, and has an answer; where there was no reason, the official
    /// must have been found.
    pub(crate) async fn ask_why(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("tracker", "/tracker").await?;
        let Some(link) = page.link("/tracker/ask?look=") else {
            return Ok(());
        };
        let page = self.browser.follow("ask-form", link).await?;
        let form = page.form("/tracker/ask");
        let form = form.ok_or_else(|| Trouble::missing("ask", &page, "form to ask"))?;
        self.think().await;
        let form = form.with("question", QUESTION);
        let page = self.browser.submit("ask", form).await?;
        let verdict = page.attribute("#questions [data-status=\"answered\"]", "data-verdict");
        let verdict = verdict.ok_or_else(|| Trouble::missing("ask", &page, "answer"))?;
        let sanctions = page.count("#questions [data-field=\"sanction\"]");
        let recorder = &self.world.recorder;
        match verdict.as_str() {
            "justified" => {
                recorder.question(true);
                Ok(())
            }
            "unjustified" if sanctions > 0 => {
                recorder.question(false);
                Ok(())
            }
            "unjustified" => Err(Ending::Wrong(
                "an official looked without a reason, and nothing followed".to_owned(),
            )),
            other => Err(Ending::Wrong(format!(
                "who looked says of a look that the tracker has: {other}"
            ))),
        }
    }
}
