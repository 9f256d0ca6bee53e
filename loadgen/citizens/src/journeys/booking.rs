//! To book an appointment with a doctor.

use super::{Ending, Walk};
use crate::browser::Trouble;
use crate::page::Form;

/// Slots that are tried before it is given up.
const TRIES: usize = 5;

impl Walk<'_> {
    /// The first slot that is offered, which must be ahead; where somebody else is quicker, the next
    /// one.
    pub(crate) async fn book(&mut self) -> Result<(), Ending> {
        let mut page = self.browser.open("appointments", "/appointments").await?;
        for _ in 0..TRIES {
            let form = page.form("/appointments");
            let form = form.ok_or_else(|| Trouble::missing("book", &page, "free slot"))?;
            is_ahead(&form, &self.world.clock.now().rfc3339_seconds())?;
            self.think().await;
            page = self.browser.submit("book", form).await?;
            if page.count("#booked [data-field=\"slot\"]") > 0 {
                return Ok(());
            }
        }
        Err(Trouble::missing("book", &page, "booked appointment").into())
    }
}

/// A doctor is seen in days to come: `now` and slots are both written so that they sort by time.
fn is_ahead(form: &Form, now: &str) -> Result<(), Ending> {
    match form.field("slot") {
        Some(slot) if slot > now => Ok(()),
        Some(slot) => Err(Ending::Wrong(format!(
            "an appointment is offered for {slot}, and now it is {now}"
        ))),
        None => Err(Ending::Failed("no slot is chosen".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_not_ahead() {
        let form = |fields: &[(&str, &str)]| Form {
            action: "http://portal/appointments".parse().unwrap(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let at = |slot: &str| is_ahead(&form(&[("slot", slot)]), "2026-02-05T09:20:01Z");
        assert!(at("2026-02-06T09:00").is_ok());
        assert!(matches!(at("2025-01-10T09:00"), Err(Ending::Wrong(_))));
        assert!(matches!(
            is_ahead(&form(&[]), "2026-02-05T09:20:01Z"),
            Err(Ending::Failed(_))
        ));
    }
}
