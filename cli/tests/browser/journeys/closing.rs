//! Closing a record, and opening it again.

use crate::visitor::Visitor;

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.press(".menu a[href=\"/blocking\"]").await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"false\"]")
        .await;
    visitor.look("access").await;
    visitor
        .press("form[action=\"/blocking\"] button.danger")
        .await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"true\"]")
        .await;
    visitor.look("access-closed").await;
    visitor.press(".menu a[href=\"/me\"]").await;
    visitor
        .find("#health [data-field=\"blocked\"][data-value=\"true\"]")
        .await;

    visitor.press(".menu a[href=\"/blocking\"]").await;
    visitor
        .press("form[action=\"/blocking\"] input[value=\"false\"] ~ button")
        .await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"false\"]")
        .await;
    visitor.log_out().await;
}
