//! Booking an appointment with a doctor.

use sim_clock::Clock;

use crate::visitor::Visitor;

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.open("/appointments").await;
    visitor.find("#free .slot").await;
    visitor.look("appointments").await;
    let first = visitor.attribute("#free .slot input", "value").await;
    let now = Clock::wall().now().rfc3339_seconds();
    assert!(first > now, "{first} is offered at {now}");
    // Not the first, which is chosen already.
    let last = "#free fieldset:last-of-type .slot:last-of-type input";
    let slot = visitor.attribute(last, "value").await;
    visitor.press(last).await;
    visitor.press("#free .actions button").await;
    visitor.find("#booked [data-field=\"slot\"]").await;
    visitor.look("appointments-booked").await;
    let still_free = format!("#free input[value=\"{slot}\"]");
    assert_eq!(visitor.count(&still_free).await, 0, "{slot} is free still");
    visitor.log_out().await;
}
