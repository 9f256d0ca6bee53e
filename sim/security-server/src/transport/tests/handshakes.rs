//! Who gets through a handshake, and what it proves.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SignatureScheme, SupportedProtocolVersion, version,
};
use sim_domain::fault::FaultCode;
use sim_evidence::certificate::Certificate;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{Owner, message, options, serve};
use crate::config::{ExchangeSettings, TlsVersion};
use crate::transport::peers::TransportError;
use crate::transport::tls::{Acceptor, Credentials, InternalCredential, IsRegistered, TlsOffer};

#[tokio::test]
async fn only_registered_servers_get_in_and_the_register_is_that_of_today() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let admitted = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&admitted);
    let known = client.certificate.sha256();
    let registered: IsRegistered =
        Arc::new(move |hash| now.load(Ordering::SeqCst) && *hash == known);
    let acceptor =
        Acceptor::for_security_servers(&server.credentials(), &TlsOffer::everything(), registered)
            .unwrap();
    let (address, observed) = serve(acceptor, |_, _| async {
        Response::new(Full::<Bytes>::default())
    })
    .await;

    let peers = client.peers(options());
    let connection = peers.open("127.0.0.1", address.port()).await.unwrap();
    connection.exchange(&message()).await.unwrap();

    let stranger = Owner::new("stranger").peers(options());
    assert_refused(&stranger, address.port()).await;

    admitted.store(false, Ordering::SeqCst);
    assert_refused(&client.peers(options()), address.port()).await;
    assert_eq!((observed.handshakes(), observed.requests()), (1, 1));
}

/// In TLS 1.3 a refusal may show at the handshake or only when something is sent.
async fn assert_refused(peers: &super::Peers, port: u16) {
    let refused = match peers.open("127.0.0.1", port).await {
        Err(refused) => refused,
        Ok(connection) => connection
            .exchange(&message())
            .await
            .expect_err("it is refused"),
    };
    assert!(
        matches!(refused, TransportError::Handshake { .. }),
        "{refused:?}"
    );
    let code = refused.fault_code(FaultCode::client_proxy);
    assert_eq!(
        code.canonical(),
        "server.clientproxy.ssl_authentication_failed"
    );
}

#[test]
fn a_key_must_fit_its_certificate() {
    let (one, other) = (Owner::new("one"), Owner::new("other"));
    let mixed = Credentials {
        certificate: &one.certificate,
        key_pkcs8: other.key.to_pkcs8_der(),
    };
    assert!(Acceptor::for_information_systems(&mixed).is_err());
    let garbage = Credentials {
        certificate: &one.certificate,
        key_pkcs8: vec![1, 2, 3],
    };
    assert!(Acceptor::for_information_systems(&garbage).is_err());
}

/// A certificate with a key that is not its own: what a thief of the certificate alone has.
#[derive(Debug)]
struct Copied(Arc<CertifiedKey>);

impl Copied {
    fn new(victim: &Owner, thief: &Owner) -> Self {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(thief.key.to_pkcs8_der()));
        let key = any_supported_type(&key).expect("the key is supported");
        let certificate = CertificateDer::from(victim.certificate.der().to_vec());
        Self(Arc::new(CertifiedKey::new(vec![certificate], key)))
    }
}

impl ResolvesServerCert for Copied {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl ResolvesClientCert for Copied {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn versions() -> [[&'static SupportedProtocolVersion; 1]; 2] {
    [[&version::TLS13], [&version::TLS12]]
}

#[tokio::test]
async fn a_server_with_a_copied_certificate_is_refused() {
    let (client, server, thief) = (
        Owner::new("client"),
        Owner::new("server"),
        Owner::new("thief"),
    );
    for versions in versions() {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Copied::new(&server, &thief)));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            acceptor.accept(stream).await.is_ok()
        });
        let refused = client
            .peers(options())
            .open("127.0.0.1", port)
            .await
            .err()
            .unwrap();
        assert!(
            matches!(refused, TransportError::Handshake { .. }),
            "{refused:?}"
        );
        assert!(!accepted.await.unwrap());
    }
}

/// Connects with `key` as client certificate; returns what the acceptor says.
async fn connect(
    acceptor: Acceptor,
    versions: &[&'static SupportedProtocolVersion],
    key: Option<Copied>,
) -> io::Result<Option<Certificate>> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .expect("the provider has these versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustsAll));
    let config = match key {
        Some(key) => builder.with_client_cert_resolver(Arc::new(key)),
        None => builder.with_no_client_auth(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let client = tokio::spawn(async move {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::from(address.ip());
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    });
    let (stream, _) = listener.accept().await?;
    let accepted = acceptor
        .accept(stream)
        .await
        .map(|(_, certificate)| certificate);
    // Whether the client saw the refusal depends on the version; the server's word counts.
    let _ = client.await.expect("the client does not panic");
    accepted
}

#[tokio::test]
async fn a_client_with_a_copied_certificate_is_refused() {
    let (client, server, thief) = (
        Owner::new("client"),
        Owner::new("server"),
        Owner::new("thief"),
    );
    for versions in versions() {
        let honest = Copied::new(&client, &client);
        let accepted = connect(server.acceptor(&client), &versions, Some(honest)).await;
        assert_eq!(accepted.unwrap(), Some(client.certificate.clone()));
        let copied = Copied::new(&client, &thief);
        assert!(
            connect(server.acceptor(&client), &versions, Some(copied))
                .await
                .is_err()
        );
        assert!(
            connect(server.acceptor(&client), &versions, None)
                .await
                .is_err(),
            "none shown"
        );
    }
}

#[tokio::test]
async fn information_systems_may_come_with_any_certificate_or_none() {
    let (system, server, thief) = (
        Owner::new("system"),
        Owner::new("server"),
        Owner::new("thief"),
    );
    for versions in versions() {
        let acceptor = Acceptor::for_information_systems(&server.credentials()).unwrap();
        assert_eq!(
            connect(acceptor.clone(), &versions, None).await.unwrap(),
            None
        );
        let shown = connect(
            acceptor.clone(),
            &versions,
            Some(Copied::new(&system, &system)),
        )
        .await;
        assert_eq!(shown.unwrap(), Some(system.certificate.clone()));
        let copied = Copied::new(&system, &thief);
        assert!(connect(acceptor, &versions, Some(copied)).await.is_err());
    }
}

#[tokio::test]
async fn only_what_is_configured_is_offered() {
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let settings = ExchangeSettings {
        tls: vec![TlsVersion::Tls12],
        cipher_suites: vec!["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384".to_owned()],
        ..ExchangeSettings::default()
    };
    let offer = TlsOffer::configured(&settings).unwrap();
    let known = client.certificate.sha256();
    let registered: IsRegistered = Arc::new(move |hash| *hash == known);
    let acceptor =
        Acceptor::for_security_servers(&server.credentials(), &offer, registered).unwrap();
    let honest = || Some(Copied::new(&client, &client));
    let accepted = connect(acceptor.clone(), &[&version::TLS12], honest()).await;
    assert_eq!(accepted.unwrap(), Some(client.certificate.clone()));
    assert!(
        connect(acceptor, &[&version::TLS13], honest())
            .await
            .is_err()
    );

    // No suite for this server's key: nobody gets in.
    let for_rsa = ExchangeSettings {
        cipher_suites: vec!["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384".to_owned()],
        ..settings.clone()
    };
    let offer = TlsOffer::configured(&for_rsa).unwrap();
    let acceptor =
        Acceptor::for_security_servers(&server.credentials(), &offer, Arc::new(|_| true)).unwrap();
    assert!(
        connect(acceptor, &[&version::TLS12], honest())
            .await
            .is_err()
    );

    let unknown = ExchangeSettings {
        cipher_suites: vec!["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384".to_owned()],
        ..settings
    };
    assert!(TlsOffer::configured(&unknown).is_err());
}

/// For the tests' own client, which is not what is tested.
#[derive(Debug)]
struct TrustsAll;

impl rustls::client::danger::ServerCertVerifier for TrustsAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[tokio::test]
async fn information_systems_can_trust_the_internal_certificate() {
    let hosts = ["127.0.0.1".to_owned()];
    let internal = InternalCredential::generate("EE/GOV/1/ss1", &hosts).unwrap();
    let mut roots = RootCertStore::empty();
    let trusted = Certificate::from_pem(internal.certificate_pem()).unwrap();
    roots
        .add(CertificateDer::from(trusted.der().to_vec()))
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS12])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = internal.acceptor().unwrap();
    let accepted = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        acceptor
            .accept(stream)
            .await
            .map(|(_, certificate)| certificate)
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::from(address.ip());
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    assert_eq!(accepted.await.unwrap().unwrap(), None);
}

#[tokio::test]
async fn an_ordinary_client_does_not_take_the_certificate() {
    // The security server's certificate is no web server's: only X-Road's rules make it good.
    let (client, server) = (Owner::new("client"), Owner::new("server"));
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let (address, _) = serve(server.acceptor(&client), |_, _| async {
        Response::new(Full::<Bytes>::default())
    })
    .await;
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::from(address.ip());
    assert!(
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .is_err()
    );
}
