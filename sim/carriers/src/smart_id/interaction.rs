//! What a Smart-ID app shows before it asks for a PIN (Smart-ID documentation, version 2, section
//! 3.1).

use serde::Deserialize;

/// Longest texts of the two sorts of interactions, in characters.
const SHORT_TEXT: usize = 60;
const LONG_TEXT: usize = 200;

/// A way to ask for a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interaction {
    /// A short text and the PIN on one screen.
    DisplayTextAndPin,
    /// Three codes to choose from, then a short text and the PIN.
    VerificationCodeChoice,
    /// A long text to confirm, then the PIN.
    ConfirmationMessage,
    /// A long text with three codes to choose from, then the PIN.
    ConfirmationMessageAndVerificationCodeChoice,
}

/// As it comes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawInteraction {
    r#type: String,
    display_text60: Option<String>,
    display_text200: Option<String>,
}

/// An interaction with the text that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) interaction: Interaction,
    pub(super) text: String,
}

/// Why there is nothing to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InteractionError {
    #[error("there is no interaction")]
    None,
    #[error("{0} is no interaction")]
    Unknown(String),
    #[error("{0} has no {1}")]
    NoText(&'static str, &'static str),
    #[error("{0} must have at most {1} characters")]
    TooLong(&'static str, usize),
}

impl Interaction {
    const ALL: [Self; 4] = [
        Self::DisplayTextAndPin,
        Self::VerificationCodeChoice,
        Self::ConfirmationMessage,
        Self::ConfirmationMessageAndVerificationCodeChoice,
    ];

    /// Its name in both versions of the protocol.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DisplayTextAndPin => "displayTextAndPIN",
            Self::VerificationCodeChoice => "verificationCodeChoice",
            Self::ConfirmationMessage => "confirmationMessage",
            Self::ConfirmationMessageAndVerificationCodeChoice => {
                "confirmationMessageAndVerificationCodeChoice"
            }
        }
    }

    const fn is_long(self) -> bool {
        matches!(
            self,
            Self::ConfirmationMessage | Self::ConfirmationMessageAndVerificationCodeChoice
        )
    }
}

/// Every interaction that is allowed, in the order in which the relying party likes them.
pub(super) fn allowed(
    raw: Vec<RawInteraction>,
    known: fn(Interaction) -> bool,
) -> Result<Vec<Shown>, InteractionError> {
    if raw.is_empty() {
        return Err(InteractionError::None);
    }
    raw.into_iter().map(|raw| shown(raw, known)).collect()
}

fn shown(raw: RawInteraction, known: fn(Interaction) -> bool) -> Result<Shown, InteractionError> {
    let of_name = |interaction: &Interaction| interaction.name() == raw.r#type;
    let found = Interaction::ALL.into_iter().find(of_name);
    let Some(interaction) = found.filter(|interaction| known(*interaction)) else {
        return Err(InteractionError::Unknown(raw.r#type));
    };
    let (field, text, longest) = if interaction.is_long() {
        ("displayText200", raw.display_text200, LONG_TEXT)
    } else {
        ("displayText60", raw.display_text60, SHORT_TEXT)
    };
    match text.filter(|text| !text.is_empty()) {
        None => Err(InteractionError::NoText(interaction.name(), field)),
        Some(text) if text.chars().count() > longest => {
            Err(InteractionError::TooLong(field, longest))
        }
        Some(text) => Ok(Shown { interaction, text }),
    }
}

/// The first one that the app can do; an old app can do the simplest alone.
pub(super) fn first_possible(allowed: Vec<Shown>, is_old_app: bool) -> Option<Shown> {
    allowed
        .into_iter()
        .find(|shown| !is_old_app || shown.interaction == Interaction::DisplayTextAndPin)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(text: Value) -> Result<Vec<Shown>, InteractionError> {
        allowed(serde_json::from_value(text).unwrap(), |_| true)
    }

    #[test]
    fn an_old_app_takes_the_first_it_can_do() {
        let both = json!([
            { "type": "confirmationMessage", "displayText200": "a long text" },
            { "type": "displayTextAndPIN", "displayText60": "a text" },
        ]);
        let first = |is_old| first_possible(read(both.clone()).unwrap(), is_old).unwrap();
        assert_eq!(first(false).interaction, Interaction::ConfirmationMessage);
        assert_eq!(first(false).text, "a long text");
        assert_eq!(first(true).text, "a text");
        let one = json!([{ "type": "confirmationMessage", "displayText200": "x" }]);
        assert_eq!(first_possible(read(one).unwrap(), true), None);
    }

    #[test]
    fn every_interaction_is_checked_and_not_the_first_alone() {
        let good = json!({ "type": "displayTextAndPIN", "displayText60": "ü".repeat(60) });
        assert!(read(json!([good])).is_ok());
        assert_eq!(read(json!([])), Err(InteractionError::None));
        for (bad, words) in [
            (json!({ "type": "shout" }), "shout is no interaction"),
            (
                json!({ "type": "confirmationMessage" }),
                "no displayText200",
            ),
            (
                json!({ "type": "verificationCodeChoice", "displayText60": "" }),
                "no displayText60",
            ),
            (
                json!({ "type": "displayTextAndPIN", "displayText60": "ü".repeat(61) }),
                "at most 60",
            ),
            (
                json!({ "type": "confirmationMessage", "displayText200": "x".repeat(201) }),
                "at most 200",
            ),
        ] {
            let error = read(json!([good, bad])).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
