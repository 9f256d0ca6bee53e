//! A registry that gave no answer, as it is shown in its place.

use crate::exchange::Trouble;
use crate::texts::Texts;

/// What is said instead of an answer.
pub(crate) struct TroubleView {
    /// For robots: `timed_out`, `unreachable`, `exchange`, `registry`, `unknown`, `unreadable`.
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    /// What the other side said, for those who help.
    pub(crate) detail: String,
    pub(crate) message_id: String,
}

// === impl TroubleView ===

impl TroubleView {
    pub(crate) fn of(trouble: &Trouble, message_id: String, t: &Texts) -> Self {
        let (code, message, detail) = match trouble {
            Trouble::TimedOut => ("timed_out", t.trouble_timed_out, String::new()),
            Trouble::Unreachable(_) | Trouble::Question(_) => {
                ("unreachable", t.trouble_unreachable, String::new())
            }
            Trouble::Exchange { code, message } => {
                ("exchange", t.trouble_exchange, joined(code, message))
            }
            Trouble::Registry {
                status,
                code,
                message,
            } => {
                let code = format!("{status} {code}");
                ("registry", t.trouble_registry, joined(code.trim(), message))
            }
            Trouble::Unknown { message } => ("unknown", t.trouble_unknown, message.clone()),
            Trouble::Unreadable(error) => ("unreadable", t.trouble_unreadable, error.to_string()),
        };
        Self {
            code,
            message,
            detail,
            message_id,
        }
    }
}

fn joined(code: &str, message: &str) -> String {
    if message.is_empty() {
        code.to_owned()
    } else {
        format!("{code}: {message}")
    }
}
