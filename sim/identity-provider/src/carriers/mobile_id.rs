//! Mobile-ID's REST interface: the key is in the phone's SIM card.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{Carriers, Poll, Refusal, signed};
use crate::texts::Language;

/// The algorithm of an answer, for a hash of SHA-256 and a key on a curve.
const ALGORITHM: &str = "SHA256WithECEncryption";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: &'a str,
    relying_party_name: &'a str,
    phone_number: &'a str,
    national_identity_number: &'a str,
    hash: String,
    hash_type: &'static str,
    language: &'static str,
    display_text: &'static str,
    display_text_format: &'static str,
}

#[derive(Deserialize)]
struct Started {
    #[serde(rename = "sessionID")]
    session_id: String,
}

#[derive(Deserialize)]
struct Session {
    state: String,
    #[serde(default)]
    result: String,
    #[serde(default)]
    signature: Option<Signature>,
    #[serde(default)]
    cert: Option<String>,
}

#[derive(Deserialize)]
struct Signature {
    value: String,
    algorithm: String,
}

/// The first six bits and the last seven bits of the hash, as a number.
pub(super) fn verification_code(hash: &[u8; 32]) -> String {
    let [first, .., last] = *hash;
    let code = u16::from(first >> 2) << 7 | u16::from(last & 0x7f);
    format!("{code:04}")
}

impl Carriers {
    pub(super) async fn start_mobile_id(
        &self,
        national_id: &str,
        phone_number: &str,
        hash: &[u8; 32],
        language: Language,
    ) -> Result<String, Refusal> {
        let request = Request {
            relying_party_uuid: &self.relying_party.uuid,
            relying_party_name: &self.relying_party.name,
            phone_number,
            national_identity_number: national_id,
            hash: STANDARD.encode(hash),
            hash_type: "SHA256",
            language: language.mobile_id_code(),
            display_text: language.texts().login_title,
            display_text_format: "GSM-7",
        };
        let started: Started = self.post("/mid-api/authentication", &request).await?;
        Ok(started.session_id)
    }

    pub(super) async fn poll_mobile_id(&self, session: &str) -> Result<Poll, Refusal> {
        let path = format!("/mid-api/authentication/session/{session}");
        let session: Session = self.get(&path).await?;
        Ok(match session.state.as_str() {
            "COMPLETE" => Poll::Complete(session.complete()),
            _ => Poll::Running,
        })
    }
}

impl Session {
    fn complete(self) -> Result<super::Signed, Refusal> {
        match (self.result.as_str(), self.signature, self.cert) {
            ("OK", Some(signature), Some(cert)) if signature.algorithm == ALGORITHM => {
                signed(&cert, &signature.value)
            }
            ("OK", ..) => Err(Refusal::NOT_ACCEPTED),
            (result, ..) => Err(Refusal::of_carrier(result)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_of_six_bits_and_seven() {
        let mut hash = [0xaa; 32];
        (hash[0], hash[31]) = (0x2f, 0xb6);
        assert_eq!(verification_code(&hash), "1462");
        assert_eq!(verification_code(&[0xff; 32]), "8191");
        assert_eq!(verification_code(&[0; 32]), "0000");
    }
}
