//! What an insider can do: sign with the keys that lie on the security servers.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sim_domain::MemberId;
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::keys::MemberKey;
use sim_evidence::signature::MemberSigner;
use sim_message_log::{LoggedBody, LoggedChain, MessageRecord, Stamper};

use super::{Ground, LieError};

/// The element of a signature document that holds the status of its certificate.
const OCSP_ELEMENT: &str = "EncapsulatedOCSPValue";

/// A signer with the key and certificate of a member, from the server that signs for it.
pub(super) fn signer_of<S: Stamper>(
    ground: &Ground<'_, S>,
    member: &MemberId,
) -> Result<Option<MemberSigner>, LieError> {
    let servers = &ground.scenario.security_servers;
    let signs_for_member = servers.iter().find(|server| {
        let mut clients = server.clients.iter();
        clients.any(|client| client.client.member() == member)
    });
    let Some(server) = signs_for_member else {
        return Ok(None);
    };
    // As security servers name the files of their keys.
    let keys = ground.folder.node(&server.code).join("data").join("keys");
    let name = format!("signing-{}-{}", member.class(), member.code());
    let key = MemberKey::from_pkcs8_der(&read(&keys.join(format!("{name}.key.der")))?);
    let certificate = Certificate::parse(read(&keys.join(format!("{name}.crt.der")))?);
    let key = key.map_err(|source| LieError::Key {
        member: member.clone(),
        source,
    })?;
    let certificate = certificate.map_err(|source| LieError::Certificate {
        member: member.clone(),
        source,
    })?;
    Ok(Some(MemberSigner::new(key, certificate)))
}

/// The message with a signature of its own, made when it was logged, and with the certificate
/// status that `model`, a signature document by the same key, carries.
pub(super) fn sign(signer: &MemberSigner, message: MessageRecord, model: &[u8]) -> MessageRecord {
    let leaf = Leaf {
        message: Sha512::of(&message.head),
        attachment: message.body.as_ref().map(LoggedBody::digest),
    };
    let status = ocsp_response_of(model).unwrap_or_default();
    let batch = signer.sign_batch(&[leaf], &status, message.logged_at);
    let [signature] = &batch.messages[..] else {
        unreachable!("a batch of one message has one signature")
    };
    let compact = |_| LoggedChain::Compact(signature.path.clone());
    MessageRecord {
        signature: signature.document.clone(),
        chain: signature.chain.as_ref().map(compact),
        ..message
    }
}

/// The OCSP response that a signature document encloses, DER.
fn ocsp_response_of(document: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(document).ok()?;
    let (_, rest) = text.split_once(OCSP_ELEMENT)?;
    let (_, rest) = rest.split_once('>')?;
    let (encoded, _) = rest.split_once('<')?;
    STANDARD.decode(encoded).ok()
}

fn read(path: &Path) -> Result<Vec<u8>, LieError> {
    std::fs::read(path).map_err(|source| LieError::File {
        path: path.to_owned(),
        source,
    })
}
