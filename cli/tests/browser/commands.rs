//! What ChromeDriver can do beyond the standard: read the browser's log, and pass commands on to
//! its developer tools.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of a session, beyond the standard.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// What the browser wrote to its log since it was last asked: level and message.
pub(crate) async fn browser_log(client: &Client) -> Vec<(String, String)> {
    let command = Extension {
        path: "se/log",
        body: json!({ "type": "browser" }),
    };
    let entries = client.issue_cmd(command).await;
    let entries = entries.expect("the browser tells its log");
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
    entries
        .iter()
        .map(|entry| (text(entry, "level"), text(entry, "message")))
        .collect()
}

/// The answer of the developer tools (Chrome DevTools Protocol).
pub(crate) async fn developer_tools(client: &Client, command: &str, parameters: Value) -> Value {
    let body = json!({ "cmd": command, "params": parameters });
    let path = "goog/cdp/execute";
    let answer = client.issue_cmd(Extension { path, body }).await;
    answer.unwrap_or_else(|error| panic!("{command}: {error}"))
}
