//! Who looked at one's data: oneself, and who else; and a question to the latter.

use crate::visitor::Visitor;

/// What the portal tells registries when somebody looks at their data.
const OWN_REASON: &str = "The person looked at their own data in the portal";
/// The member that asks for people's children, to know what they are entitled to.
const SOCIAL_INSURANCE: &str = "70001975";
/// With what would be a script, were it not a question.
const QUESTION: &str = "Why? <script>alert('why')</script> Õnne & rõõmu!";

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.sees_own_data().await;
    visitor.press(".menu a[href=\"/tracker\"]").await;
    visitor.find("#usages tbody tr").await;
    // Those of others come first; one's own are there for whoever wants to see them.
    let others = format!("#usages tr[data-receiver=\"{SOCIAL_INSURANCE}\"]");
    assert_eq!(
        visitor.count("#usages tbody tr").await,
        visitor.count(&others).await
    );
    let registers = visitor.count("#registers [data-register]").await;
    let failed = visitor.count("#registers [data-trouble]").await;
    assert_eq!((registers, failed), (10, 0), "every registry is asked");
    visitor.look("tracker").await;

    visitor.press(".switch a[href=\"/tracker?own=show\"]").await;
    visitor.find(".switch a[href=\"/tracker\"]").await;
    let why = visitor
        .texts("#usages tr[data-register] [data-field=\"why\"]")
        .await;
    assert!(why.iter().any(|why| why == OWN_REASON), "{why:?}");
    visitor.look("tracker-with-own").await;
    visitor.press(".switch a[href=\"/tracker\"]").await;
    visitor.find(".switch a[href=\"/tracker?own=show\"]").await;
    visitor.press(&format!("{others} td.act a")).await;
    visitor.find("#question").await;
    visitor.look("ask").await;
    visitor.fill_in("#question", QUESTION).await;
    visitor
        .press("form[action=\"/tracker/ask\"] .actions button")
        .await;
    visitor.arrive("/tracker").await;
    let asked = visitor.text("#questions [data-field=\"question\"]").await;
    assert_eq!(asked, QUESTION);
    visitor.look("tracker-asked").await;
    visitor.log_out().await;
}
