//! What may be called by whom: access rights on method and path.
//!
//! A right is matched against the service path after decoding and normalising, and the very path
//! that was matched is what goes to the service: two readings of one path cannot differ.

mod path;
mod pattern;

use serde::{Deserialize, Serialize};

use crate::identifiers::ClientId;

pub use path::{NormalisedPath, PathError, normalise_path};
pub use pattern::{MAX_PATTERN_BYTES, PathPattern, PatternError};

/// The method of a right that covers every method.
pub const ANY_METHOD: &str = "*";

/// One client's right to call one endpoint of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRight {
    /// Who may call.
    pub subject: ClientId,
    /// The HTTP method, or [`ANY_METHOD`].
    #[serde(default = "any_method")]
    pub method: String,
    /// The service paths.
    #[serde(default)]
    pub path: PathPattern,
}

impl AccessRight {
    /// The right of `subject` to every method and path of a service.
    #[must_use]
    pub fn to_everything(subject: ClientId) -> Self {
        Self {
            subject,
            method: any_method(),
            path: PathPattern::default(),
        }
    }

    /// Whether `client` may call `method` on `path` by this right.
    #[must_use]
    pub fn permits(&self, client: &ClientId, method: &str, path: &NormalisedPath) -> bool {
        self.subject == *client
            && (self.method == ANY_METHOD || self.method.eq_ignore_ascii_case(method))
            && self.path.matches(path.as_str())
    }
}

fn any_method() -> String {
    ANY_METHOD.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{AccessRight, normalise_path};

    #[test]
    fn subject_method_and_path_must_all_match() {
        let right: AccessRight = serde_json::from_str(
            r#"{"subject": "EE/GOV/1/pensions", "method": "post", "path": "/liveness/*"}"#,
        )
        .unwrap();
        let path = normalise_path("/liveness/today").unwrap();
        let deeper = normalise_path("/liveness/to/day").unwrap();
        let client = "EE/GOV/1/pensions".parse().unwrap();
        let other = "EE/GOV/1/taxes".parse().unwrap();
        assert!(right.permits(&client, "POST", &path));
        assert!(!right.permits(&other, "POST", &path));
        assert!(!right.permits(&client, "GET", &path));
        assert!(!right.permits(&client, "POST", &deeper));
        assert!(AccessRight::to_everything(client.clone()).permits(&client, "PUT", &deeper));
    }

    #[test]
    fn a_right_without_method_and_path_covers_all() {
        let right: AccessRight = serde_json::from_str(r#"{"subject": "EE/GOV/1/a"}"#).unwrap();
        assert_eq!(
            right,
            AccessRight::to_everything("EE/GOV/1/a".parse().unwrap())
        );
        assert!(
            serde_json::from_str::<AccessRight>(r#"{"subject": "EE/GOV/1/a", "x": 1}"#).is_err()
        );
    }
}
