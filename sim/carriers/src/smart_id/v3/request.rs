//! What relying parties ask of version 3, read and checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Body;
use super::problem::Problem;
use crate::app::Carriers;
use crate::digest::{HashType, SentDigest};
use crate::sessions::Operation;
use crate::smart_id::NONCE_LEN;
use crate::smart_id::account::Level;
use crate::smart_id::interaction::{Interaction, RawInteraction, Shown, allowed};

/// Bytes of a relying party's challenge.
const CHALLENGE_LEN: std::ops::RangeInclusive<usize> = 32..=64;
/// The property that needs a permission that nobody here has.
const SHARE_ADDRESS: &str = "shareMdClientIpAddress";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: String,
    pub(super) relying_party_name: String,
    certificate_level: Option<String>,
    #[serde(default)]
    signature_protocol: String,
    #[serde(default)]
    signature_protocol_parameters: Parameters,
    /// Base64 of a JSON array.
    #[serde(default)]
    pub(super) interactions: String,
    nonce: Option<String>,
    vc_type: Option<String>,
    #[serde(default)]
    request_properties: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    #[serde(default)]
    rp_challenge: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    signature_algorithm: String,
    signature_algorithm_parameters: Option<AlgorithmParameters>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlgorithmParameters {
    hash_algorithm: String,
}

/// What the relying party has signed to know that the answer is new.
pub(super) struct Challenge {
    /// As it was sent.
    pub(super) text: String,
    pub(super) bytes: Vec<u8>,
    pub(super) hash_type: HashType,
}

impl Request {
    /// The request, and with it everything that was sent.
    pub(super) fn read(body: &Body) -> Result<(Value, Self), Problem> {
        let unreadable = |error: serde_json::Error| Problem::parameter("", error.to_string());
        let sent: Value = serde_json::from_slice(body).map_err(unreadable)?;
        let request = Self::deserialize(&sent).map_err(unreadable)?;
        Ok((sent, request))
    }

    pub(super) fn relying_party<'a>(&self, carriers: &'a Carriers) -> Result<&'a str, Problem> {
        carriers
            .relying_party(&self.relying_party_uuid, &self.relying_party_name)
            .ok_or(Problem::RelyingParty)
    }

    pub(super) fn level(&self, operation: Operation) -> Result<Level, Problem> {
        let is_for_signing = operation != Operation::Authentication;
        let level = Level::read(self.certificate_level.as_deref(), is_for_signing);
        let words = "ADVANCED or QUALIFIED is wanted, to sign also QSCD";
        level.ok_or_else(|| Problem::parameter("certificateLevel", words))
    }

    /// What does not depend on what is signed.
    pub(super) fn check(&self, operation: Operation) -> Result<(), Problem> {
        let has_bad_nonce = |nonce: &String| !NONCE_LEN.contains(&nonce.chars().count());
        if self.nonce.as_ref().is_some_and(has_bad_nonce) {
            return Err(Problem::parameter("nonce", "1 to 30 characters are wanted"));
        }
        let expected = match operation {
            Operation::Authentication => "ACSP_V2",
            Operation::Signing => "RAW_DIGEST_SIGNATURE",
            Operation::CertificateChoice => "",
        };
        if self.signature_protocol != expected {
            let words = format!("`{expected}` is wanted");
            return Err(Problem::parameter("signatureProtocol", words));
        }
        let needs_code = operation == Operation::Authentication;
        if needs_code && self.vc_type.as_deref() != Some("numeric4") {
            return Err(Problem::parameter("vcType", "numeric4 is wanted"));
        }
        if self.request_properties.get(SHARE_ADDRESS) == Some(&Value::Bool(true)) {
            return Err(Problem::AddressIsNotShared);
        }
        Ok(())
    }

    /// Properties of the request that mean nothing here.
    pub(super) fn ignored(&self) -> Vec<String> {
        let known = |name: &&String| *name == SHARE_ADDRESS;
        let properties = self.request_properties.keys();
        properties
            .filter(|name| !known(name))
            .map(Clone::clone)
            .collect()
    }

    pub(super) fn challenge(&self) -> Result<Challenge, Problem> {
        let parameters = &self.signature_protocol_parameters;
        let text = &parameters.rp_challenge;
        let bytes = STANDARD.decode(text).ok();
        let bytes = bytes.filter(|bytes| CHALLENGE_LEN.contains(&bytes.len()));
        let words = "32 to 64 bytes in base64 are wanted";
        Ok(Challenge {
            text: text.clone(),
            bytes: bytes.ok_or_else(|| Problem::parameter("rpChallenge", words))?,
            hash_type: parameters.hash_type()?,
        })
    }

    pub(super) fn digest(&self) -> Result<SentDigest, Problem> {
        let parameters = &self.signature_protocol_parameters;
        SentDigest::read(&parameters.digest, parameters.hash_type()?)
            .map_err(|error| Problem::parameter("digest", error.to_string()))
    }

    pub(super) fn interactions(&self) -> Result<Vec<Shown>, Problem> {
        let refused = |words: String| Problem::parameter("interactions", words);
        let json = STANDARD.decode(&self.interactions);
        let json = json.map_err(|_| refused("base64 is wanted".to_owned()))?;
        let raw: Vec<RawInteraction> =
            serde_json::from_slice(&json).map_err(|error| refused(error.to_string()))?;
        // Version 3 has no choice of codes without a long text.
        let known = |interaction| interaction != Interaction::VerificationCodeChoice;
        allowed(raw, known).map_err(|error| refused(error.to_string()))
    }
}

impl Parameters {
    fn hash_type(&self) -> Result<HashType, Problem> {
        let old = match self.signature_algorithm.as_str() {
            "rsassa-pss" => None,
            "sha256WithRSAEncryption" => Some(HashType::Sha256),
            "sha384WithRSAEncryption" => Some(HashType::Sha384),
            "sha512WithRSAEncryption" => Some(HashType::Sha512),
            _ => {
                let words = "rsassa-pss or one of the older ones is wanted";
                return Err(Problem::parameter("signatureAlgorithm", words));
            }
        };
        let named = || {
            let parameters = self.signature_algorithm_parameters.as_ref()?;
            HashType::from_dashed_name(&parameters.hash_algorithm)
        };
        let words = "SHA-256, SHA-384 or SHA-512 is wanted";
        old.or_else(named)
            .ok_or_else(|| Problem::parameter("hashAlgorithm", words))
    }
}
