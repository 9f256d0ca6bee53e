//! Who may call what: `pension-board/pensions`, or with method and path
//! `pension-board/pensions POST /people/*`.

use schemars::{Schema, json_schema};
use sim_domain::access::PathPattern;

use super::{Scalar, SubsystemReference, ValueError};
use crate::suggest::did_you_mean;

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*",
];
/// Any method, and any path.
const EVERYTHING: (&str, &str) = ("*", "**");

/// A right to call a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessText {
    pub(crate) subject: SubsystemReference,
    pub(crate) method: String,
    pub(crate) path: String,
}

impl Scalar for AccessText {
    fn accepted() -> String {
        "a subsystem such as `pension-board/pensions`, perhaps with the method and path that it is \
         confined to: `pension-board/pensions POST /people/*`"
            .to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/ ]+/[^/ ]+( [A-Z*]+ (/[^ ]*|\\*\\*))?$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (subject, method, path) = match words[..] {
            [subject] => (subject, EVERYTHING.0, EVERYTHING.1),
            [subject, method, path] => (subject, checked_method(method)?, checked_path(path)?),
            _ => return Err(ValueError::new(format!("`{text}` is no access right"))),
        };
        let subject = SubsystemReference::parse(subject)?;
        Ok(Self {
            subject,
            method: method.to_owned(),
            path: path.to_owned(),
        })
    }
}

fn checked_method(method: &str) -> Result<&str, ValueError> {
    if METHODS.contains(&method) {
        return Ok(method);
    }
    let help = did_you_mean(method, METHODS);
    Err(ValueError::with_help(
        format!("`{method}` is no method"),
        help,
    ))
}

fn checked_path(path: &str) -> Result<&str, ValueError> {
    match PathPattern::parse(path) {
        Ok(_) => Ok(path),
        Err(error) => Err(ValueError::new(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, method: &str, path: &str) {
        let right = AccessText::parse(text).expect(text);
        assert_eq!(right.subject.to_string(), "board/pensions");
        assert_eq!((right.method.as_str(), right.path.as_str()), (method, path));
    }

    #[test]
    fn rights_are_wide_or_narrow() {
        check("board/pensions", "*", "**");
        check("board/pensions POST /people/*", "POST", "/people/*");
        check("board/pensions * **", "*", "**");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "board",
            "board/pensions POST",
            "board/pensions Post /",
            "board/pensions POST x",
            "a/b GET / /",
        ] {
            assert!(AccessText::parse(text).is_err(), "{text}");
        }
        let slip = AccessText::parse("board/pensions post /").expect_err("lower case");
        assert_eq!(slip.help.as_deref(), Some("did you mean `POST`?"));
    }
}
