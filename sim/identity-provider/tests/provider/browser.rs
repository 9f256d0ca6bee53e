//! A browser without a screen: keeps one cookie, follows nothing by itself, fills in forms.

use bytes::Bytes;
use http::{Request, StatusCode};
use sim_http_client::{Bounds, HttpAnswer, once};

const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 1024 * 1024,
    within: std::time::Duration::from_secs(30),
};

/// A browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) base: String,
    pub(crate) cookie: Option<String>,
    /// More headers, with everything that is sent.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// An answer as tests look at it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    answer: HttpAnswer,
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..Self::default()
        }
    }

    /// Gets an address, or a path of the provider.
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = serde_urlencoded::to_string(fields).unwrap();
        self.send("POST", path, Some(form)).await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, form: Option<String>) -> Page {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        let mut request = Request::builder().method(method).uri(url);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(form.unwrap_or_default());
        let answer = once(request.body(body).unwrap(), BOUNDS).await.unwrap();
        if let Some(set) = answer.headers.text("set-cookie") {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        Page {
            status: answer.status,
            text,
            answer,
        }
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.answer.headers.text(name).unwrap_or_default()
    }

    /// Where it sends the browser.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header("location")
    }

    /// A parameter of where it sends the browser.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once('?')?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
        pairs
            .into_iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    /// The text between `before` and the next quote or tag.
    pub(crate) fn after(&self, before: &str) -> &str {
        let (_, rest) = self
            .text
            .split_once(before)
            .unwrap_or_else(|| panic!("no {before} in {}", self.text));
        rest.split(['"', '<']).next().unwrap()
    }

    pub(crate) fn csrf(&self) -> &str {
        self.after("name=\"csrf\" value=\"")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }
}
