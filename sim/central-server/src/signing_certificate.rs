//! The key that signs the configuration, and the certificate that carries its public half.

use std::time::Duration;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyUsagePurpose};
use sim_clock::UtcTime;
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::keys::{KeyError, SigningKey};
use sim_global_configuration::signed_directory::DirectorySigner;
use thiserror::Error;

/// Clients trust the key by the anchor and do not look at the validity; it is long all the same.
const VALIDITY: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);
/// For clients whose clocks are behind.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why there is no new signing key.
#[derive(Debug, Error)]
pub enum SigningCertificateError {
    /// No key, or a key that does not do what it should.
    #[error("generate a key")]
    Key(#[from] KeyError),
    /// No certificate for it.
    #[error("sign the key's certificate")]
    Sign(#[from] rcgen::Error),
    /// A certificate that cannot be read.
    #[error("read the new certificate")]
    Read(#[from] CertificateError),
}

/// A new key and its self-signed certificate.
pub(crate) fn generate(
    instance: &str,
    now: UtcTime,
) -> Result<(SigningKey, DirectorySigner), SigningCertificateError> {
    let key = SigningKey::generate()?;
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, instance);
    name.push(DnType::CommonName, "Global configuration signing key");
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_before = now.minus(CLOCK_TOLERANCE).to_offset_date_time();
    params.not_after = now.plus(VALIDITY).to_offset_date_time();
    let certificate = params.self_signed(&key)?;
    let certificate = Certificate::parse(certificate.der().to_vec())?;
    let signer = DirectorySigner::new(key.clone(), certificate)?;
    Ok((key, signer))
}
