//! To found a company, as an e-resident where the country has any.

use super::{Ending, Walk, expect_same};
use crate::browser::Trouble;

impl Walk<'_> {
    /// A company with a name that nobody else's has, and then it stands among one's roles.
    pub(crate) async fn found(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("company-form", "/companies/new").await?;
        let form = page.form("/companies");
        let form = form.ok_or_else(|| Trouble::missing("found", &page, "form to found"))?;
        self.think().await;
        let surname = self.world.population.person(self.citizen.index).surname;
        let name = format!("{surname} {} Ltd", self.citizen.number);
        let page = self
            .browser
            .submit("found", form.with("name", &name))
            .await?;
        if let Some(said) = page.text("[data-result=\"refused\"]") {
            return Err(Ending::Failed(format!("the company was refused: {said}")));
        }
        self.check_record(&page)?;
        let roles = page.text("#roles").unwrap_or_default();
        let shown = roles.contains(&name).then_some(name.as_str());
        expect_same("the new company", shown.or(Some(&roles)), &name)
    }
}
