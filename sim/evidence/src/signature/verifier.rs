//! Verifying: the steps of X-Road's verifier, and what need not be repeated.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;

use super::cache::{Cache, Signer, Standing, VerifiedDocument};
use super::error::SignatureError;
use super::template::{Signed, Values, certificate_text, read_time, read_value};
use crate::certificate::{
    Certificate, CertificationAuthority, PathError, TrustAnchors, verify_path,
};
use crate::digest::Sha512;
use crate::hash_chain::{ChainForm, HashChain, Leaf, PairMemo, verify_chain};
use crate::ocsp::verify_response;

/// Largest signature document that is read, in bytes; ordinary ones have about six thousand.
const MAX_DOCUMENT_LEN: usize = 256 * 1024;

/// Verifies signatures and remembers what it verified; one for a whole server.
pub struct SignatureVerifier {
    cache: Cache,
    pairs: PairMemo,
}

/// What a signature that holds says.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The sender's signing certificate.
    pub certificate: Certificate,
    /// The document, the same bytes in memory for all messages that share it.
    pub document: Bytes,
    /// How the hash chain can be kept; none where the signature is over the message itself.
    pub chain_form: Option<ChainForm>,
}

impl SignatureVerifier {
    /// A verifier that remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            cache: Cache::new(),
            pairs: PairMemo::new(),
        }
    }

    /// Whether `document`, over `chain` where there is one, is the signature of `sender` on the
    /// message with the digests of `leaf`, and holds at `at`.
    ///
    /// # Errors
    ///
    /// See [`SignatureError`]; the first of X-Road's steps that fails: form and hash chain, signing
    /// certificate, digests and value, path, OCSP response.
    pub fn verify(
        &self,
        document: &Bytes,
        chain: Option<&HashChain>,
        leaf: &Leaf,
        sender: &MemberId,
        anchors: &TrustAnchors,
        at: UtcTime,
    ) -> Result<Verified, SignatureError> {
        let (signed, digest, chain_form) = signed_digest(chain, leaf, &self.pairs)?;
        let remembered = self.cache.document(&digest, signed, document);
        let verified = match remembered.filter(|found| found.still_holds(anchors, at)) {
            Some(found) => {
                self.cache.hits.fetch_add(1, Ordering::Relaxed);
                require_member(&found.signer.certificate, sender)?;
                found
            }
            None => {
                self.cache.misses.fetch_add(1, Ordering::Relaxed);
                self.verify_document(document, signed, &digest, sender, anchors, at)?
            }
        };
        Ok(Verified {
            certificate: verified.signer.certificate.clone(),
            document: verified.document.clone(),
            chain_form,
        })
    }

    /// How many documents were known already, and how many had to be verified.
    #[must_use]
    pub fn documents_known(&self) -> (u64, u64) {
        let (hits, misses) = (&self.cache.hits, &self.cache.misses);
        (hits.load(Ordering::Relaxed), misses.load(Ordering::Relaxed))
    }

    fn verify_document(
        &self,
        document: &Bytes,
        signed: Signed,
        digest: &Sha512,
        sender: &MemberId,
        anchors: &TrustAnchors,
        at: UtcTime,
    ) -> Result<Arc<VerifiedDocument>, SignatureError> {
        let signer = self.signer_of(document, signed)?;
        let certificate = &signer.certificate;
        let values = signer
            .template(signed)
            .read(document)
            .ok_or(SignatureError::Malformed)?;
        if !certificate.can_sign() {
            return Err(SignatureError::NotForSigning);
        }
        require_member(certificate, sender)?;
        verify_value(&signer, signed, &values, digest)?;
        let authority = verify_issuer(&signer, anchors, at)?;
        let standing = verify_status(&signer, values.ocsp_response, authority, anchors, at)?;
        Ok(self.remember(document, signed, *digest, &signer, standing))
    }

    /// The signer whose certificate the document encloses.
    fn signer_of(&self, document: &[u8], signed: Signed) -> Result<Arc<Signer>, SignatureError> {
        if document.len() > MAX_DOCUMENT_LEN {
            return Err(SignatureError::Malformed);
        }
        let text = certificate_text(document, signed).ok_or(SignatureError::Malformed)?;
        if let Some(signer) = self.cache.signer(text) {
            return Ok(signer);
        }
        let der = STANDARD
            .decode(text)
            .map_err(|_| SignatureError::Malformed)?;
        let certificate = Certificate::parse(der).map_err(|_| SignatureError::Malformed)?;
        Ok(Arc::new(Signer::new(certificate)))
    }

    /// Only what was verified to the end is remembered, so strangers cannot crowd out members.
    fn remember(
        &self,
        document: &Bytes,
        signed: Signed,
        digest: Sha512,
        signer: &Arc<Signer>,
        standing: Standing,
    ) -> Arc<VerifiedDocument> {
        if let Some(text) = certificate_text(document, signed)
            && self.cache.signer(text).is_none()
        {
            self.cache.remember_signer(text, Arc::clone(signer));
        }
        let verified = VerifiedDocument {
            // A copy: the original may be a slice that keeps a whole request in memory.
            document: Bytes::copy_from_slice(document),
            signed,
            signer: Arc::clone(signer),
            standing,
        };
        let verified = Arc::new(verified);
        self.cache.remember_document(digest, Arc::clone(&verified));
        verified
    }
}

impl Default for SignatureVerifier {
    fn default() -> Self {
        Self::new()
    }
}

impl VerifiedDocument {
    fn still_holds(&self, anchors: &TrustAnchors, at: UtcTime) -> bool {
        let approved = &anchors.certification_authorities;
        let certificate = &self.signer.certificate;
        self.standing
            .holds(certificate, approved, anchors.ocsp_freshness, at)
    }
}

/// What the document must be over, and its digest, from the message's own parts.
fn signed_digest(
    chain: Option<&HashChain>,
    leaf: &Leaf,
    pairs: &PairMemo,
) -> Result<(Signed, Sha512, Option<ChainForm>), SignatureError> {
    match (chain, leaf.attachment) {
        (None, None) => Ok((Signed::Message, leaf.message, None)),
        (None, Some(_)) => Err(SignatureError::BodyNotSigned),
        (Some(chain), _) => {
            let form = verify_chain(chain, leaf, pairs)?;
            Ok((Signed::ChainResult, Sha512::of(&chain.result), Some(form)))
        }
    }
}

fn require_member(certificate: &Certificate, sender: &MemberId) -> Result<(), SignatureError> {
    if certificate.names_member(sender) {
        Ok(())
    } else {
        Err(SignatureError::OtherMember)
    }
}

/// Digest of what is signed, digest of the signed properties, value of the signature.
fn verify_value(
    signer: &Signer,
    signed: Signed,
    values: &Values<'_>,
    digest: &Sha512,
) -> Result<(), SignatureError> {
    let template = signer.template(signed);
    read_time(values.signing_time).ok_or(SignatureError::Malformed)?;
    let stated = Sha512::from_base64(values.digest).ok_or(SignatureError::Malformed)?;
    let properties = Sha512::from_base64(values.properties_digest);
    let properties = properties.ok_or(SignatureError::Malformed)?;
    let value = read_value(values.value).ok_or(SignatureError::Malformed)?;
    if stated != *digest {
        return Err(SignatureError::OtherMessage);
    }
    if properties != template.properties_digest(values.signing_time) {
        return Err(SignatureError::ChangedProperties);
    }
    let signed_info = template
        .signed_info(values.digest, values.properties_digest)
        .concat();
    let key = signer.certificate.public_key();
    key.verify(template.scheme(), &signed_info, &value)
        .map_err(|_| SignatureError::WrongValue)
}

/// The approved authority behind the signer; its signature is verified once for each signer.
fn verify_issuer<'a>(
    signer: &Signer,
    anchors: &'a TrustAnchors,
    at: UtcTime,
) -> Result<&'a CertificationAuthority, PathError> {
    let known = signer.issuer.lock().clone();
    let approved = known.and_then(|issuer| {
        let mut authorities = anchors.certification_authorities.iter();
        authorities.find(|authority| authority.certificate == issuer)
    });
    if let Some(authority) = approved
        && signer.certificate.is_valid_at(at)
        && authority.certificate.is_valid_at(at)
    {
        return Ok(authority);
    }
    let authority = verify_path(&signer.certificate, anchors, at)?;
    *signer.issuer.lock() = Some(authority.certificate.clone());
    Ok(authority)
}

/// The standing that the enclosed OCSP response gives the signing certificate.
fn verify_status(
    signer: &Signer,
    ocsp_response: &[u8],
    authority: &CertificationAuthority,
    anchors: &TrustAnchors,
    at: UtcTime,
) -> Result<Standing, SignatureError> {
    let response = STANDARD
        .decode(ocsp_response)
        .map_err(|_| SignatureError::Malformed)?;
    let certificate = &signer.certificate;
    let approved = std::slice::from_ref(authority);
    let known = signer.ocsp.lock().clone();
    if let Some((known, standing)) = known
        && known == response
        && standing.holds(certificate, approved, anchors.ocsp_freshness, at)
    {
        return Ok(standing);
    }
    let ocsp = verify_response(
        &response,
        certificate,
        authority,
        anchors.ocsp_freshness,
        at,
    )?;
    let standing = Standing {
        authority: authority.clone(),
        ocsp,
        verified_at: at,
    };
    *signer.ocsp.lock() = Some((Bytes::from(response), standing.clone()));
    Ok(standing)
}
