//! A browser as small as the tests need: cookies, forms, redirects.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use sim_http_client::{Bounds, HttpAnswer, HttpClient};

const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 4 << 20,
    within: Duration::from_secs(30),
};

/// Keeps cookies for all ports of a host together, as browsers do.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    http: HttpClient,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Sent with every request, as an attacker's page or a careless proxy might.
    pub(crate) extra: Vec<(&'static str, String)>,
}

/// A page that arrived.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) url: String,
    pub(crate) answer: HttpAnswer,
    pub(crate) text: String,
}

impl Browser {
    /// One request, without following where it leads.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        url: &str,
        form: Option<&[(&str, &str)]>,
    ) -> Page {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder().method(method).uri(url);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let mut body = Bytes::new();
        if let Some(form) = form {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            body = serde_urlencoded::to_string(form).unwrap().into();
        }
        for (name, value) in &self.extra {
            request = request.header(*name, value);
        }
        let answer = self
            .http
            .call(request.body(body).unwrap(), BOUNDS)
            .await
            .unwrap();
        for line in answer.headers.all("set-cookie") {
            let line = std::str::from_utf8(line).unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page {
            status: answer.status,
            url: url.to_owned(),
            text: String::from_utf8_lossy(&answer.body).into_owned(),
            answer,
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, None).await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, Some(form)).await
    }

    /// Follows redirects to their end.
    pub(crate) async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(next) = page.location() else {
                return page;
            };
            page = self.get(&next).await;
        }
        panic!("too many redirects: {}", page.url);
    }

    pub(crate) async fn visit(&mut self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.answer.headers.text(name).unwrap_or_default()
    }

    /// Where it leads, absolute.
    pub(crate) fn location(&self) -> Option<String> {
        let location = self.answer.headers.text("location")?;
        if location.starts_with('/') {
            let host = self
                .url
                .splitn(4, '/')
                .take(3)
                .collect::<Vec<_>>()
                .join("/");
            return Some(format!("{host}{location}"));
        }
        Some(location.to_owned())
    }

    /// The token of its forms.
    pub(crate) fn csrf(&self) -> String {
        self.value("csrf")
    }

    /// The value of a hidden field.
    pub(crate) fn value(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        self.between(&marker, "\"")
    }

    /// The first text between two others; empty where there is none.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let found = self
            .text
            .split_once(before)
            .and_then(|(_, rest)| rest.split_once(after));
        found.map(|(text, _)| text.to_owned()).unwrap_or_default()
    }

    /// What a section of the page, by its id, holds.
    pub(crate) fn section(&self, id: &str) -> String {
        self.between(&format!("id=\"{id}\""), "</section>")
    }
}
