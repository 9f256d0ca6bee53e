//! The text that a relying party has shown on a phone, in what the phone can show.

/// Characters of a text in the default alphabet of GSM 7 bit.
const MAX_GSM_7: usize = 100;
/// Characters of a text in UCS-2: two bytes each.
const MAX_UCS_2: usize = 50;
/// The default alphabet of GSM 03.38, without what ASCII letters and digits are in it anyway.
const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Its extension, and how many of it a text may have.
const GSM_7_EXTENSION: &str = "€[]^|{}\\~";
const MAX_EXTENDED: usize = 5;

/// Why a text cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TextError {
    #[error("displayTextFormat must be GSM-7 or UCS-2")]
    Format,
    #[error(
        "displayText must have at most 100 bytes: {MAX_GSM_7} characters of GSM-7 \
         ({MAX_EXTENDED} of its extension) or {MAX_UCS_2} of UCS-2"
    )]
    TooLong,
}

/// What stands on the phone: in GSM-7, what is not in the alphabet becomes a space (SK-EID/MID,
/// section 3.2.3).
pub(super) fn shown(text: &str, format: Option<&str>) -> Result<String, TextError> {
    match format.unwrap_or("GSM-7") {
        "GSM-7" => {
            let extended = |character: &char| GSM_7_EXTENSION.contains(*character);
            let is_too_long = text.chars().count() > MAX_GSM_7
                || text.chars().filter(extended).count() > MAX_EXTENDED;
            if is_too_long {
                return Err(TextError::TooLong);
            }
            Ok(text.chars().map(in_gsm_7).collect())
        }
        "UCS-2" if text.encode_utf16().count() > MAX_UCS_2 => Err(TextError::TooLong),
        "UCS-2" => Ok(text.to_owned()),
        _ => Err(TextError::Format),
    }
}

fn in_gsm_7(character: char) -> char {
    let is_in = character.is_ascii_alphanumeric()
        || GSM_7.contains(character)
        || GSM_7_EXTENSION.contains(character);
    if is_in { character } else { ' ' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_alphabet_becomes_a_space() {
        let check = |text, expected: &str| assert_eq!(shown(text, None).unwrap(), expected);
        check("Log in to Äpp?", "Log in to Äpp?");
        check("Kas sõlmid lepingu? 5 €", "Kas s lmid lepingu? 5 €");
        check("Войти", "     ");
        assert_eq!(shown("Войти, õ", Some("UCS-2")).unwrap(), "Войти, õ");
    }

    #[test]
    fn both_formats_have_a_limit() {
        let long = Err(TextError::TooLong);
        assert!(shown(&"x".repeat(100), Some("GSM-7")).is_ok());
        assert_eq!(shown(&"x".repeat(101), Some("GSM-7")), long);
        assert!(shown(&"õ".repeat(50), Some("UCS-2")).is_ok());
        assert_eq!(shown(&"õ".repeat(51), Some("UCS-2")), long);
        assert!(shown("[[]]€", None).is_ok());
        assert_eq!(shown("[[]]€€", None), long);
        assert_eq!(shown("x", Some("ASCII")), Err(TextError::Format));
    }
}
