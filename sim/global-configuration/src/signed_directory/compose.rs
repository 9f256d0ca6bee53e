//! Writes and signs a directory.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Directory, DirectoryPart, DirectorySigner, ECDSA_SHA512, SHA512};

const BOUNDARY_LEN: usize = 20;

/// The signed directory, ready to be sent. Its first line is also the `Content-Type` header of the
/// reply that carries it.
#[must_use]
pub fn compose(directory: &Directory, signer: &DirectorySigner) -> Vec<u8> {
    // Random, so that no content can be made to hold a boundary.
    let (outer, inner) = (random_boundary(), random_boundary());
    let signed = signed_part(directory, &inner);
    let signature = signer.key.sign_sha512_asn1(&[signed.as_bytes()]);
    let signature = STANDARD.encode(signature);
    let certificate_hash = signer.certificate.sha512().to_base64();
    format!(
        "Content-Type: multipart/related; charset=UTF-8; boundary={outer}\r\n\
         \r\n\
         --{outer}\r\n\
         Content-Type: multipart/mixed; charset=UTF-8; boundary={inner}\r\n\
         \r\n\
         {signed}\r\n\
         --{outer}\r\n\
         Content-Type: application/octet-stream\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Signature-Algorithm-Id: {ECDSA_SHA512}\r\n\
         Verification-certificate-hash: {certificate_hash}; hash-algorithm-id=\"{SHA512}\"\r\n\
         \r\n\
         {signature}\r\n\
         --{outer}--\r\n"
    )
    .into_bytes()
}

/// The bytes that are signed.
fn signed_part(directory: &Directory, inner: &str) -> String {
    let expires_at = directory.expires_at.rfc3339_seconds();
    let version = directory.version;
    let mut signed =
        format!("--{inner}\r\nExpire-date: {expires_at}\r\nVersion: {version}\r\n\r\n");
    for part in &directory.parts {
        push_part(&mut signed, part, inner);
    }
    signed.push_str(&format!("--{inner}--\r\n"));
    signed
}

fn push_part(signed: &mut String, part: &DirectoryPart, inner: &str) {
    let mut line = |text: &str| {
        signed.push_str(text);
        signed.push_str("\r\n");
    };
    line(&format!("--{inner}"));
    line("Content-type: application/octet-stream");
    line("Content-transfer-encoding: base64");
    let identifier = &part.content_identifier;
    match &part.instance {
        Some(instance) => line(&format!(
            "Content-identifier: {identifier}; instance='{instance}'"
        )),
        None => line(&format!("Content-identifier: {identifier}")),
    }
    line(&format!("Content-location: {}", part.location));
    if let Some(file_name) = &part.file_name {
        line(&format!("Content-file-name: {file_name}"));
    }
    line(&format!("Hash-algorithm-id: {}", part.hash.algorithm()));
    line("");
    line(&STANDARD.encode(part.hash.as_bytes()));
}

fn random_boundary() -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = [0_u8; BOUNDARY_LEN];
    aws_lc_rs::rand::fill(&mut random).expect("the system has randomness");
    // The slight bias of the remainder does not matter: nobody gains by guessing a boundary.
    random
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect()
}
