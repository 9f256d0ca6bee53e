//! The certificate that a security server shows to the information systems of its own members.
//!
//! X-Road calls it the internal TLS certificate. It has nothing to do with the trust services: it
//! is self-signed, and information systems are told to trust just this one.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use sim_evidence::certificate::{Certificate, CertificateError};
use thiserror::Error;

use super::{Acceptor, Credentials, TlsSetupError};

/// A key that was made on the spot, and its self-signed certificate.
pub(crate) struct InternalCredential {
    certificate: Certificate,
    certificate_pem: String,
    key_pkcs8: Vec<u8>,
}

/// Why there is no internal certificate.
#[derive(Debug, Error)]
pub(crate) enum InternalCredentialError {
    /// The key or the certificate could not be made.
    #[error("cannot make an internal TLS certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// The certificate that was made cannot be read.
    #[error("cannot read the internal TLS certificate: {0}")]
    Read(#[from] CertificateError),
}

impl InternalCredential {
    /// A fresh key, and a certificate for a server called `common_name` that is reached as one of
    /// `hosts` (IP addresses or host names).
    pub(crate) fn generate(
        common_name: &str,
        hosts: &[String],
    ) -> Result<Self, InternalCredentialError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(hosts)?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        let made = params.self_signed(&key)?;
        Self::load(made.der().to_vec(), key.serialize_der())
    }

    /// A certificate that was made earlier, DER, with its key, PKCS #8.
    pub(crate) fn load(
        certificate: Vec<u8>,
        key_pkcs8: Vec<u8>,
    ) -> Result<Self, InternalCredentialError> {
        let certificate = Certificate::parse(certificate)?;
        Ok(Self {
            certificate_pem: certificate.to_pem(),
            certificate,
            key_pkcs8,
        })
    }

    /// The certificate, DER.
    pub(crate) fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// The key, PKCS #8.
    pub(crate) fn key_pkcs8(&self) -> &[u8] {
        &self.key_pkcs8
    }

    /// The certificate, for the information systems that are to trust it.
    pub(crate) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Accepts the connections of information systems with this certificate.
    pub(crate) fn acceptor(&self) -> Result<Acceptor, TlsSetupError> {
        let key_pkcs8 = self.key_pkcs8.clone();
        Acceptor::for_information_systems(&Credentials {
            certificate: &self.certificate,
            key_pkcs8,
        })
    }
}
