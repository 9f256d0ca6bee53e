//! A key for an assistant: made, seen once, used, and taken back.

use http::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::visitor::Visitor;

const KEY: &str = "[data-field=\"assistant-token\"]";

pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    visitor.press(".menu a[href=\"/me\"]").await;
    visitor.press("main .actions a[href=\"/assistant\"]").await;
    visitor.arrive("/assistant").await;
    visitor.find("#assistant-allow").await;
    visitor.look("assistant").await;
    visitor.press("#assistant-allow").await;
    let key = visitor.text(KEY).await;
    visitor.look("assistant-key").await;
    assert_eq!(visitor.read_with(&key).await, StatusCode::OK);

    // It is shown once; that there is one, always.
    visitor.open("/assistant").await;
    visitor.find("[data-status=\"active\"]").await;
    assert_eq!(visitor.count(KEY).await, 0);
    visitor.look("assistant-active").await;
    visitor.press("#assistant-revoke").await;
    visitor.find("#assistant-allow").await;
    assert_eq!(visitor.read_with(&key).await, StatusCode::UNAUTHORIZED);
    visitor.log_out().await;
}

impl Visitor {
    /// What an assistant, which is no browser, is answered with this key.
    async fn read_with(&self, key: &str) -> StatusCode {
        let url = format!("{}/assistant/v1/record", self.world.portal_url);
        let request = Request::get(url).header("authorization", format!("Bearer {key}"));
        let request = request.body(String::new()).expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http::<String>();
        let answer = client.request(request).await;
        answer.expect("the portal answers").status()
    }
}
