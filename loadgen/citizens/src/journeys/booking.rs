//! To book an appointment with a doctor.

use super::{Ending, Walk};
use crate::browser::Trouble;

impl Walk<'_> {
    /// The first slot that is offered.
    pub(crate) async fn book(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("appointments", "/appointments").await?;
        let form = page.form("/appointments");
        let form = form.ok_or_else(|| Trouble::missing("book", &page, "form to book"))?;
        self.think().await;
        let page = self.browser.submit("book", form).await?;
        if page.count("#booked [data-field=\"slot\"]") == 0 {
            return Err(Trouble::missing("book", &page, "booked appointment").into());
        }
        Ok(())
    }
}
