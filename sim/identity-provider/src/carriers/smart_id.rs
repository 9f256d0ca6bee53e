//! Smart-ID's relying-party interface, version 2: the key is shared between an app and its server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::{Carriers, Poll, Refusal, signed};
use crate::secrets::sha256;
use crate::texts::Language;

const BASE: &str = "/smart-id-rp/v2";
/// What a log-in takes; the answer must be of it.
const LEVEL: &str = "QUALIFIED";
/// What of a national ID is not written as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: &'a str,
    relying_party_name: &'a str,
    certificate_level: &'static str,
    hash: String,
    hash_type: &'static str,
    allowed_interactions_order: [Interaction; 2],
}

#[derive(Serialize)]
struct Interaction {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "displayText60")]
    text: &'static str,
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
    result: Option<EndResult>,
    #[serde(default)]
    signature: Option<Signature>,
    #[serde(default)]
    cert: Option<SessionCertificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndResult {
    end_result: String,
}

#[derive(Deserialize)]
struct Signature {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionCertificate {
    value: String,
    certificate_level: String,
}

/// The last two bytes of the hash's SHA-256, as a number of four digits.
pub(super) fn verification_code(hash: &[u8; 32]) -> String {
    let [.., high, low] = sha256(hash);
    format!("{:04}", u16::from_be_bytes([high, low]) % 10_000)
}

impl Carriers {
    pub(super) async fn start_smart_id(
        &self,
        national_id: &str,
        hash: &[u8; 32],
        language: Language,
    ) -> Result<String, Refusal> {
        let text = language.texts().login_title;
        let interaction = |kind| Interaction { kind, text };
        let request = Request {
            relying_party_uuid: &self.relying_party.uuid,
            relying_party_name: &self.relying_party.name,
            certificate_level: LEVEL,
            hash: STANDARD.encode(hash),
            hash_type: "SHA256",
            allowed_interactions_order: ["verificationCodeChoice", "displayTextAndPIN"]
                .map(interaction),
        };
        let id = utf8_percent_encode(national_id, ENCODED);
        let path = format!("{BASE}/authentication/etsi/PNO{}-{id}", self.country);
        let started: Started = self.post(&path, &request).await?;
        Ok(started.session_id)
    }

    pub(super) async fn poll_smart_id(&self, session: &str) -> Result<Poll, Refusal> {
        let session: Session = self.get(&format!("{BASE}/session/{session}")).await?;
        Ok(match session.state.as_str() {
            "COMPLETE" => Poll::Complete(session.complete()),
            _ => Poll::Running,
        })
    }
}

impl Session {
    fn complete(self) -> Result<super::Signed, Refusal> {
        let result = self
            .result
            .map(|result| result.end_result)
            .unwrap_or_default();
        match (result.as_str(), self.signature, self.cert) {
            ("OK", Some(signature), Some(cert)) if cert.certificate_level == LEVEL => {
                signed(&cert.value, &signature.value)
            }
            ("OK", ..) => Err(Refusal::NOT_ACCEPTED),
            (result, ..) => Err(Refusal::of_carrier(result)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was computed with another program.
    #[test]
    fn the_code_is_of_the_last_two_bytes_of_the_hash_of_the_hash() {
        assert_eq!(verification_code(&[7; 32]), "8112");
    }
}
