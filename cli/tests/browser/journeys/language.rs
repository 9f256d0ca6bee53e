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
    visitor.press(".languages button[value=\"en\"]").await;
    visitor.find("html[lang=\"en\"]").await;
    // Where one was.
    visitor.arrive("/tracker").await;
    visitor.log_out().await;
}
