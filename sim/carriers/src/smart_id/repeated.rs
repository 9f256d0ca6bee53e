//! The same request twice is the same session: whoever lost the answer may ask again.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sim_clock::Clock;

/// For how long (Smart-ID documentation, version 2, section 2.3.5).
const REPEATED_WITHIN: Duration = Duration::from_secs(15);

/// Answers to requests of the last seconds.
#[derive(Default)]
pub(crate) struct Repeated(Mutex<Books>);

#[derive(Default)]
struct Books {
    answers: HashMap<[u8; 32], Value>,
    order: VecDeque<(Instant, [u8; 32])>,
}

impl Repeated {
    /// The answer to this request: the one of before, or what `begin` gives. Requests are the same
    /// where the path and every parameter is, a `nonce` among them.
    pub(super) fn or_begin(
        &self,
        path: &str,
        body: &Value,
        begin: impl FnOnce() -> Value,
    ) -> Value {
        self.at(Clock::wall().monotonic(), path, body, begin)
    }

    fn at(&self, now: Instant, path: &str, body: &Value, begin: impl FnOnce() -> Value) -> Value {
        // Objects are kept in the order of their names, so equal ones have equal texts.
        let key: [u8; 32] = Sha256::digest(format!("{path} {body}")).into();
        let mut books = self.0.lock();
        while let Some((at, oldest)) = books.order.front().copied() {
            if now.saturating_duration_since(at) <= REPEATED_WITHIN {
                break;
            }
            books.order.pop_front();
            books.answers.remove(&oldest);
        }
        if let Some(answer) = books.answers.get(&key) {
            return answer.clone();
        }
        let answer = begin();
        books.order.push_back((now, key));
        books.answers.insert(key, answer.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_repeated_for_fifteen_seconds() {
        let repeated = Repeated::default();
        let start = Clock::wall().monotonic();
        let ask = |seconds, body: &Value, answer: u32| {
            let now = start + Duration::from_secs(seconds);
            repeated.at(now, "/authentication", body, || answer.into())
        };
        let body = json!({ "hash": "x", "nonce": "1" });
        let reordered: Value = serde_json::from_str(r#"{"nonce":"1","hash":"x"}"#).unwrap();
        assert_eq!(ask(0, &body, 1), 1);
        assert_eq!(ask(15, &reordered, 2), 1);
        assert_eq!(ask(15, &json!({ "hash": "x", "nonce": "2" }), 3), 3);
        // From the first, not from the last time on.
        assert_eq!(ask(16, &body, 4), 4);
        let other_path = repeated.at(start, "/signature", &body, || 5.into());
        assert_eq!(other_path, 5);
    }
}
