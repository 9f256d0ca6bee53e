//! Telling services that a session has ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! Services are told in the background, some at a time, and asked again once where they do not
//! answer. One that cannot be told finds out when it refreshes its tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use parking_lot::Mutex;
use sim_http_client::{Bounds, HttpClient};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Services told at a time.
const MAX_CALLS: usize = 64;
/// How often one is told, until it says that it heard.
const ATTEMPTS: usize = 2;
const PAUSE: Duration = Duration::from_millis(500);
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(5),
};

/// The way from the provider to services, past the browser.
pub(crate) struct BackChannel {
    http: HttpClient,
    room: Arc<Semaphore>,
    calls: Mutex<JoinSet<()>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    told: AtomicU64,
    untold: AtomicU64,
}

impl Default for BackChannel {
    fn default() -> Self {
        Self {
            http: HttpClient::default(),
            room: Arc::new(Semaphore::new(MAX_CALLS)),
            calls: Mutex::default(),
            counts: Arc::default(),
        }
    }
}

impl BackChannel {
    /// Brings a logout token to a service, in the background.
    pub(crate) fn tell(&self, uri: String, logout_token: &str) {
        let form = serde_urlencoded::to_string([("logout_token", logout_token)])
            .expect("a pair of texts can be encoded");
        let (http, room) = (self.http.clone(), Arc::clone(&self.room));
        let counts = Arc::clone(&self.counts);
        let mut calls = self.calls.lock();
        while calls.try_join_next().is_some() {}
        calls.spawn(async move {
            // The semaphore is never closed; without a place, the call is merely not bounded.
            let _place = room.acquire_owned().await;
            let is_told = tell(&http, &uri, Bytes::from(form)).await;
            let count = if is_told {
                &counts.told
            } else {
                &counts.untold
            };
            count.fetch_add(1, Ordering::Relaxed);
        });
    }

    /// Waits for calls under way, no longer than `limit`; how many services were told, and were not.
    pub(crate) async fn finish(&self, limit: Duration) -> (u64, u64) {
        let mut calls = std::mem::take(&mut *self.calls.lock());
        let all = async { while calls.join_next().await.is_some() {} };
        if timeout(limit, all).await.is_err() {
            tracing::warn!("services were not told of a logout before the provider stopped");
        }
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.counts.told), read(&self.counts.untold))
    }
}

async fn tell(http: &HttpClient, uri: &str, form: Bytes) -> bool {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.clone());
        let Ok(request) = request else {
            return false;
        };
        match http.call(request, BOUNDS).await {
            Ok(answer) if answer.status.is_success() => return true,
            Ok(answer) => tracing::warn!(uri, status = %answer.status, "a logout was not heard"),
            Err(error) => tracing::warn!(uri, %error, "a logout could not be told"),
        }
    }
    false
}
