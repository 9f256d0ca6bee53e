//! Reading in another language, from the front page to the log-in and back.

use crate::visitor::Visitor;

pub(super) async fn walk(visitor: Visitor) {
    visitor.open("/").await;
    visitor.press(".languages button[value=\"et\"]").await;
    visitor.find("html[lang=\"et\"]").await;
    assert_eq!(visitor.text("h1").await, "Kuidas saame aidata?");
    visitor.look("home-estonian").await;
    visitor.log_in().await;
    assert_eq!(visitor.text("#logout").await, "Logi välja");
    visitor.press(".menu a[href=\"/me\"]").await;
    visitor.find("#population-record").await;
    assert_eq!(visitor.text("h1").await, "Minu andmed");
    visitor.look("my-data-estonian").await;
    visitor.press(".menu a[href=\"/tracker\"]").await;
    visitor.find("#usages").await;
    visitor.look("tracker-estonian").await;
    visitor.press(".switch a[href=\"/tracker?own=show\"]").await;
    visitor.find(".switch a[href=\"/tracker\"]").await;
    // What registries wrote in English, and how it is said.
    let script = "return [...document.querySelectorAll('#usages [data-field=\"why\"]')]\
                  .map(why => [why.dataset.value, why.innerText.trim()])";
    let reasons = visitor.client.execute(script, Vec::new()).await;
    let reasons: Vec<(String, String)> =
        serde_json::from_value(reasons.expect("reasons")).expect("pairs of texts");
    assert!(!reasons.is_empty());
    for (sent, said) in reasons {
        assert_ne!(sent, said, "a reason is said in English");
    }
    visitor.look("tracker-with-own-estonian").await;
    visitor.press(".switch a[href=\"/tracker\"]").await;
    visitor.find(".switch a[href=\"/tracker?own=show\"]").await;
    visitor.press(".languages button[value=\"en\"]").await;
    visitor.find("html[lang=\"en\"]").await;
    // Where one was.
    visitor.arrive("/tracker").await;
    visitor.log_out().await;
}
