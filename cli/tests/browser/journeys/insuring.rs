//! Opening one's health record to an insurer by consent, and closing it again.

use crate::visitor::Visitor;

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.press(".menu a[href=\"/consents\"]").await;
    visitor.find(".notice[role=\"status\"]").await;
    visitor.look("consents-none").await;

    visitor.open("/insurance").await;
    visitor.find("form[action=\"/insurance\"] button").await;
    visitor.look("insurance").await;
    visitor.asks_for_offer("no_consent").await;
    visitor.look("insurance-no-consent").await;
    visitor
        .press("[data-result=\"no_consent\"] a[href=\"/consents\"]")
        .await;
    visitor
        .find("[data-consent][data-status=\"requested\"]")
        .await;
    visitor.look("consents-requested").await;

    visitor.decides("approved").await;
    visitor.look("consents-approved").await;
    visitor.open("/insurance").await;
    visitor.asks_for_offer("offer").await;
    let premium = visitor.attribute("[data-field=\"monthly_premium\"]", "data-value");
    let premium: u64 = premium.await.parse().expect("an amount");
    assert!(premium > 0, "an insurer asks for something");
    visitor.look("insurance-offer").await;

    visitor.press(".menu a[href=\"/consents\"]").await;
    visitor.decides("withdrawn").await;
    visitor.look("consents-withdrawn").await;
    visitor.open("/insurance").await;
    visitor.asks_for_offer("no_consent").await;
    visitor.log_out().await;
}

impl Visitor {
    /// Asks the insurer, with this result and none other.
    async fn asks_for_offer(&self, result: &str) {
        self.press("form[action=\"/insurance\"] button").await;
        self.find(&format!("[data-result=\"{result}\"]")).await;
        assert_eq!(self.count("[data-result]").await, 1);
    }

    /// Decides about the only consent for which this can be decided.
    async fn decides(&self, status: &str) {
        let form = format!("form:has(input[name=\"status\"][value=\"{status}\"])");
        self.press(&format!("{form} button")).await;
        let decided = format!("[data-consent][data-status=\"{status}\"]");
        self.find(&decided).await;
        assert_eq!(self.count(&form).await, 0, "it can be {status} once");
    }
}
