//! Making OCSP responses (RFC 6960 section 4.2), signed with ecdsa-with-SHA256.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use sim_clock::UtcTime;

use super::cert_id::CertId;
use super::extensions;
use crate::certificate::Certificate;
use crate::der_writer::{DerWriter, tag};
use crate::keys::SigningKey;
use crate::object_identifiers as oid;

/// `responseStatus` of a response that carries no statuses and no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrorStatus {
    /// The request could not be read.
    MalformedRequest = 1,
    /// The responder itself failed.
    InternalError = 2,
    /// The responder cannot answer now.
    TryLater = 3,
    /// The request must be signed.
    SignatureRequired = 5,
    /// The responder does not answer for this issuer.
    Unauthorized = 6,
}

/// Status of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when; written in whole seconds.
        at: UtcTime,
        /// `CRLReason` of RFC 5280 section 5.3.1, where known.
        reason: Option<u8>,
    },
    /// Never issued by this authority.
    Unknown,
}

/// One line of a response: a certificate, its status, and from when to when that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleStatus {
    /// The certificate, as the request named it.
    pub cert_id: CertId,
    /// Its status.
    pub status: CertificateStatus,
    /// When the status was known to be right; written in whole seconds.
    pub this_update: UtcTime,
    /// When newer information will be there at the latest; written in whole seconds.
    pub next_update: Option<UtcTime>,
}

/// How a response says whose signature it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponderId {
    /// By the subject of the responder's certificate.
    ByName,
    /// By the SHA-1 digest of its key: the shorter one.
    #[default]
    ByKey,
}

/// Signs responses with a responder's key and encloses its certificate.
#[derive(Debug)]
pub struct ResponseSigner {
    key: SigningKey,
    certificate: Certificate,
    responder_id: ResponderId,
}

impl ResponseSigner {
    /// `certificate` must be the one of `key`.
    #[must_use]
    pub fn new(key: SigningKey, certificate: Certificate) -> Self {
        Self {
            key,
            certificate,
            responder_id: ResponderId::default(),
        }
    }

    /// The same signer, naming itself in another way.
    #[must_use]
    pub fn naming_itself(self, responder_id: ResponderId) -> Self {
        Self {
            responder_id,
            ..self
        }
    }

    /// The responder's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A signed response with these statuses, made at `produced_at`.
    #[must_use]
    pub fn respond(
        &self,
        statuses: &[SingleStatus],
        nonce: Option<&[u8]>,
        produced_at: UtcTime,
    ) -> Vec<u8> {
        let data = self.response_data(statuses, nonce, produced_at);
        let signature = self.key.sign_sha256_asn1(&[&data]);
        let basic = DerWriter::sequence_of_bytes(|basic| {
            basic.raw(&data);
            basic.algorithm(oid::ECDSA_WITH_SHA_256);
            basic.bit_string(&signature);
            basic.nested(tag::constructed(0), |certificates| {
                certificates.sequence(|list| list.raw(self.certificate.der()));
            });
        });
        DerWriter::sequence_of_bytes(|response| {
            response.element(tag::ENUMERATED, &[0]);
            response.nested(tag::constructed(0), |explicit| {
                explicit.sequence(|bytes| {
                    bytes.oid(oid::OCSP_BASIC);
                    bytes.octet_string(&basic);
                });
            });
        })
    }

    fn response_data(
        &self,
        statuses: &[SingleStatus],
        nonce: Option<&[u8]>,
        produced_at: UtcTime,
    ) -> Vec<u8> {
        DerWriter::sequence_of_bytes(|data| {
            match self.responder_id {
                ResponderId::ByName => data.nested(tag::constructed(1), |name| {
                    name.raw(self.certificate.subject_der());
                }),
                ResponderId::ByKey => data.nested(tag::constructed(2), |key| {
                    key.octet_string(&key_digest(&self.certificate));
                }),
            }
            data.generalized_time_seconds(produced_at);
            data.sequence(|list| {
                for status in statuses {
                    write_single(list, status);
                }
            });
            if let Some(nonce) = nonce {
                extensions::write_nonce(data, 1, nonce);
            }
        })
    }
}

/// An unsigned response that only says why there is no better one.
#[must_use]
pub fn error_response(status: ErrorStatus) -> Vec<u8> {
    DerWriter::sequence_of_bytes(|response| response.element(tag::ENUMERATED, &[status as u8]))
}

/// SHA-1 over the bits of a certificate's public key: `KeyHash` of RFC 6960 section 4.2.1.
pub(super) fn key_digest(certificate: &Certificate) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.public_key_bits())
        .as_ref()
        .to_vec()
}

fn write_single(list: &mut DerWriter, single: &SingleStatus) {
    list.sequence(|fields| {
        fields.raw(single.cert_id.encoded());
        match single.status {
            CertificateStatus::Good => fields.element(tag::primitive(0), &[]),
            CertificateStatus::Revoked { at, reason } => {
                fields.nested(tag::constructed(1), |revoked| {
                    revoked.generalized_time_seconds(at);
                    if let Some(reason) = reason {
                        revoked.nested(tag::constructed(0), |explicit| {
                            explicit.element(tag::ENUMERATED, &[reason]);
                        });
                    }
                });
            }
            CertificateStatus::Unknown => fields.element(tag::primitive(2), &[]),
        }
        fields.generalized_time_seconds(single.this_update);
        if let Some(next_update) = single.next_update {
            fields.nested(tag::constructed(0), |explicit| {
                explicit.generalized_time_seconds(next_update);
            });
        }
    });
}
