//! To declare one's income.

use super::{Ending, Walk, expect_same};
use crate::browser::Trouble;
use crate::page::Page;

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

/// Nobody pays more tax than they earn, nor gets more back than they paid.
fn sums_add_up(page: &Page) -> Result<(), Ending> {
    let amount = |field: &str| {
        let text = page.attribute(&format!("[data-field=\"{field}\"]"), "data-value");
        let amount = text.and_then(|text| text.parse::<u64>().ok());
        amount.ok_or_else(|| Ending::Failed(format!("{field} is not shown")))
    };
    let (income, paid, refund) = (amount("income")?, amount("tax_paid")?, amount("refund")?);
    if paid <= income && refund <= paid {
        Ok(())
    } else {
        Err(Ending::Wrong(format!(
            "of {income} earned {paid} were paid as tax, and {refund} are given back"
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
        assert!(sums_add_up(&page(1_000, 220, 20)).is_ok());
        assert!(matches!(
            sums_add_up(&page(100, 220, 20)),
            Err(Ending::Wrong(_))
        ));
        assert!(matches!(
            sums_add_up(&page(1_000, 220, 221)),
            Err(Ending::Wrong(_))
        ));
        let nothing = Page {
            body: Vec::new(),
            ..page(1, 1, 1)
        };
        assert!(matches!(sums_add_up(&nothing), Err(Ending::Failed(_))));
    }
}
