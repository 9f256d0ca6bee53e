//! Founding a company.

use crate::visitor::Visitor;

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.open("/companies/new").await;
    // A name for each screen, as no two companies may have one.
    let name = format!("Õunapuu & Pojad ({})", visitor.screen.name());
    visitor.fill_in("#name", &name).await;
    visitor.look("company").await;
    visitor
        .press("form[action=\"/companies\"] .actions button")
        .await;
    visitor.arrive("/me").await;
    let roles = visitor.texts("#roles li strong").await;
    assert!(roles.contains(&name), "{roles:?}");
    visitor.look("my-data-company").await;

    visitor.open("/companies/new").await;
    visitor.fill_in("#name", &name).await;
    visitor
        .press("form[action=\"/companies\"] .actions button")
        .await;
    visitor.find("[data-result=\"refused\"]").await;
    visitor.look("company-refused").await;
    visitor.log_out().await;
}
