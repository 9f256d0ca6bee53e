//! To book an appointment with a doctor.

use super::{Ending, Walk};
use crate::browser::Trouble;

/// Slots that are tried before it is given up.
const TRIES: usize = 5;

impl Walk<'_> {
    /// The first slot that is offered; where somebody else is quicker, the next one.
    pub(crate) async fn book(&mut self) -> Result<(), Ending> {
        let mut page = self.browser.open("appointments", "/appointments").await?;
        for _ in 0..TRIES {
            let form = page.form("/appointments");
            let form = form.ok_or_else(|| Trouble::missing("book", &page, "free slot"))?;
            self.think().await;
            page = self.browser.submit("book", form).await?;
            if page.count("#booked [data-field=\"slot\"]") > 0 {
                return Ok(());
            }
        }
        Err(Trouble::missing("book", &page, "booked appointment").into())
    }
}
