//! Smart-ID's relying-party protocol, version 2, the part that signs: the person first chooses the
//! document, then signs.

use aws_lc_rs::digest::{SHA256, digest as hash};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use super::carrier::{Asked, CarrierError, Carriers, Session, decoded};
use super::mobile_id::shortened;
use super::{Means, Order, SigningError};

const BASE: &str = "/smart-id-rp/v2";
/// The longest text of the interaction used, in bytes; the protocol counts characters.
const MAX_TEXT: usize = 60;

pub(super) async fn certificate(
    carriers: &Carriers,
    order: &Order<'_>,
) -> Result<Vec<u8>, SigningError> {
    let request = whose(carriers);
    let path = format!("{BASE}/certificatechoice/etsi/{}", whom(order));
    let session = begin(carriers, &path, &request).await?;
    let answer = carriers.wait(&session, read).await?;
    let certificate = answer["cert"]["value"].as_str();
    Ok(decoded(
        certificate.ok_or(CarrierError::Missing("certificate"))?,
    )?)
}

/// What a simulated phone shows while it asks which document signs: there is no digest yet, and it
/// shows the code of 32 zero octets. (A real one shows none.)
pub(super) fn code_of_choice() -> String {
    verification_code(&[0; 32])
}

pub(super) async fn ask_to_sign(
    carriers: &Carriers,
    order: &Order<'_>,
    digest: &[u8; 32],
) -> Result<Asked, SigningError> {
    let mut request = whose(carriers);
    request["hash"] = STANDARD.encode(digest).into();
    request["hashType"] = "SHA256".into();
    request["allowedInteractionsOrder"] = json!([
        { "type": "displayTextAndPIN", "displayText60": shortened(&order.text, MAX_TEXT) }
    ]);
    let path = format!("{BASE}/signature/etsi/{}", whom(order));
    Ok(Asked {
        session: begin(carriers, &path, &request).await?,
        code: verification_code(digest),
        means: Means::SmartId,
    })
}

pub(super) fn read(answer: Value) -> Session {
    if answer["state"] == "COMPLETE" {
        let result = answer["result"]["endResult"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Session::Ended(result, answer)
    } else {
        Session::Running
    }
}

async fn begin(carriers: &Carriers, path: &str, request: &Value) -> Result<String, SigningError> {
    let answer = carriers
        .ask::<Value>(Method::POST, path, Some(request))
        .await;
    let answer = match answer {
        // Nobody of this ID has an account.
        Err(CarrierError::Status(http::StatusCode::NOT_FOUND)) => {
            return Err(SigningError::NotSigned("NOT_FOUND".to_owned()));
        }
        other => other?,
    };
    let id = answer["sessionID"]
        .as_str()
        .ok_or(CarrierError::Missing("session"))?;
    Ok(format!("{BASE}/session/{id}"))
}

/// The last two bytes of the digest's own digest, modulo 10,000.
fn verification_code(digest: &[u8]) -> String {
    let digest = hash(&SHA256, digest);
    let last = digest
        .as_ref()
        .last_chunk::<2>()
        .copied()
        .unwrap_or_default();
    format!("{:04}", u16::from_be_bytes(last) % 10_000)
}

/// `PNOEE-38001085718`.
fn whom(order: &Order<'_>) -> String {
    let national_id = &order.person.national_id;
    let country = order.person.country();
    format!("PNO{country}-{national_id}")
}

fn whose(carriers: &Carriers) -> Value {
    json!({
        "relyingPartyUUID": carriers.relying_party.uuid,
        "relyingPartyName": carriers.relying_party.name,
        "certificateLevel": "QUALIFIED",
        // Asking again at once is asking anew.
        "nonce": shortened(&uuid::Uuid::new_v4().simple().to_string(), 30),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own example.
    #[test]
    fn the_code_is_that_of_the_specification() {
        let signed = "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU\
                      /iRXenYg==";
        assert_eq!(verification_code(&STANDARD.decode(signed).unwrap()), "7180");
    }
}
