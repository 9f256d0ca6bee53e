//! To let an assistant act for one, as Estonia's Bürokratt does: small calls in bursts, with pauses
//! in which the person reads.

use futures_util::future::join_all;
use rand::RngExt as _;
use serde_json::Value;

use super::{Ending, Walk, expect_same};
use crate::browser::Trouble;

/// Bursts of a conversation.
const BURSTS: usize = 3;
/// Calls of a burst.
const CALLS: std::ops::RangeInclusive<usize> = 2..=5;
/// What an assistant asks for.
const TOPICS: [&str; 5] = ["record", "relations", "benefits", "health", "appointments"];
/// HTTP statuses of an answer, and of a token that is none.
const OK: u16 = 200;
const UNAUTHORISED: u16 = 401;

impl Walk<'_> {
    /// A token for the assistant, what it asks with it, and the token taken back, which then opens
    /// nothing any more.
    pub(crate) async fn assist(&mut self) -> Result<(), Ending> {
        let page = self.browser.open("assistant", "/assistant").await?;
        let form = page.form("/assistant");
        let form =
            form.ok_or_else(|| Trouble::missing("assist", &page, "form for an assistant"))?;
        let page = self.browser.submit("assistant-begin", form).await?;
        let token = page.field("main", "assistant-token");
        let token = token.ok_or_else(|| Trouble::missing("assist", &page, "token"))?;
        for _ in 0..BURSTS {
            self.burst(&token).await?;
            self.think().await;
        }
        let form = page.form("/assistant/revoke");
        let form = form.ok_or_else(|| Trouble::missing("assist", &page, "form to revoke"))?;
        self.browser.submit("assistant-end", form).await?;
        let path = "/assistant/v1/record";
        match self.browser.call("assistant-call", path, &token).await? {
            (UNAUTHORISED, _) => Ok(()),
            (status, _) => Err(Ending::Wrong(format!(
                "a token that was taken back still opens {path}: {status}"
            ))),
        }
    }

    /// Calls all at once, each answered about the right person.
    async fn burst(&mut self, token: &str) -> Result<(), Ending> {
        let count = self.citizen.rng.random_range(CALLS);
        let first = self.citizen.rng.random_range(0..TOPICS.len());
        let topics = (0..count).map(|number| TOPICS[(first + number) % TOPICS.len()]);
        let calls = topics.map(|topic| self.ask(topic, token));
        join_all(calls).await.into_iter().collect()
    }

    async fn ask(&self, topic: &str, token: &str) -> Result<(), Ending> {
        let path = format!("/assistant/v1/{topic}");
        let (status, body) = self.browser.call("assistant-call", &path, token).await?;
        if status != OK {
            return Err(Ending::Failed(format!("{path} answered {status}")));
        }
        let told: Value = serde_json::from_slice(&body)
            .map_err(|error| Ending::Failed(format!("{path} answered no JSON: {error}")))?;
        let id = told["national_id"].as_str();
        expect_same("national_id", id, &self.citizen.national_id)
    }
}
