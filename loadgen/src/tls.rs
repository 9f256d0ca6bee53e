//! TLS towards one server whose certificate is known beforehand.
//!
//! A security server shows information systems a self-signed certificate, and they are told to
//! trust just that one. So neither issuers nor host names matter: the certificate is compared
//! byte by byte, and the handshake's signature proves that the server holds its key.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error,
    SignatureScheme, SupportedProtocolVersion, version,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::{TlsClient, TlsConfig};
use crate::error::LoadError;

/// Versions that are offered.
const VERSIONS: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];

/// How to speak TLS with the server of a load.
#[derive(Debug)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    server: ServerName<'static>,
}

/// Trusts one certificate.
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

// === impl Tls ===

impl Tls {
    /// For the server at `host`; absent where that is neither an address nor a name.
    pub(crate) fn new(config: &TlsConfig, host: &str) -> Result<Option<Self>, LoadError> {
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let Ok(server) = ServerName::try_from(host) else {
            return Ok(None);
        };
        let config = Arc::new(client_config(config)?);
        Ok(Some(Self { config, server }))
    }

    /// Performs the handshake, or says why it failed.
    pub(crate) async fn shake_hands(
        &self,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, String> {
        TlsConnector::from(Arc::clone(&self.config))
            .connect(self.server.clone(), socket)
            .await
            .map_err(|error| why(&error))
    }
}

fn client_config(config: &TlsConfig) -> Result<ClientConfig, LoadError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pinned = Pinned {
        certificate: certificate("the trusted certificate", &config.trusted_certificate_pem)?,
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&VERSIONS)
        .map_err(LoadError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned));
    let mut config = match &config.client {
        None => builder.with_no_client_auth(),
        Some(TlsClient {
            certificate_pem,
            key_pem,
        }) => {
            let chain = vec![certificate("the client certificate", certificate_pem)?];
            let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
                .map_err(|source| pem("the client key", source))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(LoadError::Tls)?
        }
    };
    // Every connection proves anew who is at its ends; they are kept open instead.
    config.resumption = Resumption::disabled();
    // The server is known by its certificate, not by its name.
    config.enable_sni = false;
    Ok(config)
}

fn certificate(what: &'static str, text: &str) -> Result<CertificateDer<'static>, LoadError> {
    CertificateDer::from_pem_slice(text.as_bytes()).map_err(|source| pem(what, source))
}

const fn pem(what: &'static str, source: rustls::pki_types::pem::Error) -> LoadError {
    LoadError::Pem { what, source }
}

// === impl Pinned ===

impl fmt::Debug for Pinned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pinned").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *certificate == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

// === functions ===

/// Why a handshake failed, for people.
fn why(error: &io::Error) -> String {
    match tls_error(error) {
        Some(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) => {
            "the server shows another certificate than the trusted one".to_owned()
        }
        _ => error.to_string(),
    }
}

/// What a server says that refuses this client's certificate, or the lack of one.
///
/// In TLS 1.3 that comes only after the client has done its part of the handshake, and so where
/// an answer was expected (RFC 8446, 4.4.2.4).
pub(crate) fn refusal(error: &io::Error) -> Option<String> {
    use AlertDescription as Alert;
    match tls_error(error)? {
        Error::AlertReceived(
            alert @ (Alert::AccessDenied
            | Alert::BadCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRequired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::DecryptError
            | Alert::HandshakeFailure
            | Alert::UnknownCA
            | Alert::UnsupportedCertificate),
        ) => Some(format!("{alert:?}")),
        _ => None,
    }
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
