//! A browser with a card in its reader: TLS with a client certificate.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use sim_identity_provider::Ready;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::browser::{Browser, Page};
use crate::country::Card;

/// What is in the reader, as a TLS library takes it; the two need not belong to each other.
#[derive(Debug)]
struct Reader(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Reader {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        assert_eq!(hints.len(), 1, "the people's authority is named");
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

/// Certificate and key.
pub(crate) fn parts(card: &Card) -> (&[u8], &[u8]) {
    (&card.certificate, &card.pkcs8)
}

impl Browser {
    /// Follows a link to where ID-cards are asked for, trusting the certificate that the provider
    /// told; `card` is a certificate and a key.
    pub(crate) async fn show_card(
        &self,
        ready: &Ready,
        link: &str,
        card: Option<(&[u8], &[u8])>,
    ) -> io::Result<Page> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let reader = card.map(|(certificate, key)| {
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()));
            let key = provider.key_provider.load_private_key(key).unwrap();
            let chain = vec![CertificateDer::from(certificate.to_vec())];
            Arc::new(CertifiedKey::new(chain, key))
        });
        let pem = ready.id_card_certificate_pem.as_ref().unwrap();
        let mut roots = RootCertStore::empty();
        let trusted = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        roots.add(trusted).unwrap();
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(Reader(reader)));
        let address = ready.id_card_listen.unwrap();
        let path = link.strip_prefix(&format!("https://{address}")).unwrap();
        let name = ServerName::from(address.ip());
        let stream = TcpStream::connect(address).await?;
        let connector = TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name, stream).await?;
        let cookie = self.cookie();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        // Until the other side closes, as it shall.
        stream.read_to_string(&mut answer).await?;
        Ok(read(&answer))
    }
}

fn read(answer: &str) -> Page {
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: BTreeMap<_, _> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    assert_eq!(headers["connection"], "close");
    Page::new(status.parse().unwrap(), headers, text.to_owned())
}
