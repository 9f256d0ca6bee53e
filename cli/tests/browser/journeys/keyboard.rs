//! The whole way by keyboard: no mouse, no finger.

use fantoccini::key::Key;
use serde_json::json;

use super::login::Answer;
use crate::visitor::Visitor;

/// Presses of Tab after which nothing more is to be expected on any page.
const MAX_TABS: usize = 80;
/// Whether the keyboard is at the element asked for, and whether one sees where it is.
const WHERE: &str = "
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 1 && box.top >= 0 && box.bottom <= innerHeight;
    return [at.matches(arguments[0]), isSeen || at === document.body, at.outerHTML.slice(0, 120)];
";

pub(super) async fn walk(visitor: Visitor) {
    visitor.open("/").await;
    visitor.tab_to(".skip").await;
    visitor.look("keyboard-skip").await;
    visitor.tab_to("#login").await;
    visitor.keys(Key::Enter).await;
    visitor.find("#mobile-id").await;
    visitor.tab_to("#mobile-id-national-id").await;
    visitor.types(&visitor.person.national_id).await;
    visitor.tab_to("#mobile-id-phone-number").await;
    visitor.types(&visitor.person.phone_number).await;
    visitor.tab_to("#mobile-id button").await;
    visitor.keep_picture("keyboard-log-in").await;
    visitor.keys(Key::Enter).await;
    // The phone is another device.
    visitor.answer_phone(Answer::Confirm, None).await;
    visitor.is_logged_in().await;

    visitor.tab_to(".menu a[href=\"/me\"]").await;
    visitor.keep_picture("keyboard-menu").await;
    visitor.keys(Key::Enter).await;
    visitor.arrive("/me").await;
    visitor.find("#population-record").await;
    // Past the menu, to what one came for.
    visitor.tab_to(".skip").await;
    visitor.keys(Key::Enter).await;
    visitor.find("main:focus").await;
    visitor.tab_to("main a[href=\"/tracker\"]").await;
    visitor.keys(Key::Enter).await;
    visitor.find("#usages").await;
    visitor.tab_to("#logout").await;
    visitor.keys(Key::Enter).await;
    visitor.find("#login").await;
}

impl Visitor {
    /// Presses Tab until it is at an element; everything on the way shows that it is there.
    async fn tab_to(&self, css: &str) {
        let mut passed = Vec::new();
        for _ in 0..MAX_TABS {
            self.keys(Key::Tab).await;
            let found = self.client.execute(WHERE, vec![json!(css)]).await;
            let (is_there, is_seen, what): (bool, bool, String) =
                serde_json::from_value(found.expect("something has the keyboard")).expect("where");
            assert!(is_seen, "nobody sees that the keyboard is at {what}");
            if is_there {
                return;
            }
            passed.push(what);
        }
        panic!("Tab never comes to {css}, but to {passed:#?}");
    }

    async fn keys(&self, key: Key) {
        self.types(&char::from(key).to_string()).await;
    }

    async fn types(&self, text: &str) {
        let at = self.client.active_element().await;
        let at = at.expect("something has the keyboard");
        at.send_keys(text).await.expect("keys can be pressed");
    }
}
