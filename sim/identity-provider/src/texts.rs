//! Every word that a person reads, in each language, in one place.

use serde::{Deserialize, Serialize};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Estonian.
    #[serde(rename = "et")]
    Estonian,
}

/// Makes the struct of texts and one table of it for each language.
macro_rules! texts {
    ($($name:ident: $english:literal, $estonian:literal;)*) => {
        /// The texts of one language.
        pub(crate) struct Texts {
            $(pub(crate) $name: &'static str,)*
        }

        static ENGLISH: Texts = Texts { $($name: $english,)* };
        static ESTONIAN: Texts = Texts { $($name: $estonian,)* };
    };
}

// === impl Language ===

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::Estonian];

    /// Its code (ISO 639-1), as in `lang` and `ui_locales`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Estonian => "et",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Estonian => "Eesti",
        }
    }

    /// The language of a code; a region behind it does not matter.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        let code = code.split('-').next().unwrap_or(code);
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(code))
    }

    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::Estonian => &ESTONIAN,
        }
    }

    /// What Mobile-ID calls it.
    pub(crate) const fn mobile_id_code(self) -> &'static str {
        match self {
            Self::English => "ENG",
            Self::Estonian => "EST",
        }
    }
}

impl Texts {
    /// What a person is told about a result of a carrier, or of ours.
    pub(crate) fn of_result(&self, result: &str) -> &'static str {
        match result {
            "USER_CANCELLED" | "USER_REFUSED" => self.result_cancelled,
            "TIMEOUT" => self.result_timeout,
            "NOT_MID_CLIENT" | "NO_ACCOUNT" => self.result_no_account,
            "PHONE_ABSENT" | "DELIVERY_ERROR" => self.result_phone_absent,
            "WRONG_VC" => self.result_wrong_code,
            "CARRIER_UNAVAILABLE" => self.result_unavailable,
            "TOO_MANY_ATTEMPTS" => self.result_too_many,
            "SIM_ERROR" | "DOCUMENT_UNUSABLE" => self.result_unusable,
            refused if refused.starts_with("USER_REFUSED_") => self.result_cancelled,
            // A signature, certificate or person that does not fit: nothing a person can do about.
            _ => self.result_not_accepted,
        }
    }
}

texts! {
    // Every page.
    skip: "Skip to the content", "Liigu sisu juurde";
    service: "Authentication service", "Autentimisteenus";
    simulated: "A simulated country: nobody here exists, and nothing here has effect.", "Simuleeritud riik: siinseid inimesi ei ole olemas ja miski siin ei oma õigusjõudu.";
    language: "Language", "Keel";
    footer: "The provider tells the service who you are: your name, national ID and date of birth, and the phone number of your Mobile-ID if it asks for it. Nothing else.", "Autentimisteenus ütleb e-teenusele, kes sa oled: nime, isikukoodi ja sünniaja ning Mobiil-ID telefoninumbri, kui e-teenus seda küsib. Ei midagi muud.";

    // Choosing a way.
    login_title: "Log in", "Logi sisse";
    login_to: "You are logging in to", "Logid sisse e-teenusesse";
    mobile_id: "Mobile-ID", "Mobiil-ID";
    mobile_id_hint: "The key is in the SIM card of your phone.", "Võti on sinu telefoni SIM-kaardil.";
    smart_id: "Smart-ID", "Smart-ID";
    smart_id_hint: "The key is in an app on your phone.", "Võti on sinu telefoni rakenduses.";
    national_id: "National ID", "Isikukood";
    national_id_wrong: "A national ID has digits, letters and dashes only.", "Isikukoodis on ainult numbrid, tähed ja sidekriipsud.";
    phone_number: "Phone number", "Telefoninumber";
    phone_number_hint: "With the country's prefix, for example +37200000766", "Koos riigi suunakoodiga, näiteks +37200000766";
    phone_number_wrong: "A phone number is + and digits.", "Telefoninumber on + ja numbrid.";
    go_on: "Continue", "Jätka";
    cancel: "Cancel and return", "Katkesta ja mine tagasi";

    // Waiting.
    wait_title: "Look at your phone", "Vaata oma telefoni";
    code_label: "Verification code", "Kontrollkood";
    wait_check: "Enter your PIN only if the phone shows the same code.", "Sisesta PIN ainult siis, kui telefon näitab sama koodi.";
    wait_patience: "This page goes on by itself once you have answered.", "See leht liigub ise edasi, kui oled vastanud.";
    wait_now: "Look now", "Vaata kohe";

    // Refused.
    refused_title: "You were not logged in", "Sisselogimine ei õnnestunud";
    try_again: "Try again", "Proovi uuesti";
    result_cancelled: "You refused on the phone.", "Keeldusid telefonis.";
    result_timeout: "There was no answer from the phone in time.", "Telefonist ei tulnud õigel ajal vastust.";
    result_no_account: "Nobody with this data uses this way of logging in.", "Nende andmetega inimesel ei ole seda sisselogimisviisi.";
    result_phone_absent: "The phone cannot be reached. Is it switched on?", "Telefon ei ole kättesaadav. Kas see on sisse lülitatud?";
    result_wrong_code: "Another verification code was chosen on the phone.", "Telefonis valiti vale kontrollkood.";
    result_unavailable: "The service does not answer at the moment. Try another way, or later.", "Teenus praegu ei vasta. Proovi muud viisi või hiljem uuesti.";
    result_too_many: "That was tried too often. Go back to the service and begin anew.", "Liiga palju katseid. Mine tagasi e-teenusesse ja alusta uuesti.";
    result_unusable: "This SIM card or account cannot be used.", "Seda SIM-kaarti või kontot ei saa kasutada.";
    result_not_accepted: "The answer was not accepted.", "Vastust ei aktsepteeritud.";

    // What cannot go on.
    problem_title: "This does not work", "Nii ei saa";
    problem_flow: "This log-in is over or was begun in another browser. Go back to the service and begin anew.", "See sisselogimine on lõppenud või algas teises brauseris. Mine tagasi e-teenusesse ja alusta uuesti.";
    problem_form: "This form came from elsewhere and was not accepted.", "See vorm tuli mujalt ja seda ei võetud vastu.";
    problem_request: "The service sent you here with a request that cannot be answered.", "E-teenus saatis sind siia päringuga, millele ei saa vastata.";
    problem_server: "Something went wrong here. Try again later.", "Siin läks midagi valesti. Proovi hiljem uuesti.";
    problem_page: "There is no such page.", "Sellist lehte ei ole.";
    home_title: "Authentication service", "Autentimisteenus";
    home_text: "You come here from a service that wants to know who you are. There is nothing to do without one.", "Siia tullakse e-teenusest, mis soovib teada, kes sa oled. Ilma selleta pole siin midagi teha.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_found_by_code_and_region() {
        assert_eq!(Language::of_code("et"), Some(Language::Estonian));
        assert_eq!(Language::of_code("en-GB"), Some(Language::English));
        assert_eq!(Language::of_code("ru"), None);
    }

    #[test]
    fn every_refusal_of_a_person_is_told_as_one() {
        let texts = Language::English.texts();
        assert_eq!(
            texts.of_result("USER_REFUSED_VC_CHOICE"),
            texts.result_cancelled
        );
        assert_eq!(texts.of_result("anything"), texts.result_not_accepted);
    }
}
