//! To see who looked at one's data.

use super::{Ending, Walk};

impl Walk<'_> {
    /// My data is looked at once, and then the data tracker must say so.
    pub(crate) async fn track(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("my-data", "/me").await?;
        self.check_record(&page)?;
        self.think().await;
        let page = self.browser.open("tracker", "/tracker").await?;
        if page.count("#usages tbody tr") == 0 {
            return Err(Ending::Wrong(
                "the tracker does not know that the data were looked at".to_owned(),
            ));
        }
        Ok(())
    }
}
