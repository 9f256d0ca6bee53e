//! Fault bodies for information systems: JSON by default, XML where it is asked for.

use std::borrow::Cow;

use serde::Serialize;

use super::{Dialect, Fault};

/// The JSON object, with exactly these members in this order.
#[derive(Serialize)]
struct JsonBody<'a> {
    r#type: &'a str,
    message: &'a str,
    detail: &'a str,
}

impl Fault {
    /// The JSON body: one object with the strings `type`, `message` and `detail`.
    #[must_use]
    pub fn to_json(&self, dialect: Dialect) -> String {
        let r#type = &self.code.text(dialect);
        let body = JsonBody {
            r#type,
            message: &self.message,
            detail: &self.detail,
        };
        serde_json::to_string(&body).expect("an object of three strings is always JSON")
    }

    /// The XML body: an `error` element with `type`, `message` and `detail`.
    #[must_use]
    pub fn to_xml(&self, dialect: Dialect) -> String {
        format!(
            "<error><type>{}</type><message>{}</message><detail>{}</detail></error>",
            escape(&self.code.text(dialect)),
            escape(&self.message),
            escape(&self.detail)
        )
    }

    /// Content type and body for a client that sent these `Accept` headers.
    ///
    /// As in X-Road, the first XML type that is listed decides, wherever JSON stands and whatever
    /// the weights say; `text/*` means `text/xml`.
    #[must_use]
    pub fn rest_body(&self, accept: &[&str], dialect: Dialect) -> (String, String) {
        match accept
            .iter()
            .flat_map(|value| value.split(','))
            .find_map(xml_type)
        {
            Some(content_type) => (
                format!("{content_type};charset=utf-8"),
                self.to_xml(dialect),
            ),
            None => (
                "application/json;charset=utf-8".to_owned(),
                self.to_json(dialect),
            ),
        }
    }
}

fn xml_type(range: &str) -> Option<&'static str> {
    let media_type = range
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match media_type.as_str() {
        "text/xml" | "text/*" => Some("text/xml"),
        "application/xml" => Some("application/xml"),
        _ => None,
    }
}

/// `text` as XML character data; characters that XML 1.0 cannot carry become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        let written: Cow<'static, str> = match character {
            '&' => "&amp;".into(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            // A parser would turn it into a line feed.
            '\r' => "&#13;".into(),
            '\t' | '\n' => character.to_string().into(),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}".into(),
            _ => {
                escaped.push(character);
                continue;
            }
        };
        escaped.push_str(&written);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use crate::fault::{Dialect, Fault, FaultCode, Reason};

    fn fault() -> Fault {
        let code = FaultCode::server_proxy(Reason::AccessDenied);
        Fault::new(code, "no <\"access\"> & no way", "0f2c")
    }

    #[test]
    fn the_accept_header_chooses_the_form() {
        let json = "application/json;charset=utf-8";
        let (text, application) = ("text/xml;charset=utf-8", "application/xml;charset=utf-8");
        for (accept, expected) in [
            (&[][..], json),
            (&["application/json"], json),
            (&["*/*"], json),
            (&["text/html"], json),
            (&["text/xml"], text),
            (&["text/*"], text),
            (&["TEXT/XML; q=0.1"], text),
            (&["application/xml"], application),
            (&["application/json, application/xml"], application),
            (&["application/xml;q=0.1, text/xml"], application),
            (&["application/json", "text/xml"], text),
        ] {
            let (content_type, body) = fault().rest_body(accept, Dialect::Current);
            assert_eq!(content_type, expected, "{accept:?}");
            assert_eq!(body.starts_with("<error>"), expected != json, "{accept:?}");
        }
    }

    #[test]
    fn bodies_are_escaped() {
        assert_eq!(
            fault().to_json(Dialect::Legacy),
            r#"{"type":"Server.ServerProxy.AccessDenied","message":"no <\"access\"> & no way","detail":"0f2c"}"#
        );
        assert_eq!(
            fault().to_xml(Dialect::Current),
            "<error><type>server.serverproxy.access_denied</type>\
             <message>no &lt;\"access\"&gt; &amp; no way</message><detail>0f2c</detail></error>"
        );
        assert_eq!(super::escape("\u{0}\u{fffe}\t"), "\u{fffd}\u{fffd}\t");
    }
}
