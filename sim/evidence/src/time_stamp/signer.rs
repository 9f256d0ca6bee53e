//! Making time-stamp responses (RFC 3161 section 2.4.2): a CMS `SignedData` with one signer, signed
//! with ecdsa-with-SHA256.

use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;

use super::fail_info::FailInfo;
use super::request::TimeStampRequest;
use crate::certificate::Certificate;
use crate::der_writer::{DerWriter, tag};
use crate::keys::SigningKey;
use crate::object_identifiers as oid;

/// `PKIStatus`: the token is there and as asked.
pub(super) const GRANTED: u8 = 0;
/// `PKIStatus`: the token is there, with modifications.
pub(super) const GRANTED_WITH_MODS: u8 = 1;
/// `PKIStatus`: there is no token.
const REJECTION: u8 = 2;
/// The authority's clock is that of the machine; a second is a promise that any machine keeps.
const ACCURACY_SECONDS: u8 = 1;

/// Signs tokens with an authority's key under its policy.
#[derive(Debug)]
pub struct TokenSigner {
    key: SigningKey,
    certificate: Certificate,
    policy: ObjectIdentifier,
}

impl TokenSigner {
    /// `certificate` must be the one of `key`. The policy is the best practices policy of ETSI
    /// EN 319 421.
    #[must_use]
    pub fn new(key: SigningKey, certificate: Certificate) -> Self {
        Self {
            key,
            certificate,
            policy: oid::BEST_PRACTICES_POLICY,
        }
    }

    /// The same signer under another policy.
    #[must_use]
    pub fn under_policy(self, policy: ObjectIdentifier) -> Self {
        Self { policy, ..self }
    }

    /// The authority's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A `TimeStampResp` whose token says that the imprint existed at `at`.
    ///
    /// `serial` must never have been used by this authority. A request for another policy gets a
    /// rejection.
    #[must_use]
    pub fn grant(&self, request: &TimeStampRequest, serial: [u8; 16], at: UtcTime) -> Vec<u8> {
        if request.policy.is_some_and(|policy| policy != self.policy) {
            return reject(FailInfo::UnacceptedPolicy);
        }
        let token = self.token(request, serial, at);
        DerWriter::sequence_of_bytes(|response| {
            response.sequence(|status| status.unsigned(&[GRANTED]));
            response.raw(&token);
        })
    }

    fn token(&self, request: &TimeStampRequest, serial: [u8; 16], at: UtcTime) -> Vec<u8> {
        let info = self.info(request, serial, at);
        let signer = self.signer_info(&info);
        DerWriter::sequence_of_bytes(|token| {
            token.oid(oid::SIGNED_DATA);
            token.nested(tag::constructed(0), |explicit| {
                explicit.sequence(|data| {
                    data.unsigned(&[3]);
                    data.nested(tag::SET, |digests| digests.algorithm(oid::SHA_256));
                    data.sequence(|content| {
                        content.oid(oid::TST_INFO);
                        content.nested(tag::constructed(0), |explicit| {
                            explicit.octet_string(&info);
                        });
                    });
                    if request.wants_certificate {
                        data.element(tag::constructed(0), self.certificate.der());
                    }
                    data.nested(tag::SET, |signers| signers.raw(&signer));
                });
            });
        })
    }

    /// `TSTInfo`: what is signed.
    fn info(&self, request: &TimeStampRequest, serial: [u8; 16], at: UtcTime) -> Vec<u8> {
        DerWriter::sequence_of_bytes(|info| {
            info.unsigned(&[1]);
            info.oid(self.policy);
            info.raw(request.imprint.encoded());
            info.unsigned(&serial);
            info.generalized_time_millis(at);
            info.sequence(|accuracy| accuracy.unsigned(&[ACCURACY_SECONDS]));
            if let Some(nonce) = &request.nonce {
                info.element(tag::INTEGER, nonce);
            }
        })
    }

    fn signer_info(&self, info: &[u8]) -> Vec<u8> {
        let attributes = vec![
            attribute(oid::CONTENT_TYPE, |value| value.oid(oid::TST_INFO)),
            attribute(oid::MESSAGE_DIGEST, |value| {
                value.octet_string(digest(&SHA256, info).as_ref());
            }),
            // ESSCertIDv2 with its default digest, SHA-256, which DER leaves out.
            attribute(oid::SIGNING_CERTIFICATE_V2, |value| {
                value.sequence(|signing_certificate| {
                    signing_certificate.sequence(|certificates| {
                        certificates.sequence(|id| id.octet_string(&self.certificate.sha256()));
                    });
                });
            }),
        ];
        let mut signed = DerWriter::new();
        signed.set_of(tag::SET, attributes);
        let mut signed = signed.into_bytes();
        let signature = self.key.sign_sha256_asn1(&[&signed]);
        // RFC 5652 section 5.4: signed as a SET OF, sent under an IMPLICIT tag.
        signed[0] = tag::constructed(0);

        DerWriter::sequence_of_bytes(|signer| {
            signer.unsigned(&[1]);
            signer.sequence(|issuer_and_serial| {
                issuer_and_serial.raw(self.certificate.issuer_der());
                issuer_and_serial.element(tag::INTEGER, self.certificate.serial_bytes());
            });
            signer.algorithm(oid::SHA_256);
            signer.raw(&signed);
            signer.algorithm(oid::ECDSA_WITH_SHA_256);
            signer.octet_string(&signature);
        })
    }
}

/// A `TimeStampResp` that only says why there is no token.
#[must_use]
pub fn reject(reason: FailInfo) -> Vec<u8> {
    DerWriter::sequence_of_bytes(|response| {
        response.sequence(|status| {
            status.unsigned(&[REJECTION]);
            status.element(tag::BIT_STRING, &reason.bit_string_contents());
        });
    })
}

fn attribute(oid: ObjectIdentifier, value: impl FnOnce(&mut DerWriter)) -> Vec<u8> {
    DerWriter::sequence_of_bytes(|attribute| {
        attribute.oid(oid);
        attribute.nested(tag::SET, value);
    })
}
