//! TLS on both ends of a connection, without a system library.
//!
//! Versions and suites between security servers are configured, from what the aws-lc-rs provider
//! has. X-Road's stock suites are CBC ones, which rustls does not have; a real security server talks
//! to this one once its `xroad-tls-ciphers` names a GCM suite. Host names are not looked at, as in X-Road: what counts
//! is the certificate.

mod internal;
mod offer;
mod verifiers;

use std::io;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, ServerConfig};
use sim_evidence::certificate::{Certificate, CertificateError};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) use internal::{InternalCredential, InternalCredentialError};
pub(crate) use offer::TlsOffer;
use verifiers::{AnyServer, PossessionOnly, RegisteredServers};

/// Bytes that are read from a socket at once.
const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Whether the SHA-256 digest is that of the authentication certificate of a security server in
/// the global configuration as it is now.
pub(crate) type IsRegistered = Arc<dyn Fn(&[u8; 32]) -> bool + Send + Sync>;

/// A certificate and its key.
pub(crate) struct Credentials<'a> {
    /// The certificate that is shown.
    pub(crate) certificate: &'a Certificate,
    /// Its private key as PKCS#8 DER.
    pub(crate) key_pkcs8: Vec<u8>,
}

/// Why a server's certificate and key cannot be used for TLS.
#[derive(Debug, Error)]
#[error("cannot use this certificate and key for TLS: {0}")]
pub(crate) struct TlsSetupError(#[from] rustls::Error);

/// Turns accepted sockets into TLS connections; clones share the configuration.
#[derive(Clone)]
pub(crate) struct Acceptor(TlsAcceptor);

// === impl Acceptor ===

impl Acceptor {
    /// For other security servers: a certificate is required, and its digest must be registered.
    ///
    /// `registered` is asked at every handshake, so it must look at the current configuration.
    pub(crate) fn for_security_servers(
        own: &Credentials<'_>,
        offer: &TlsOffer,
        registered: IsRegistered,
    ) -> Result<Self, TlsSetupError> {
        let verifier = RegisteredServers::new(offer.provider(), registered);
        Self::new(own, offer, Arc::new(verifier))
    }

    /// For information systems: a certificate is asked for but not required. Whether it is one
    /// that the client subsystem may use is for the client proxy to say.
    pub(crate) fn for_information_systems(own: &Credentials<'_>) -> Result<Self, TlsSetupError> {
        let offer = TlsOffer::everything();
        let verifier = PossessionOnly::new(offer.provider());
        Self::new(own, &offer, Arc::new(verifier))
    }

    fn new(
        own: &Credentials<'_>,
        offer: &TlsOffer,
        verifier: Arc<dyn ClientCertVerifier>,
    ) -> Result<Self, TlsSetupError> {
        let (chain, key) = own.to_rustls();
        let mut config = ServerConfig::builder_with_provider(offer.provider())
            .with_protocol_versions(offer.versions())?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)?;
        // A resumed session would skip the check of the certificate against the configuration
        // of today. Connections are kept open instead.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Performs the handshake; returns the stream and the certificate that the other side proved
    /// to own, where it showed one.
    pub(crate) async fn accept<Stream: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: Stream,
    ) -> io::Result<(TlsStream<BufReader<Stream>>, Option<Certificate>)> {
        let stream = self.0.accept(buffered(stream)).await?;
        let certificate = first_certificate(stream.get_ref().1.peer_certificates())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok((stream, certificate))
    }
}

/// The client side of connections to other security servers: shows the own certificate, and takes
/// any certificate whose key the other side proves to hold. The caller judges the certificate
/// before it sends anything.
pub(super) fn client_config(
    own: &Credentials<'_>,
    offer: &TlsOffer,
) -> Result<Arc<ClientConfig>, TlsSetupError> {
    let provider = offer.provider();
    let (chain, key) = own.to_rustls();
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(offer.versions())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer::new(provider)))
        .with_client_auth_cert(chain, key)?;
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    Ok(Arc::new(config))
}

/// A socket whose bytes are read in one call where TLS by itself asks for 4 KiB at a time; an
/// ordinary message has some twelve.
pub(super) fn buffered<Stream: AsyncRead>(stream: Stream) -> BufReader<Stream> {
    BufReader::with_capacity(READ_BUFFER_BYTES, stream)
}

/// The certificate of the other side, first of its chain.
pub(super) fn first_certificate(
    chain: Option<&[CertificateDer<'_>]>,
) -> Result<Option<Certificate>, CertificateError> {
    let first = chain.and_then(<[_]>::first);
    first
        .map(|der| Certificate::parse(der.to_vec()))
        .transpose()
}

impl Credentials<'_> {
    fn to_rustls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let certificate = CertificateDer::from(self.certificate.der().to_vec());
        let key = PrivatePkcs8KeyDer::from(self.key_pkcs8.clone());
        (vec![certificate], PrivateKeyDer::Pkcs8(key))
    }
}
