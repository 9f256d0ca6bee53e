//! What a relying party is told once a session is over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::SignatureProtocol;
use super::acsp_v2::FLOW_TYPE;
use crate::digest::HashType;
use crate::outcome::Outcome;
use crate::sessions::{Done, Prompt, Proof};
use crate::smart_id::Interaction;

/// The answer to a poll of a session that is over.
pub(super) fn answer(
    prompt: &Prompt,
    done: &Done,
    protocol: &SignatureProtocol,
    ignored: &[String],
) -> Value {
    let mut answer = json!({ "state": "COMPLETE", "result": { "endResult": done.result } });
    if !ignored.is_empty() {
        answer["ignoredProperties"] = ignored.into();
    }
    let interaction = prompt.interaction.map(Interaction::name);
    let is_refused = matches!(done.outcome, Outcome::Refused | Outcome::WrongCode);
    if let (true, Some(interaction)) = (is_refused, interaction) {
        answer["result"]["details"] = json!({ "interaction": interaction });
    }
    let Some(proof) = &done.proof else {
        return answer;
    };
    answer["result"]["documentNumber"] = prompt.address.as_str().into();
    answer["cert"] = json!({
        "value": STANDARD.encode(&proof.credential.certificate_der),
        "certificateLevel": "QUALIFIED",
    });
    if let Some(interaction) = interaction {
        answer["interactionTypeUsed"] = interaction.into();
    }
    let (name, signature) = signature(protocol, proof);
    answer["signature"] = signature;
    if let Some(name) = name {
        answer["signatureProtocol"] = name.into();
    }
    answer
}

fn signature(protocol: &SignatureProtocol, proof: &Proof) -> (Option<&'static str>, Value) {
    match protocol {
        SignatureProtocol::None => (None, json!({ "flowType": FLOW_TYPE })),
        SignatureProtocol::RawDigest { hash_type } => {
            (Some("RAW_DIGEST_SIGNATURE"), of_key(*hash_type, proof))
        }
        SignatureProtocol::AcspV2 {
            hash_type,
            server_random,
            user_challenge,
        } => {
            let mut signature = of_key(*hash_type, proof);
            signature["serverRandom"] = server_random.as_str().into();
            signature["userChallenge"] = user_challenge.as_str().into();
            (Some("ACSP_V2"), signature)
        }
    }
}

/// The real one says `rsassa-pss` and its parameters.
fn of_key(hash_type: HashType, proof: &Proof) -> Value {
    json!({
        "value": STANDARD.encode(&proof.signature),
        "flowType": FLOW_TYPE,
        "signatureAlgorithm": "ecdsa",
        "signatureAlgorithmParameters": { "hashAlgorithm": hash_type.dashed_name() },
    })
}
