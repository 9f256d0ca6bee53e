//! Single sign-on: somebody who logged in to the portal, and a service beside it, on libraries of others.

use super::login::Answer;
use crate::visitor::Visitor;

/// From the portal to the service without a phone, and out of both from there.
pub(super) async fn from_the_portal(visitor: Visitor) {
    visitor.log_in().await;
    visitor.open_service().await;
    visitor.press("#log-in").await;
    visitor.goes_on_as_before("sign-on-go-on").await;
    visitor.is_known_to_the_service().await;
    visitor.keep_picture("service").await;

    visitor.press("#log-out").await;
    visitor.find("#everywhere").await;
    assert_eq!(visitor.texts("#others li").await, ["State portal"]);
    visitor.look("sign-on-log-out").await;
    visitor.press("#everywhere button").await;
    visitor.find("#nobody").await;
    // The portal was told.
    visitor.until_nobody_is_logged_in("/", "#login").await;
    visitor.open("/me").await;
    visitor.find("#mobile-id").await;
}

/// From the service to the portal, out of the portal alone, and out of both.
pub(super) async fn from_the_service(visitor: Visitor) {
    visitor.open_service().await;
    visitor.press("#log-in").await;
    let national_id = &visitor.person.national_id;
    visitor.fill_in("#smart-id-national-id", national_id).await;
    visitor.press("#smart-id button").await;
    visitor.answer_phone(Answer::Confirm, None).await;
    visitor.is_known_to_the_service().await;

    for way_out in ["#here", "#everywhere"] {
        visitor.open("/login").await;
        visitor.goes_on_as_before("sign-on-go-on").await;
        visitor.is_logged_in().await;
        visitor.press("#logout").await;
        visitor.find(way_out).await;
        assert_eq!(visitor.texts("#others li").await, ["Tax application"]);
        visitor.press(&format!("{way_out} button")).await;
        visitor.find("#login").await;
        if way_out == "#here" {
            visitor.open_service().await;
            visitor.is_known_to_the_service().await;
        }
    }
    let service = visitor.world.service_url.clone();
    visitor.until_nobody_is_logged_in(&service, "#nobody").await;
}

impl Visitor {
    async fn open_service(&self) {
        self.go(&self.world.service_url).await;
    }

    /// The provider's page for somebody whom it knows, where they go on without a phone.
    async fn goes_on_as_before(&self, picture: &str) {
        self.find("#continue").await;
        let name = self.text("#known-as").await;
        assert_eq!(name, self.person.name().to_uppercase());
        self.look(picture).await;
        self.press("#continue button").await;
    }

    async fn is_known_to_the_service(&self) {
        let name = self.text("#person").await;
        assert_eq!(name, self.person.name().to_uppercase());
    }

    /// Opens a page until it greets nobody: a session ends when its service is told so.
    async fn until_nobody_is_logged_in(&self, page: &str, sign: &str) {
        let is_nobody = async || {
            if page.starts_with('/') {
                self.open(page).await;
            } else {
                self.go(page).await;
            }
            (self.count(sign).await == 1).then_some(())
        };
        self.until(sign, is_nobody).await;
    }
}
