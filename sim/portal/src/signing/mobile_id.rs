//! Mobile-ID's REST protocol (SK-EID/MID, version 5), the part that signs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use super::carrier::{Asked, CarrierError, Carriers, Session, decoded};
use super::{Means, Order, SigningError};

/// The longest text in UCS-2, in bytes; the protocol counts 50 units of UTF-16, of which a text has
/// no more than bytes.
const MAX_TEXT: usize = 50;

pub(super) async fn certificate(
    carriers: &Carriers,
    order: &Order<'_>,
    phone_number: &str,
) -> Result<Vec<u8>, SigningError> {
    let request = whose(carriers, order, phone_number);
    let answer: Value = carriers
        .ask(Method::POST, "/mid-api/certificate", Some(&request))
        .await?;
    match answer["result"].as_str() {
        Some("OK") => {
            let certificate = answer["cert"].as_str();
            Ok(decoded(
                certificate.ok_or(CarrierError::Missing("certificate"))?,
            )?)
        }
        Some(result) => Err(SigningError::NotSigned(result.to_owned())),
        None => Err(CarrierError::Missing("result").into()),
    }
}

pub(super) async fn ask_to_sign(
    carriers: &Carriers,
    order: &Order<'_>,
    phone_number: &str,
    digest: &[u8; 32],
) -> Result<Asked, SigningError> {
    let mut request = whose(carriers, order, phone_number);
    request["hash"] = STANDARD.encode(digest).into();
    request["hashType"] = "SHA256".into();
    request["language"] = order.language.mobile_id_code().into();
    request["displayText"] = shortened(&order.text, MAX_TEXT).into();
    request["displayTextFormat"] = "UCS-2".into();
    let answer: Value = carriers
        .ask(Method::POST, "/mid-api/signature", Some(&request))
        .await?;
    let id = answer["sessionID"]
        .as_str()
        .ok_or(CarrierError::Missing("session"))?;
    Ok(Asked {
        session: format!("/mid-api/signature/session/{id}"),
        code: verification_code(digest),
        means: Means::MobileId {
            phone_number: phone_number.to_owned(),
        },
    })
}

pub(super) fn read(answer: Value) -> Session {
    if answer["state"] == "COMPLETE" {
        let result = answer["result"].as_str().unwrap_or_default().to_owned();
        Session::Ended(result, answer)
    } else {
        Session::Running
    }
}

/// The first 6 and the last 7 bits of the digest, as a number of four digits.
fn verification_code(digest: &[u8; 32]) -> String {
    let number = (u16::from(digest[0] >> 2) << 7) | u16::from(digest[31] & 0x7f);
    format!("{number:04}")
}

fn whose(carriers: &Carriers, order: &Order<'_>, phone_number: &str) -> Value {
    json!({
        "relyingPartyUUID": carriers.relying_party.uuid,
        "relyingPartyName": carriers.relying_party.name,
        "phoneNumber": phone_number,
        "nationalIdentityNumber": order.person.national_id,
    })
}

/// As much of `text` as fits in `max_bytes`.
pub(super) fn shortened(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_the_specification() {
        // 0x2f is 001011 11, 0xb6 is 1 0110110: 001011 0110110 is 1462.
        let mut digest = [0; 32];
        (digest[0], digest[31]) = (0x2f, 0xb6);
        assert_eq!(verification_code(&digest), "1462");
        assert_eq!(verification_code(&[0xff; 32]), "8191");
        assert_eq!(verification_code(&[0; 32]), "0000");
    }
}
