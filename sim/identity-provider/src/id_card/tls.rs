//! TLS that asks for a client certificate and takes any, or none.
//!
//! The handshake proves possession of the certificate's key. Whether the certificate is good is
//! checked afterwards, where it can be told in words. Versions and suites are those of TARA: TLS 1.2
//! and 1.3 with ephemeral keys and authenticated encryption, which is all that the library has.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use sim_clock::UtcTime;
use tokio_rustls::TlsAcceptor;

/// The certificate is made anew at every start; browsers take none of more than 398 days.
const VALID_FOR: Duration = Duration::from_secs(397 * 24 * 60 * 60);
/// How far others' clocks may be behind.
const VALID_BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// What the listener needs for TLS.
pub(crate) struct CardTls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) certificate_pem: String,
}

/// Why ID-cards cannot be asked for.
#[derive(Debug, thiserror::Error)]
pub enum CardTlsError {
    /// The listener's own certificate could not be made.
    #[error("make a certificate for the listener")]
    Certificate(#[from] rcgen::Error),
    /// The library refuses the certificate or its key.
    #[error("use the certificate made")]
    Tls(#[from] rustls::Error),
    /// The issuer's address names no host.
    #[error("the issuer `{0}` has no host")]
    Host(String),
}

/// Takes any client certificate whose key the client proves to hold, or none.
#[derive(Debug)]
struct AnyCard {
    provider: Arc<CryptoProvider>,
    /// Whose certificates a browser shall offer to its user.
    hints: Vec<DistinguishedName>,
}

/// Where browsers find the listener: the provider's own host, for its cookies, and another port.
pub(crate) fn base_url(issuer: &str, listen: SocketAddr) -> Result<String, CardTlsError> {
    let host = host_of(issuer)?;
    Ok(format!("https://{host}:{}", listen.port()))
}

fn host_of(issuer: &str) -> Result<String, CardTlsError> {
    let uri: Option<Uri> = issuer.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).map(str::to_owned);
    host.ok_or_else(|| CardTlsError::Host(issuer.to_owned()))
}

// === impl CardTls ===

impl CardTls {
    /// With a new certificate, signed by itself, for the issuer's host and the address listened on.
    /// `authority` is the subject of the people's authority, DER.
    pub(crate) fn new(
        issuer: &str,
        listen: SocketAddr,
        authority: &[u8],
        now: UtcTime,
    ) -> Result<Self, CardTlsError> {
        let host = host_of(issuer)?.trim_matches(['[', ']']).to_owned();
        let mut names = vec![host, listen.ip().to_string()];
        names.dedup();
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "ID-card log-in");
        params.not_before = now.minus(VALID_BEFORE).to_offset_date_time();
        params.not_after = now
            .plus(VALID_FOR)
            .minus(VALID_BEFORE)
            .to_offset_date_time();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key)?;
        let private = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = AnyCard {
            provider: Arc::clone(&provider),
            hints: vec![authority.to_vec().into()],
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(vec![certificate.der().clone()], private.into())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A resumed session would say that a card is there which was taken out.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate_pem: certificate.pem(),
        })
    }
}

// === impl AnyCard ===

impl ClientCertVerifier for AnyCard {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_under_the_host_of_the_issuer() {
        let listen = "0.0.0.0:444".parse().unwrap();
        let url = |issuer| base_url(issuer, listen).unwrap();
        assert_eq!(url("https://id.example:1/a"), "https://id.example:444");
        assert_eq!(url("http://[::1]:1"), "https://[::1]:444");
    }
}
