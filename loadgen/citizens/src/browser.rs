//! A browser without script: pages, cookies, redirects and forms, and how long each took.

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, Url};

use crate::page::{Form, Page};
use crate::person::{SharedWorld, client};

/// Redirects in a row that are followed.
const MAX_REDIRECTS: usize = 10;
/// Longest page that is taken, in bytes.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// One person's browser.
pub(crate) struct Browser {
    world: SharedWorld,
    cookies: Jar,
    /// For hosts that ask for an ID-card.
    with_card: Option<reqwest::Client>,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("{step}: {url}: {source}")]
    Http {
        step: &'static str,
        url: Url,
        source: reqwest::Error,
    },
    #[error("{step}: {0} is no address", .url)]
    Address { step: &'static str, url: String },
    #[error("{step}: more than {MAX_REDIRECTS} redirects, the last to {url}")]
    Redirects { step: &'static str, url: Url },
    #[error("{step}: {url} answered {status}{said}")]
    Status {
        step: &'static str,
        url: Url,
        status: u16,
        /// What the page says of it.
        said: String,
    },
    #[error("{step}: {url} is longer than {MAX_PAGE_BYTES} bytes")]
    TooLong { step: &'static str, url: Url },
    #[error("{step}: {url} has no {what}")]
    Missing {
        step: &'static str,
        url: Url,
        what: String,
    },
    #[error("the ID-card: {0}")]
    Card(String),
}

// === impl Browser ===

impl Browser {
    pub(crate) fn new(world: &SharedWorld) -> Self {
        Self {
            world: SharedWorld::clone(world),
            cookies: Jar::default(),
            with_card: None,
        }
    }

    /// Puts an ID-card into the simulated reader: its certificate is shown to whoever asks.
    pub(crate) async fn insert_card(&mut self, national_id: &str) -> Result<(), Trouble> {
        let url = format!("{}/id-card/{national_id}", self.world.carriers_url);
        let card = |error: reqwest::Error| Trouble::Card(error.to_string());
        let answer = self.world.client.get(&url).send().await.map_err(card)?;
        let answer = answer.error_for_status().map_err(card)?;
        let pem = answer.text().await.map_err(card)?;
        let trusted = self.world.id_card_certificate_pem.as_deref();
        self.with_card = Some(client(Some(&pem), trusted).map_err(card)?);
        Ok(())
    }

    /// Opens an address of the portal.
    pub(crate) async fn open(&self, step: &'static str, path: &str) -> Result<Page, Trouble> {
        let text = format!("{}{path}", self.world.portal_url);
        let url = Url::parse(&text).map_err(|_| Trouble::Address { step, url: text })?;
        self.go(step, Method::GET, url, None).await
    }

    /// Follows a link.
    pub(crate) async fn follow(&self, step: &'static str, url: Url) -> Result<Page, Trouble> {
        self.go(step, Method::GET, url, None).await
    }

    /// Sends a form.
    pub(crate) async fn submit(&self, step: &'static str, form: Form) -> Result<Page, Trouble> {
        let Form { action, fields } = form;
        self.go(step, Method::POST, action, Some(fields)).await
    }

    /// Calls an address of the portal as a program does, with a token instead of cookies; gives status
    /// and body.
    pub(crate) async fn call(
        &self,
        step: &'static str,
        path: &str,
        token: &str,
    ) -> Result<(u16, Vec<u8>), Trouble> {
        let clock = self.world.clock;
        let begun = clock.monotonic();
        let text = format!("{}{path}", self.world.portal_url);
        let url = Url::parse(&text).map_err(|_| Trouble::Address { step, url: text })?;
        let failed = |source| Trouble::Http {
            step,
            url: url.clone(),
            source,
        };
        let request = self.world.client.get(url.clone()).bearer_auth(token);
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(failed)?;
        self.world.recorder.page(step, clock.monotonic() - begun);
        Ok((status, body.to_vec()))
    }

    /// Loads a page with all its redirects, whole, and records how long that took.
    async fn go(
        &self,
        step: &'static str,
        mut method: Method,
        mut url: Url,
        mut form: Option<Vec<(String, String)>>,
    ) -> Result<Page, Trouble> {
        let clock = self.world.clock;
        let clicked = clock.monotonic();
        for _ in 0..=MAX_REDIRECTS {
            let sent = self.request(method.clone(), &url, form.as_deref());
            let failed = |source| Trouble::Http {
                step,
                url: url.clone(),
                source,
            };
            let mut answer = sent.send().await.map_err(failed)?;
            let mut set = answer.headers().get_all(SET_COOKIE).iter();
            self.cookies.set_cookies(&mut set, &url);
            let status = answer.status();
            if status.is_redirection() {
                let target = answer.headers().get(LOCATION);
                let target = target.and_then(|target| target.to_str().ok());
                let next = target.and_then(|target| url.join(target).ok());
                let Some(next) = next else {
                    let url = target.unwrap_or_default().to_owned();
                    return Err(Trouble::Address { step, url });
                };
                // The body of a redirect, so that its connection can be used again.
                while answer.chunk().await.map_err(failed)?.is_some() {}
                (method, url, form) = (Method::GET, next, None);
                continue;
            }
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(failed)? {
                if body.len() + chunk.len() > MAX_PAGE_BYTES {
                    return Err(Trouble::TooLong { step, url });
                }
                body.extend_from_slice(&chunk);
            }
            self.world.recorder.page(step, clock.monotonic() - clicked);
            let page = Page {
                url,
                status: status.as_u16(),
                body,
            };
            if status.is_success() {
                return Ok(page);
            }
            let said = page.text("[role=alert]").unwrap_or_default();
            return Err(Trouble::Status {
                step,
                said: if said.is_empty() {
                    said
                } else {
                    format!(": {said}")
                },
                status: page.status,
                url: page.url,
            });
        }
        Err(Trouble::Redirects { step, url })
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        form: Option<&[(String, String)]>,
    ) -> reqwest::RequestBuilder {
        let client = match &self.with_card {
            Some(client) if url.scheme() == "https" => client,
            _ => &self.world.client,
        };
        let mut request = client.request(method, url.clone());
        if let Some(cookies) = self.cookies.cookies(url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(form) = form {
            request = request
                .header(ORIGIN, url.origin().ascii_serialization())
                .form(form);
        }
        request
    }
}

impl Trouble {
    /// That something is not on a page.
    pub(crate) fn missing(step: &'static str, page: &Page, what: &str) -> Self {
        Self::Missing {
            step,
            url: page.url.clone(),
            what: what.to_owned(),
        }
    }
}
