//! TLS for both sides of the tests; everything is trusted, because the servers under test are the
//! ones to judge.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme};
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::{MemberKey, SigningKey};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// A key and its certificate.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) key: MemberKey,
    pub(crate) certificate: Certificate,
}

impl Credential {
    /// A self-signed one, which no authority knows.
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = SigningKey::generate().unwrap();
        let params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let certificate = Certificate::parse(certificate.der().to_vec()).unwrap();
        let key = key.into();
        Self { key, certificate }
    }

    fn to_rustls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let certificate = CertificateDer::from(self.certificate.der().to_vec());
        let key = PrivatePkcs8KeyDer::from(self.key.to_pkcs8_der());
        (vec![certificate], PrivateKeyDer::Pkcs8(key))
    }
}

/// Shakes hands as a client that shows `own`, or nothing.
pub(crate) async fn connect(
    stream: TcpStream,
    own: Option<&Credential>,
) -> std::io::Result<client::TlsStream<TcpStream>> {
    let provider = provider();
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)));
    let config = match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let (chain, key) = own.to_rustls();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Shakes hands as a server that shows `own`, and asks for nothing.
pub(crate) async fn accept(
    stream: TcpStream,
    own: &Credential,
) -> std::io::Result<server::TlsStream<TcpStream>> {
    let (chain, key) = own.to_rustls();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config)).accept(stream).await
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
