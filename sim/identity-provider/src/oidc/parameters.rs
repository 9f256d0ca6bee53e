//! Parameters of queries and forms.

use std::collections::BTreeMap;

/// The longest value that is looked at, in bytes.
const MAX_VALUE_BYTES: usize = 4 * 1024;

/// Names and values; a name without a value is as if it was not there (RFC 6749, section 3.1).
pub(crate) struct Parameters(BTreeMap<String, Value>);

enum Value {
    One(String),
    Several,
}

/// Why a parameter has no value that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("`{0}` is there more than once")]
    Repeated(&'static str),
    #[error("`{0}` is too long")]
    TooLong(&'static str),
}

// === impl Parameters ===

impl Parameters {
    /// From a query or the body of a form (`application/x-www-form-urlencoded`).
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        // It cannot fail: what is no UTF-8 is replaced, and pairs of texts take anything.
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(encoded).unwrap_or_default();
        let mut values = BTreeMap::new();
        for (name, value) in pairs {
            values
                .entry(name)
                .and_modify(|value| *value = Value::Several)
                .or_insert(Value::One(value));
        }
        Self(values)
    }

    /// The only value of a name (RFC 6749, section 3.1: none may be repeated).
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, Unusable> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Several) => Err(Unusable::Repeated(name)),
            Some(Value::One(value)) if value.len() > MAX_VALUE_BYTES => {
                Err(Unusable::TooLong(name))
            }
            Some(Value::One(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
        }
    }

    /// As [`Self::get`] for a field of a form of ours: empty where it is not usable.
    pub(crate) fn field(&self, name: &'static str) -> &str {
        self.get(name).ok().flatten().unwrap_or_default()
    }
}

/// `address`, which has no fragment, with more in its query.
pub(crate) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let query = serde_urlencoded::to_string(pairs).expect("pairs of texts can be encoded");
    let join = match address.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{address}{join}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_value_or_none() {
        let parameters = Parameters::parse(b"a=1&b=%C3%B5+x&c=&d=1&d=1&e");
        assert_eq!(parameters.get("a"), Ok(Some("1")));
        assert_eq!(parameters.get("b"), Ok(Some("\u{f5} x")));
        assert_eq!(parameters.get("c"), Ok(None));
        assert_eq!(parameters.get("d"), Err(Unusable::Repeated("d")));
        assert_eq!(parameters.get("e"), Ok(None));
        let long = Parameters::parse(format!("a={}", "x".repeat(5_000)).as_bytes());
        assert_eq!(long.get("a"), Err(Unusable::TooLong("a")));
    }

    #[test]
    fn a_query_is_added_to() {
        let pairs = [("code", "a b"), ("state", "&=#")];
        assert_eq!(
            with_query("https://a/b", &pairs),
            "https://a/b?code=a+b&state=%26%3D%23"
        );
        assert_eq!(
            with_query("https://a/?b=c", &pairs[..1]),
            "https://a/?b=c&code=a+b"
        );
        assert_eq!(
            with_query("https://a/?", &pairs[..1]),
            "https://a/?code=a+b"
        );
    }
}
