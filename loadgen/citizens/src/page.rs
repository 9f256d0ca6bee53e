//! What a page says, and the forms that are in it.

use reqwest::Url;
use scraper::{ElementRef, Html, Selector};

/// A page as it came.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Where it is, after all redirects.
    pub(crate) url: Url,
    /// HTTP status.
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A form, ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: Url,
    /// What is in its fields.
    pub(crate) fields: Vec<(String, String)>,
}

// === impl Page ===

impl Page {
    fn html(&self) -> Html {
        Html::parse_document(&String::from_utf8_lossy(&self.body))
    }

    /// The text of the first element that the selector finds, blanks made single.
    pub(crate) fn text(&self, css: &str) -> Option<String> {
        let html = self.html();
        html.select(&selector(css)).next().map(text_of)
    }

    /// An attribute of the first element that the selector finds.
    pub(crate) fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let html = self.html();
        let element = html.select(&selector(css)).next()?;
        element.value().attr(name).map(str::to_owned)
    }

    /// How many elements the selector finds.
    pub(crate) fn count(&self, css: &str) -> usize {
        self.html().select(&selector(css)).count()
    }

    /// What stands in a field that robots may read.
    pub(crate) fn field(&self, within: &str, name: &str) -> Option<String> {
        self.text(&format!("{within} [data-field=\"{name}\"]"))
    }

    /// The first form whose action ends in `action`.
    pub(crate) fn form(&self, action: &str) -> Option<Form> {
        let html = self.html();
        let forms = selector("form");
        let form = html.select(&forms).find(|form| {
            let target = form.value().attr("action").unwrap_or_default();
            let target = target.split('?').next().unwrap_or_default();
            target.ends_with(action)
        })?;
        self.filled(form)
    }

    /// The first form whose action ends in `action` and of which a field, or a button with a name,
    /// has this value.
    pub(crate) fn form_with(&self, action: &str, name: &str, value: &str) -> Option<Form> {
        let html = self.html();
        let forms = selector("form");
        let field = selector(&format!("[name=\"{name}\"][value=\"{value}\"]"));
        let form = html.select(&forms).find(|form| {
            let target = form.value().attr("action").unwrap_or_default();
            target.ends_with(action) && form.select(&field).next().is_some()
        })?;
        Some(self.filled(form)?.with(name, value))
    }

    /// A form as a browser would send it where nobody touches it.
    fn filled(&self, form: ElementRef<'_>) -> Option<Form> {
        let fields = selector("input[name], select[name], textarea[name]");
        let fields = form.select(&fields).filter_map(|field| {
            let value = field.value();
            let kind = value.attr("type").unwrap_or("text");
            let is_pressed = matches!(kind, "submit" | "button" | "image" | "reset");
            let is_off = matches!(kind, "checkbox" | "radio") && value.attr("checked").is_none();
            if is_pressed || is_off {
                return None;
            }
            let chosen = selector("option[selected], option");
            let content = match value.name() {
                "textarea" => text_of(field),
                "select" => {
                    let option = field.select(&chosen).next()?;
                    option.value().attr("value").unwrap_or_default().to_owned()
                }
                _ => value.attr("value").unwrap_or_default().to_owned(),
            };
            Some((value.attr("name")?.to_owned(), content))
        });
        let fields = fields.collect();
        let action = form.value().attr("action").unwrap_or_default();
        Some(Form {
            action: self.url.join(action).ok()?,
            fields,
        })
    }

    /// Where the first link goes whose target contains `part`.
    pub(crate) fn link(&self, part: &str) -> Option<Url> {
        let target = self.attribute(&format!("a[href*=\"{part}\"]"), "href")?;
        self.url.join(&target).ok()
    }
}

/// Selectors are constants of this crate.
fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector of this crate")
}

fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// === impl Form ===

impl Form {
    /// What is in a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(found, _)| found == name)
            .map(|(_, content)| content.as_str())
    }

    /// With this in a field, which is added where the form has none of that name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(found, _)| found == name) {
            Some((_, content)) => value.clone_into(content),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page {
            url: "http://portal/applications/new?kind=x".parse().unwrap(),
            status: 200,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn fields_are_read_without_their_blanks() {
        let page = page("<section id=a><dd data-field=name> Mari \n Maasikas </dd></section>");
        assert_eq!(page.field("#a", "name").as_deref(), Some("Mari Maasikas"));
        assert_eq!(page.field("#b", "name"), None);
        assert_eq!(page.count("dd"), 1);
    }

    #[test]
    fn forms_keep_what_a_browser_would_send() {
        let page = page(
            "<form action='/other'></form>
             <form method=post action='/applications'>
               <input type=hidden name=csrf value=abc>
               <input name=account value=''>
               <input type=checkbox name=agreed value=yes>
               <select name=kind><option value=one>1<option value=two>2</select>
               <textarea name=note>text</textarea>
               <input type=submit name=go value=Go>
             </form>",
        );
        let form = page.form("/applications").unwrap().with("account", "EE1");
        assert_eq!(form.action.as_str(), "http://portal/applications");
        let expected = [
            ("csrf", "abc"),
            ("account", "EE1"),
            ("kind", "one"),
            ("note", "text"),
        ];
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(fields, expected);
        assert_eq!(page.form("/nothing"), None);
    }

    #[test]
    fn links_are_found_by_a_part_of_their_target() {
        let page = page("<a href='/x'>x</a><a href='/applications/7/document.asice'>d</a>");
        let link = page.link("document.asice").unwrap();
        assert_eq!(link.as_str(), "http://portal/applications/7/document.asice");
    }
}
