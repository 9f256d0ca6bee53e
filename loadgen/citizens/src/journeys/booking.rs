//! To book an appointment with a doctor.

use super::{Ending, Walk};
use crate::browser::Trouble;

impl Walk<'_> {
    /// The first slot that is offered; where somebody else is quicker, the next one.
    pub(crate) async fn book(&mut self) -> Result<(), Ending> {
        /// Slots that are tried before it is given up.
        const TRIES: usize = 5;
        let mut page = self.browser.open("appointments", "/appointments").await?;
        for _ in 0..TRIES {
            let slot = page.attribute("button[name=\"slot\"]", "value");
            let form = page.form("/appointments").zip(slot);
            let (form, slot) = form.ok_or_else(|| Trouble::missing("book", &page, "free slot"))?;
            self.think().await;
            page = self
                .browser
                .submit("book", form.with("slot", &slot))
                .await?;
            if page.count("#booked [data-field=\"booked\"]") > 0 {
                return Ok(());
            }
        }
        Err(Trouble::missing("book", &page, "booked appointment").into())
    }
}
