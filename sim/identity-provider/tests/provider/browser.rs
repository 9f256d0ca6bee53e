//! A browser without a screen: keeps cookies, follows nothing by itself, fills in forms.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, StatusCode};
use sim_http_client::{Bounds, once};

const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 1024 * 1024,
    within: std::time::Duration::from_secs(30),
};

/// A browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    pub(crate) base: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// More headers, with everything that is sent.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// An answer as tests look at it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    /// Names in small letters.
    headers: BTreeMap<String, String>,
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
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookie());
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let body = Bytes::from(form.unwrap_or_default());
        let answer = once(request.body(body).unwrap(), BOUNDS).await.unwrap();
        let headers = answer.headers.iter().map(|(name, value)| {
            let value = String::from_utf8(value.to_vec()).unwrap();
            (name.to_ascii_lowercase(), value)
        });
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let page = Page::new(answer.status, headers.collect(), text);
        self.keep(&page);
        page
    }

    /// What the header `Cookie` says.
    pub(crate) fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, page: &Page) {
        let set = page.header("set-cookie");
        let Some((name, rest)) = set.split_once('=') else {
            return;
        };
        if set.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Page {
    pub(crate) fn new(status: StatusCode, headers: BTreeMap<String, String>, text: String) -> Self {
        Self {
            status,
            text,
            headers,
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
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
