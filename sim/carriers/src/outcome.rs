//! What became of a prompt on a phone, and what each protocol calls it.

use crate::sessions::{Details, Operation, Prompt};
use crate::smart_id::Interaction;

/// What became of a prompt on a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    /// The right PIN.
    Confirmed,
    /// Refused on the phone.
    Refused,
    /// The codes on screen and phone were not the same.
    WrongCode,
    /// A wrong PIN until the key was locked, or, among several codes, a wrong one.
    Mistyped,
    /// The phone is off.
    Absent,
    /// Nobody did anything.
    TimedOut,
    /// The message did not get to the phone.
    Undelivered,
    /// The SIM card answered nonsense.
    SimError,
    /// The SIM card's keys are not those that the service knows.
    SimMismatch,
    /// Nobody has this Mobile-ID.
    NotAClient,
    /// The key is locked.
    Locked,
    /// The app can do none of the interactions.
    OldApp,
    /// There was no certificate to be had: the carrier's own failure.
    Failed,
}

/// What a carrier's own failure is counted as; no protocol has a result for it but Smart-ID 3.
pub(crate) const FAILURE: &str = "SERVER_ERROR";

impl Outcome {
    /// The result as the session's protocol names it.
    pub(crate) fn result(self, prompt: &Prompt, details: &Details) -> &'static str {
        match details {
            Details::MobileId(_) => self.of_mobile_id(),
            Details::SmartId2 { .. } => self.of_smart_id_2(prompt),
            Details::SmartId3 { .. } => self.of_smart_id_3(prompt),
        }
    }

    /// SK-EID/MID, section 3.3.8. Who sees another code cancels.
    const fn of_mobile_id(self) -> &'static str {
        match self {
            Self::Confirmed => "OK",
            Self::Refused | Self::WrongCode => "USER_CANCELLED",
            Self::Absent => "PHONE_ABSENT",
            Self::TimedOut => "TIMEOUT",
            Self::Undelivered => "DELIVERY_ERROR",
            Self::Mistyped | Self::SimError | Self::Locked | Self::OldApp => "SIM_ERROR",
            Self::SimMismatch => "SIGNATURE_HASH_MISMATCH",
            Self::NotAClient => "NOT_MID_CLIENT",
            Self::Failed => FAILURE,
        }
    }

    /// Smart-ID documentation, version 2, section 2.3.11.5.
    fn of_smart_id_2(self, prompt: &Prompt) -> &'static str {
        match self {
            Self::Refused | Self::WrongCode if prompt.operation == Operation::CertificateChoice => {
                "USER_REFUSED_CERT_CHOICE"
            }
            Self::WrongCode | Self::Mistyped if prompt.offers_codes() => "WRONG_VC",
            Self::Refused | Self::WrongCode => match prompt.interaction {
                None => "USER_REFUSED",
                Some(Interaction::DisplayTextAndPin) => "USER_REFUSED_DISPLAYTEXTANDPIN",
                Some(Interaction::VerificationCodeChoice) => "USER_REFUSED_VC_CHOICE",
                Some(Interaction::ConfirmationMessage) => "USER_REFUSED_CONFIRMATIONMESSAGE",
                Some(Interaction::ConfirmationMessageAndVerificationCodeChoice) => {
                    "USER_REFUSED_CONFIRMATIONMESSAGE_WITH_VC_CHOICE"
                }
            },
            _ => self.of_smart_id(),
        }
    }

    /// Smart-ID RP API 3, the session's `result.endResult`.
    fn of_smart_id_3(self, prompt: &Prompt) -> &'static str {
        match self {
            Self::Refused | Self::WrongCode if prompt.operation == Operation::CertificateChoice => {
                "USER_REFUSED_CERT_CHOICE"
            }
            Self::WrongCode | Self::Mistyped if prompt.offers_codes() => "WRONG_VC",
            Self::Refused | Self::WrongCode => "USER_REFUSED_INTERACTION",
            _ => self.of_smart_id(),
        }
    }

    /// What both versions call the same.
    const fn of_smart_id(self) -> &'static str {
        match self {
            Self::Confirmed => "OK",
            Self::Refused | Self::WrongCode => "USER_REFUSED",
            Self::Absent | Self::TimedOut | Self::Undelivered => "TIMEOUT",
            Self::OldApp => "REQUIRED_INTERACTION_NOT_SUPPORTED_BY_APP",
            Self::Mistyped
            | Self::Locked
            | Self::SimError
            | Self::SimMismatch
            | Self::NotAClient => "DOCUMENT_UNUSABLE",
            Self::Failed => FAILURE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::HashType;
    use crate::smart_id::SignatureProtocol;

    fn prompt(operation: Operation, interaction: Option<Interaction>) -> Prompt {
        Prompt {
            operation,
            address: String::new(),
            relying_party: String::new(),
            text: String::new(),
            language: None,
            interaction,
            verification_code: None,
        }
    }

    #[test]
    fn mobile_id_has_a_word_for_everything() {
        let prompt = prompt(Operation::Authentication, None);
        for (outcome, expected) in [
            (Outcome::Confirmed, "OK"),
            (Outcome::TimedOut, "TIMEOUT"),
            (Outcome::NotAClient, "NOT_MID_CLIENT"),
            (Outcome::Refused, "USER_CANCELLED"),
            (Outcome::WrongCode, "USER_CANCELLED"),
            (Outcome::SimMismatch, "SIGNATURE_HASH_MISMATCH"),
            (Outcome::Absent, "PHONE_ABSENT"),
            (Outcome::Undelivered, "DELIVERY_ERROR"),
            (Outcome::SimError, "SIM_ERROR"),
            (Outcome::Mistyped, "SIM_ERROR"),
        ] {
            let details = Details::MobileId(HashType::Sha256);
            assert_eq!(outcome.result(&prompt, &details), expected);
        }
    }

    #[test]
    fn smart_id_says_on_which_screen_somebody_refused() {
        use Interaction as I;
        use Operation::{Authentication, CertificateChoice};
        let check = |operation, interaction, outcome: Outcome, of_2: &str, of_3: &str| {
            let prompt = prompt(operation, interaction);
            let details = Details::SmartId2 {
                hash_type: None,
                ignored: Vec::new(),
            };
            assert_eq!(outcome.result(&prompt, &details), of_2);
            let details = Details::SmartId3 {
                protocol: SignatureProtocol::None,
                ignored: Vec::new(),
            };
            assert_eq!(outcome.result(&prompt, &details), of_3);
        };
        for (interaction, of_2) in [
            (I::DisplayTextAndPin, "USER_REFUSED_DISPLAYTEXTANDPIN"),
            (I::VerificationCodeChoice, "USER_REFUSED_VC_CHOICE"),
            (I::ConfirmationMessage, "USER_REFUSED_CONFIRMATIONMESSAGE"),
            (
                I::ConfirmationMessageAndVerificationCodeChoice,
                "USER_REFUSED_CONFIRMATIONMESSAGE_WITH_VC_CHOICE",
            ),
        ] {
            let of_3 = "USER_REFUSED_INTERACTION";
            let refused = Outcome::Refused;
            check(Authentication, Some(interaction), refused, of_2, of_3);
        }
        let plain = Some(I::DisplayTextAndPin);
        let choice = Some(I::VerificationCodeChoice);
        let refused = "USER_REFUSED_CERT_CHOICE";
        check(CertificateChoice, None, Outcome::Refused, refused, refused);
        for outcome in [Outcome::Mistyped, Outcome::WrongCode] {
            check(Authentication, choice, outcome, "WRONG_VC", "WRONG_VC");
        }
        let unusable = "DOCUMENT_UNUSABLE";
        check(Authentication, plain, Outcome::Mistyped, unusable, unusable);
        check(Authentication, plain, Outcome::Locked, unusable, unusable);
        check(Authentication, plain, Outcome::Absent, "TIMEOUT", "TIMEOUT");
    }
}
