//! Signing: one document for all messages of a batch.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sim_clock::UtcTime;

use super::template::{Signed, Template, Values};
use crate::certificate::Certificate;
use crate::digest::Sha512;
use crate::hash_chain::{HashChain, HashTree, Leaf, TreePath, message_result, message_steps};
use crate::keys::MemberKey;

/// Signs messages in a member's name.
pub struct MemberSigner {
    key: MemberKey,
    certificate: Certificate,
    over_message: Template,
    over_result: Template,
}

/// What signing a batch gave.
#[derive(Clone, Debug)]
pub struct SignedBatch {
    /// The signature document that all messages share.
    pub document: Bytes,
    /// One entry for each leaf, in order.
    pub messages: Vec<MessageSignature>,
}

/// What one message of a batch travels with.
#[derive(Clone, Debug)]
pub struct MessageSignature {
    /// The signature document.
    pub document: Bytes,
    /// What binds the message to it; none where the signature is over the message itself.
    pub chain: Option<HashChain>,
    /// The way from the top of the batch's tree to the message; empty in a batch of one.
    pub path: TreePath,
}

impl MemberSigner {
    /// Signs with `key`, in the name of the member that `certificate` names.
    ///
    /// That the two belong together is not checked: a signature by another key shows at the first
    /// verifier.
    #[must_use]
    pub fn new(key: impl Into<MemberKey>, certificate: Certificate) -> Self {
        Self {
            over_message: Template::new(&certificate, Signed::Message),
            over_result: Template::new(&certificate, Signed::ChainResult),
            key: key.into(),
            certificate,
        }
    }

    /// The certificate that goes into the documents.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Signs all `leaves` with one signature and encloses `ocsp_response` (DER).
    ///
    /// A message without body that is alone in its batch is signed directly; all others through
    /// hash chains.
    ///
    /// # Panics
    ///
    /// When there are no leaves: there would be nothing to sign.
    #[must_use]
    pub fn sign_batch(
        &self,
        leaves: &[Leaf],
        ocsp_response: &[u8],
        signing_time: UtcTime,
    ) -> SignedBatch {
        if let [
            Leaf {
                message,
                attachment: None,
            },
        ] = leaves
        {
            let document = self.document(&self.over_message, message, ocsp_response, signing_time);
            let path = TreePath::default();
            let message = MessageSignature {
                document: document.clone(),
                chain: None,
                path,
            };
            return SignedBatch {
                document,
                messages: vec![message],
            };
        }
        let digests: Vec<_> = leaves.iter().map(Leaf::digest).collect();
        let tree = HashTree::build(&digests).expect("a batch has at least one message");
        // All chains of a batch end in the same result.
        let result = message_result(&tree.top());
        let digest = Sha512::of(&result);
        let document = self.document(&self.over_result, &digest, ocsp_response, signing_time);
        let messages = leaves.iter().enumerate().map(|(index, leaf)| {
            let path = tree.path(index);
            let chain = HashChain {
                result: result.clone(),
                chain: message_steps(leaf, &path),
            };
            MessageSignature {
                document: document.clone(),
                chain: Some(chain),
                path,
            }
        });
        SignedBatch {
            messages: messages.collect(),
            document,
        }
    }

    fn document(
        &self,
        template: &Template,
        digest: &Sha512,
        ocsp_response: &[u8],
        signing_time: UtcTime,
    ) -> Bytes {
        let signing_time = signing_time.rfc3339_millis();
        let digest = digest.to_base64();
        let properties_digest = template
            .properties_digest(signing_time.as_bytes())
            .to_base64();
        let signed_info = template.signed_info(digest.as_bytes(), properties_digest.as_bytes());
        let value = STANDARD.encode(self.key.sign_xml(&signed_info));
        Bytes::from(template.write(&Values {
            digest: digest.as_bytes(),
            properties_digest: properties_digest.as_bytes(),
            value: value.as_bytes(),
            signing_time: signing_time.as_bytes(),
            ocsp_response: STANDARD.encode(ocsp_response).as_bytes(),
        }))
    }
}
