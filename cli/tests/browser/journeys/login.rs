//! Logging in with a phone, and out again.

use crate::visitor::Visitor;

/// A button on the page of a phone.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Confirm,
    Refuse,
}

pub(super) async fn with_mobile_id(visitor: Visitor) {
    visitor.open("/").await;
    visitor.look("home").await;
    visitor.press("#login").await;
    visitor.find("#mobile-id").await;
    visitor.look("log-in").await;
    visitor.begin_with_mobile_id().await;
    visitor.find("#verification-code").await;
    visitor.look_at_renewing("log-in-wait").await;
    visitor.answer_phone(Answer::Confirm, Some("phone")).await;
    visitor.is_logged_in().await;
    visitor.look("home-logged-in").await;
    visitor.sees_own_data().await;
    visitor.look("my-data").await;
    visitor.log_out().await;
    visitor.look("logged-out").await;

    // The browser's way back leads to nothing that was somebody's.
    visitor.open("/me").await;
    visitor.find("#mobile-id").await;
}

pub(super) async fn with_smart_id(visitor: Visitor) {
    // Whoever wants a page that is theirs alone comes to it after the log-in.
    visitor.open("/me").await;
    let national_id = &visitor.person.national_id;
    visitor.fill_in("#smart-id-national-id", national_id).await;
    visitor.press("#smart-id button").await;
    visitor.answer_phone(Answer::Confirm, None).await;
    visitor.arrive("/me").await;
    visitor.is_logged_in().await;
    visitor.sees_own_data().await;
    visitor.log_out().await;
}

pub(super) async fn refused(visitor: Visitor) {
    visitor.open("/login").await;
    visitor.fill_in("#mobile-id-national-id", "12345").await;
    visitor.fill_in("#mobile-id-phone-number", "12345").await;
    visitor.press("#mobile-id button").await;
    visitor.find(".wrong[role=\"alert\"]").await;
    visitor.look("log-in-mistyped").await;
    visitor.begin_with_mobile_id().await;
    visitor.answer_phone(Answer::Refuse, None).await;
    visitor.find("[data-result=\"USER_CANCELLED\"]").await;
    visitor.look("log-in-refused").await;
    visitor.press("#try-again").await;
    visitor.press("#cancel button").await;
    visitor.arrive("/login/callback").await;
    visitor.find("[data-problem]").await;
    visitor.look("log-in-cancelled").await;
    assert_eq!(visitor.count("#logged-in-person").await, 0);
}

impl Visitor {
    /// From the front page to being known there, with Mobile-ID.
    pub(super) async fn log_in(&self) {
        self.open("/login").await;
        self.begin_with_mobile_id().await;
        self.answer_phone(Answer::Confirm, None).await;
        self.is_logged_in().await;
    }

    async fn begin_with_mobile_id(&self) {
        let Self { person, .. } = self;
        self.fill_in("#mobile-id-national-id", &person.national_id)
            .await;
        self.fill_in("#mobile-id-phone-number", &person.phone_number)
            .await;
        self.press("#mobile-id button").await;
    }

    pub(super) async fn is_logged_in(&self) {
        self.find("#logout").await;
        // A small screen has no room for it.
        let script = "return document.querySelector('#logged-in-person').textContent";
        let name = self.client.execute(script, Vec::new()).await;
        let name: String = serde_json::from_value(name.expect("a name")).expect("a text");
        // As the population register writes it: certificates, from which the provider knows it, have
        // capitals alone.
        assert_eq!(name, self.person.name());
    }

    pub(super) async fn log_out(&self) {
        self.press("#logout").await;
        self.find("#login").await;
        assert_eq!(self.count("#logout").await, 0);
    }

    /// Answers what the browser's page waits for on the person's phone, in another tab, where the
    /// same code must stand.
    pub(super) async fn answer_phone(&self, answer: Answer, picture: Option<&str>) {
        let code = self.text("#verification-code").await;
        let is_code = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_code, "{code:?} is no verification code");
        self.on_the_phone(async || {
            assert_eq!(self.text(".phone output").await, code);
            let asking = self.text(".phone strong").await;
            assert_ne!(self.text(".phone .said").await, asking, "it says what for");
            if let Some(name) = picture {
                self.look_at_renewing(name).await;
            }
            let button = match answer {
                Answer::Confirm => "confirm",
                Answer::Refuse => "refuse",
            };
            self.press_on_phone(button).await;
            self.find("[role=\"status\"]").await;
        })
        .await;
    }

    /// Presses a button of a phone, whose page must not renew itself in the same moment.
    pub(super) async fn press_on_phone(&self, button: &str) {
        let button = format!(".phone button[value=\"{button}\"]");
        self.find(&button).await;
        self.hold().await;
        self.press(&button).await;
    }

    /// Does something on the page of the person's phone, and comes back.
    pub(super) async fn on_the_phone(&self, what: impl AsyncFnOnce()) {
        let here = self.client.window().await.expect("a tab");
        let phone = self.client.new_window(true).await.expect("another tab");
        let switched = self.client.switch_to_window(phone.handle).await;
        switched.expect("the other tab opens");
        let url = format!("{}/{}", self.world.phones_url, self.person.phone_number);
        self.go(&url).await;
        what().await;
        self.client.close_window().await.expect("the tab closes");
        let back = self.client.switch_to_window(here).await;
        back.expect("the first tab is still there");
    }

    /// My data are those that the country's truth has.
    pub(super) async fn sees_own_data(&self) {
        self.press(".menu a[href=\"/me\"]").await;
        self.arrive("/me").await;
        let Self { person, .. } = self;
        let truths = [
            ("full_name", person.name()),
            ("national_id", person.national_id.clone()),
            ("given_name", person.given_name.clone()),
            ("surname", person.surname.clone()),
            ("birth_date", person.birth_date.clone()),
        ];
        for (field, truth) in truths {
            let shown = self
                .text(&format!("#population-record [data-field=\"{field}\"]"))
                .await;
            assert_eq!(shown, truth, "{field}");
        }
        // And the business register, what employers are called.
        assert_eq!(
            self.count("#declaration [data-employer]").await,
            self.count("#declaration [data-field=\"employer\"]").await
        );
        let script = "return [...document.querySelectorAll('#relations [data-field=\"child\"]')]\
                      .map(child => child.dataset.value).sort()";
        let children = self.client.execute(script, Vec::new()).await;
        let children: Vec<String> =
            serde_json::from_value(children.expect("children")).expect("a list of texts");
        assert_eq!(children, person.children);
        assert_eq!(self.count("[data-trouble]").await, 0, "a registry failed");
    }
}
