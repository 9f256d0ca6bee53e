//! Loads over TLS: against servers that show, ask for and accept one thing or another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use loadgen::{LoadConfig, TlsClient, TlsConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::TlsAcceptor;

use crate::server::Act;
use crate::{Bench, DECEASED, PEOPLE, Run, closed};

/// A key, and a self-signed certificate of no host in particular.
struct Identity {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

/// What a server does in a handshake.
struct Handshake<'a> {
    certificate: &'a Identity,
    key: &'a Identity,
    version: &'static SupportedProtocolVersion,
    /// Whose certificates it demands; absent: none.
    demands: Option<CertificateDer<'static>>,
}

impl Identity {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(Vec::new()).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate_pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key,
        }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }
}

impl<'a> Handshake<'a> {
    const fn of(identity: &'a Identity) -> Self {
        Self {
            certificate: identity,
            key: identity,
            version: &TLS13,
            demands: None,
        }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = provider.key_provider.load_private_key(self.key.key());
        let chain = vec![self.certificate.certificate.clone()];
        // Not checked against each other, so that a thief can be made.
        let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key.unwrap()));
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[self.version])
            .unwrap();
        let builder = match &self.demands {
            None => builder.with_no_client_auth(),
            Some(issuer) => builder.with_client_cert_verifier(demanding(issuer, provider)),
        };
        TlsAcceptor::from(Arc::new(builder.with_cert_resolver(Arc::new(shown))))
    }
}

fn demanding(
    issuer: &CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
) -> Arc<dyn ClientCertVerifier> {
    let mut issuers = RootCertStore::empty();
    issuers.add(issuer.clone()).unwrap();
    WebPkiClientVerifier::builder_with_provider(Arc::new(issuers), provider)
        .build()
        .unwrap()
}

/// A client whose certificate is issued, and its issuer's certificate.
fn issued_client() -> (TlsClient, CertificateDer<'static>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["information-system".to_owned()]).unwrap();
    let client = TlsClient {
        certificate_pem: params.signed_by(&key, &issuer).unwrap().pem(),
        key_pem: key.serialize_pem(),
    };
    (client, issuer.der().clone())
}

/// A load of a truthful server, that trusts `trusted`.
async fn bench(handshake: &Handshake<'_>, trusted: &Identity, client: Option<TlsClient>) -> Bench {
    let tls = handshake.acceptor();
    let mut bench = Bench::with_server(closed(4), Some(tls), |_| Act::Truth).await;
    trust(&mut bench.config, trusted, client);
    // Also for each attempt: enough for a handshake on a machine that is busy with other things.
    bench.config.limits.connect_timeout_ms = 500;
    bench.config.limits.give_up_after_ms = 100;
    bench
}

fn trust(config: &mut LoadConfig, trusted: &Identity, client: Option<TlsClient>) {
    config.base_url = config.base_url.replace("http://", "https://");
    config.tls = Some(TlsConfig {
        trusted_certificate_pem: trusted.certificate_pem.clone(),
        client,
    });
}

/// Runs a load that comes to nothing; why it was stopped.
async fn reason_of_failure(bench: Bench) -> String {
    let connections = Arc::clone(&bench.server.connections);
    let Run { result, .. } = bench.run().await;
    assert!((1..PEOPLE).contains(&result.started), "{}", result.started);
    assert_eq!(result.outcomes.failed, result.started);
    assert_eq!(connections.load(Ordering::SeqCst), 0, "nothing was heard");
    result.stopped_early.unwrap()
}

#[tokio::test]
async fn a_pinned_server_is_asked_over_kept_connections() {
    for version in [&TLS13, &TLS12] {
        let server = Identity::new();
        let handshake = Handshake {
            version,
            ..Handshake::of(&server)
        };
        let bench = bench(&handshake, &server, None).await;
        let connections = Arc::clone(&bench.server.connections);
        let run = bench.run().await;
        assert_eq!(run.result.outcomes.ok, PEOPLE);
        assert_eq!(run.result.deceased_named, DECEASED);
        let connections = connections.load(Ordering::SeqCst);
        assert!((1..=4).contains(&connections), "{connections}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_who_asks_for_it() {
    for version in [&TLS13, &TLS12] {
        let server = Identity::new();
        let (client, issuer) = issued_client();
        let handshake = Handshake {
            version,
            demands: Some(issuer),
            ..Handshake::of(&server)
        };
        let run = bench(&handshake, &server, Some(client)).await.run().await;
        assert_eq!(run.result.outcomes.ok, PEOPLE);
    }
}

#[tokio::test]
async fn a_client_that_is_turned_away_stops_and_says_so() {
    let server = Identity::new();
    let (_, issuer) = issued_client();
    let (stranger, _) = issued_client();
    // The stranger comes from an issuer of the same name, which could not sign for this one.
    let cases = [
        (None, "CertificateRequired"),
        (Some(stranger), "DecryptError"),
    ];
    for (client, alert) in cases {
        let handshake = Handshake {
            demands: Some(issuer.clone()),
            ..Handshake::of(&server)
        };
        let bench = bench(&handshake, &server, client).await;
        let address = bench.server.address;
        let Run { result, .. } = bench.run().await;
        assert!(result.started < PEOPLE, "{}", result.started);
        assert!(result.outcomes.failed > 0);
        // A connection that is reset before the alert is read tells nothing.
        let unanswered = result.outcomes.failed + result.outcomes.unknown;
        assert_eq!(unanswered, result.started);
        assert_eq!(
            result.stopped_early,
            Some(format!("{address} turned this client away: {alert}"))
        );
    }
}

#[tokio::test]
async fn with_tls_1_2_the_handshake_itself_turns_a_client_away() {
    let server = Identity::new();
    let (_, issuer) = issued_client();
    let handshake = Handshake {
        version: &TLS12,
        demands: Some(issuer),
        ..Handshake::of(&server)
    };
    let reason = reason_of_failure(bench(&handshake, &server, None).await).await;
    assert!(reason.contains("TLS handshake: "), "{reason}");
}

#[tokio::test]
async fn a_server_with_another_certificate_is_told_nothing() {
    let (server, trusted) = (Identity::new(), Identity::new());
    let bench = bench(&Handshake::of(&server), &trusted, None).await;
    let address = bench.server.address;
    assert_eq!(
        reason_of_failure(bench).await,
        format!(
            "no connection to {address}: TLS handshake: \
             the server shows another certificate than the trusted one"
        )
    );
}

#[tokio::test]
async fn the_right_certificate_without_its_key_is_not_enough() {
    for version in [&TLS13, &TLS12] {
        let (server, thief) = (Identity::new(), Identity::new());
        let handshake = Handshake {
            certificate: &server,
            key: &thief,
            version,
            demands: None,
        };
        let reason = reason_of_failure(bench(&handshake, &server, None).await).await;
        assert!(reason.contains("BadSignature"), "{reason}");
    }
}

#[tokio::test]
async fn a_server_without_tls_does_not_pass_for_one_with_it() {
    let trusted = Identity::new();
    // Says something that is no TLS, and leaves.
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    let mut bench = bench(&Handshake::of(&trusted), &trusted, None).await;
    bench.config.base_url = format!("https://{address}");
    let talking = async {
        loop {
            let (mut stream, _) = plain.accept().await.unwrap();
            let hello = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
            assert!(hello.unwrap() > 0);
            let text = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, text).await;
        }
    };
    let mut load = pin!(reason_of_failure(bench));
    let reason = tokio::select! {
        reason = &mut load => reason,
        () = talking => unreachable!("it talks for ever"),
    };
    assert!(reason.contains("TLS handshake: "), "{reason}");
}

#[tokio::test]
async fn tls_and_address_must_go_together_and_be_whole() {
    async fn check(change: impl FnOnce(&mut LoadConfig), expected: &str) {
        let server = Identity::new();
        let (client, _) = issued_client();
        let mut bench = bench(&Handshake::of(&server), &server, Some(client)).await;
        change(&mut bench.config);
        let refusal = bench.refusal().await;
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
    fn tls(config: &mut LoadConfig) -> &mut TlsConfig {
        config.tls.as_mut().unwrap()
    }
    fn client(config: &mut LoadConfig) -> &mut TlsClient {
        tls(config).client.as_mut().unwrap()
    }
    check(|c| c.tls = None, "do not go together").await;
    check(
        |c| c.base_url = c.base_url.replace("https", "http"),
        "do not go together",
    )
    .await;
    check(
        |c| tls(c).trusted_certificate_pem.clear(),
        "the trusted certificate",
    )
    .await;
    check(
        |c| client(c).certificate_pem = "not PEM".to_owned(),
        "the client certificate",
    )
    .await;
    check(|c| client(c).key_pem.clear(), "the client key").await;
    let another = issued_client().0.key_pem;
    check(move |c| client(c).key_pem = another, "set up TLS").await;
}
