//! To see what the registries hold of one.

use super::{Ending, Walk, expect_same};
use crate::page::Page;

impl Walk<'_> {
    /// My data: name, birth date and children are those of the person.
    pub(crate) async fn look(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("my-data", "/me").await?;
        self.check_record(&page)?;
        self.check_children(&page)
    }

    pub(crate) fn check_record(&self, page: &Page) -> Result<(), Ending> {
        let person = self.world.population.person(self.citizen.index);
        let born = sim_population::iso_date::to_text(person.birth_date);
        let truths = [
            ("national_id", self.citizen.national_id.as_str()),
            ("given_name", person.given_name),
            ("surname", person.surname),
            ("birth_date", &born),
        ];
        for (field, truth) in truths {
            let shown = page.field("#population-record", field);
            expect_same(field, shown.as_deref(), truth)?;
        }
        Ok(())
    }

    fn check_children(&self, page: &Page) -> Result<(), Ending> {
        let relatives = self.world.population.relatives(self.citizen.index);
        let shown = page.count("#relations [data-field=\"child\"]");
        let truth = relatives.children.len();
        expect_same(
            "the number of children",
            Some(&shown.to_string()),
            &truth.to_string(),
        )
    }
}
