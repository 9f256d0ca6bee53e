//! To declare one's income.

use super::{Ending, Walk, expect_same};
use crate::browser::Trouble;
use crate::page::Page;

/// What robots know of taxes, apart from the registry: tax on income, in per cent; the basic exemption
/// in cents a year, and the income beyond which a fifth of what is earned takes it away.
const TAX: u64 = 22;
const BASIC_EXEMPTION: u64 = 840_000;
const FULL_EXEMPTION_UNTIL: u64 = 1_200_000;
const EXEMPTION_LOST_OF: u64 = 5;

impl Walk<'_> {
    /// The declaration that employers have filled in, looked over and signed. Whoever declared before
    /// looks what became of it.
    pub(crate) async fn declare(&mut self) -> Result<(), Ending> {
        if !self.world.may_declare(self.citizen.index) {
            self.browser.open("applications", "/applications").await?;
            return Ok(());
        }
        let path = "/applications/new?kind=tax-declaration";
        let page = self.browser.open("declaration-form", path).await?;
        let shown = page.field("form", "national_id");
        expect_same("national_id", shown.as_deref(), &self.citizen.national_id)?;
        sums_add_up(&page)?;
        let form = page.form("/applications");
        let form = form.ok_or_else(|| Trouble::missing("declare", &page, "form to declare"))?;
        self.think().await;
        let page = self.sign("declare", form).await?;
        let status = page.attribute("[data-field=\"status\"]", "data-value");
        expect_same("the declaration's status", status.as_deref(), "received")
    }
}

/// Employers withhold tax on the whole income, and what is free of it is given back.
fn sums_add_up(page: &Page) -> Result<(), Ending> {
    let amount = |field: &str| {
        let text = page.attribute(&format!("[data-field=\"{field}\"]"), "data-value");
        let amount = text.and_then(|text| text.parse::<u64>().ok());
        amount.ok_or_else(|| Ending::Failed(format!("{field} is not shown")))
    };
    let (income, paid, refund) = (amount("income")?, amount("tax_paid")?, amount("refund")?);
    let lost = income.saturating_sub(FULL_EXEMPTION_UNTIL) / EXEMPTION_LOST_OF;
    let taxed = income.saturating_sub(BASIC_EXEMPTION.saturating_sub(lost));
    let tax_on = |taxed: u64| taxed.saturating_mul(TAX) / 100;
    let truth = (tax_on(income), tax_on(income) - tax_on(taxed));
    if (paid, refund) == truth {
        Ok(())
    } else {
        let (withheld, too_much) = truth;
        Err(Ending::Wrong(format!(
            "of {income} earned {withheld} are withheld and {too_much} given back; shown are {paid} \
             and {refund}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(income: u64, paid: u64, refund: u64) -> Page {
        let body = format!(
            "<dd data-field=income data-value={income}>…<dd data-field=tax_paid data-value={paid}>…\
             <dd data-field=refund data-value={refund}>…"
        );
        Page {
            url: "http://portal/".parse().unwrap(),
            status: 200,
            body: body.into_bytes(),
        }
    }

    #[test]
    fn sums_that_cannot_be_are_wrong() {
        for (income, paid, refund) in [
            (0, 0, 0),
            // All of it is free, half of it is, and nothing.
            (500_000, 110_000, 110_000),
            (1_200_000, 264_000, 184_800),
            (3_000_000, 660_000, 105_600),
            (6_000_000, 1_320_000, 0),
        ] {
            assert!(sums_add_up(&page(income, paid, refund)).is_ok(), "{income}");
            for (paid, refund) in [(paid + 1, refund), (paid, refund + 1)] {
                let sums = sums_add_up(&page(income, paid, refund));
                assert!(matches!(sums, Err(Ending::Wrong(_))), "{income}");
            }
        }
        let nothing = Page {
            body: Vec::new(),
            ..page(1, 1, 1)
        };
        assert!(matches!(sums_add_up(&nothing), Err(Ending::Failed(_))));
    }
}
