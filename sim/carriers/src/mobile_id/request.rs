//! What relying parties ask of Mobile-ID, read and checked.

use serde::Deserialize;

use super::Refusal;
use super::text;
use crate::app::Carriers;
use crate::digest::{DigestError, SentDigest};

/// Digits of a phone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=30;
/// What the phone's own words may be in, and how HTML names it.
const LANGUAGES: [(&str, &str); 4] = [("EST", "et"), ("ENG", "en"), ("RUS", "ru"), ("LIT", "lt")];

/// As it comes; whatever is missing gets an error of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawRequest {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: Option<String>,
    relying_party_name: Option<String>,
    phone_number: Option<String>,
    national_identity_number: Option<String>,
    hash: Option<String>,
    hash_type: Option<String>,
    language: Option<String>,
    display_text: Option<String>,
    display_text_format: Option<String>,
}

/// Who asks whom.
pub(super) struct Parties {
    pub(super) relying_party: String,
    pub(super) phone_number: String,
    pub(super) national_id: String,
}

/// What shall be signed, and what is said about it.
pub(super) struct Asked {
    pub(super) digest: SentDigest,
    /// As HTML names it.
    pub(super) language: &'static str,
    /// As the phone can show it.
    pub(super) text: String,
}

impl RawRequest {
    /// Who asks, where they may, and whom.
    pub(super) fn parties(&self, carriers: &Carriers) -> Result<Parties, Refusal> {
        let uuid = required("relyingPartyUUID", self.relying_party_uuid.as_deref())?;
        let name = required("relyingPartyName", self.relying_party_name.as_deref())?;
        let phone = required("phoneNumber", self.phone_number.as_deref())?;
        let whom = &self.national_identity_number;
        let national_id = required("nationalIdentityNumber", whom.as_deref())?;
        let digits = phone.strip_prefix('+').unwrap_or_default();
        let is_number = PHONE_DIGITS.contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number {
            return Err(Refusal::Parameter(format!(
                "phoneNumber must be + and {} to {} digits",
                PHONE_DIGITS.start(),
                PHONE_DIGITS.end()
            )));
        }
        let relying_party = carriers.relying_party(uuid, name);
        Ok(Parties {
            relying_party: relying_party.ok_or(Refusal::RelyingParty)?.to_owned(),
            phone_number: phone.to_owned(),
            national_id: national_id.to_owned(),
        })
    }

    /// What shall be signed.
    pub(super) fn asked(&self) -> Result<Asked, Refusal> {
        let hash = required("hash", self.hash.as_deref())?;
        let hash_type = required("hashType", self.hash_type.as_deref())?;
        let refused = |error: DigestError| Refusal::Parameter(error.to_string());
        let digest = SentDigest::read_named(hash, hash_type).map_err(refused)?;
        let language = required("language", self.language.as_deref())?;
        let known = LANGUAGES.iter().find(|(name, _)| *name == language);
        let (_, language) = *known.ok_or_else(|| {
            Refusal::Parameter("language must be EST, ENG, RUS or LIT".to_owned())
        })?;
        let text = self.display_text.as_deref().unwrap_or_default();
        let text = text::shown(text, self.display_text_format.as_deref());
        Ok(Asked {
            digest,
            language,
            text: text.map_err(|error| Refusal::Parameter(error.to_string()))?,
        })
    }
}

fn required<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, Refusal> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refusal::Parameter(format!("Required {name} is missing.")))
}
