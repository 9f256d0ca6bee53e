//! The key that signs ID tokens.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Reader, SliceReader};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The only algorithm of TARA's tokens.
const ALGORITHM: Algorithm = Algorithm::RS256;

/// An RSA key of 2048 bits, made anew at every start.
///
/// The library of tokens would read and check the private key again for every token, which costs more
/// than signing; so the key signs itself, and the library reads.
pub(crate) struct TokenKey {
    pair: KeyPair,
    verifier: DecodingKey,
    header: Header,
    public: JwkSet,
}

/// Why there is no key, or no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    /// The library made none.
    #[error("generate an RSA key")]
    Generate,
    /// The key made cannot be read.
    #[error("read the RSA key made")]
    Read(#[from] der::Error),
    /// The public key could not be written.
    #[error("publish the RSA key made")]
    Publish(#[from] jsonwebtoken::errors::Error),
    /// What a token says is no JSON.
    #[error("write a token")]
    Write(#[from] serde_json::Error),
    /// The key signed nothing.
    #[error("sign a token")]
    Sign,
}

// === impl TokenKey ===

impl TokenKey {
    pub(crate) fn generate() -> Result<Self, TokenKeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| TokenKeyError::Generate)?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| TokenKeyError::Generate)?;
        let key = EncodingKey::from_rsa_der(rsa_private_key(pkcs8.as_ref())?);
        let mut public = Jwk::from_encoding_key(&key, ALGORITHM)?;
        let name = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        public.common.key_operations = Some(vec![KeyOperations::Verify]);
        public.common.key_id = Some(name.clone());
        let mut header = Header::new(ALGORITHM);
        header.kid = Some(name);
        Ok(Self {
            verifier: DecodingKey::from_jwk(&public)?,
            pair,
            header,
            public: JwkSet { keys: vec![public] },
        })
    }

    /// The public key as others fetch it (RFC 7517).
    pub(crate) const fn public(&self) -> &JwkSet {
        &self.public
    }

    /// A signed token of `claims`.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, TokenKeyError> {
        self.signed(&self.header, claims)
    }

    /// The same for the end of a session, of a type that nobody takes for an ID token
    /// (OpenID Connect Back-Channel Logout 1.0, section 2.4).
    pub(crate) fn sign_logout(&self, claims: &impl Serialize) -> Result<String, TokenKeyError> {
        let mut header = self.header.clone();
        header.typ = Some("logout+jwt".to_owned());
        self.signed(&header, claims)
    }

    /// The compact form (RFC 7515, section 7.1).
    fn signed(&self, header: &Header, claims: &impl Serialize) -> Result<String, TokenKeyError> {
        let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(header)?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_| TokenKeyError::Sign)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The claims of an ID token that this key has signed, however old it is: a hint of a session
    /// may be past its time. What the token says of its algorithm and key must be what it is.
    pub(crate) fn read<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != ALGORITHM || header.kid != self.header.kid || header.typ != self.header.typ
        {
            return None;
        }
        let mut validation = Validation::new(ALGORITHM);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let read = jsonwebtoken::decode::<T>(token, &self.verifier, &validation);
        read.ok().map(|read| read.claims)
    }
}

/// The `RSAPrivateKey` (RFC 8017, appendix A.1.2) inside a `PrivateKeyInfo` (RFC 5208, section 5).
fn rsa_private_key(pkcs8: &[u8]) -> Result<&[u8], der::Error> {
    let mut reader = SliceReader::new(pkcs8)?;
    reader.sequence(|info| {
        u8::decode(info)?; // version
        AnyRef::decode(info)?; // privateKeyAlgorithm
        let key = <&OctetStringRef>::decode(info)?;
        Ok(key.as_bytes())
    })
}

/// `at_hash`: half of the token's SHA-256 (OpenID Connect Core, section 3.1.3.6), in standard
/// base64 with padding, as TARA writes it.
pub(crate) fn access_token_hash(access_token: &str) -> String {
    STANDARD.encode(half_hash(access_token))
}

/// The same as the standard has it.
pub(crate) fn url_safe_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(half_hash(access_token))
}

fn half_hash(access_token: &str) -> Vec<u8> {
    let hash = crate::secrets::sha256(access_token.as_bytes());
    hash.split_at(hash.len() / 2).0.to_vec()
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    #[test]
    fn a_token_is_verified_with_the_published_key() {
        let key = TokenKey::generate().unwrap();
        let token = key.sign(&serde_json::json!({ "sub": "EE1" })).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let public = key.public().find(&header.kid.unwrap()).unwrap();
        let mut validation = Validation::new(ALGORITHM);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        let verifier = DecodingKey::from_jwk(public).unwrap();
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &verifier, &validation);
        assert_eq!(read.unwrap().claims["sub"], "EE1");
    }

    #[test]
    fn the_hash_is_half_as_long_and_padded() {
        let hash = access_token_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ==");
        let hash = url_safe_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
