//! A security server that sends whatever a test wants to the message port of another.

use std::net::SocketAddr;

use bytes::Bytes;
use sim_domain::fault::Fault;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::signature::MemberSigner;
use sim_global_configuration::registration::{
    SecurityServerRegistration, register_security_server,
};
use sim_trust_services::Profile;
use tokio::io::AsyncWriteExt as _;

use crate::client::{assert_documented, connect};
use crate::country::{Country, TOKEN, member, server_id, subsystem};
use crate::notary::{Notary, now};
use crate::part::DEADLINE;
use crate::tls::{self, Credential};
use crate::wire::{self, Message};

pub(crate) const OCSP: &str = "application/ocsp-response";
pub(crate) const REQUEST: &str = "application/x-road-rest-request";
pub(crate) const RESPONSE: &str = "application/x-road-rest-response";
pub(crate) const BODY: &str = "application/x-road-rest-body";
pub(crate) const CHAIN_RESULT: &str = "application/hash-chain-result";
pub(crate) const CHAIN: &str = "application/hash-chain";
pub(crate) const SIGNATURE: &str = "signature/bdoc-1.0/ts";

/// What separates the parts.
const BOUNDARY: &str = "xtopabcdefghijklmnopqrstuvwxyzabcd";

/// Part type and content.
pub(crate) type Parts = Vec<(&'static str, Bytes)>;

/// A registered security server of member 4, whose one client is `hostile`.
pub(crate) struct Peer {
    to: SocketAddr,
    pub(crate) authentication: Credential,
    pub(crate) signing: Credential,
}

/// One HTTP request to the message port.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) method: &'static str,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Bytes,
}

impl Peer {
    /// Registers `EE/GOV/4/ss4`; the provider's server will know it after its next refresh.
    pub(crate) async fn register(country: &Country, notary: &Notary) -> Self {
        let profile = Profile::Authentication;
        let authentication = notary.credential(profile, &member("4")).await;
        Self::register_as(country, notary, authentication).await
    }

    /// As [`Self::register`], with this certificate.
    pub(crate) async fn register_as(
        country: &Country,
        notary: &Notary,
        authentication: Credential,
    ) -> Self {
        let peer = Self {
            to: country.provider.message_address(),
            authentication,
            signing: notary.credential(Profile::Signing, &member("4")).await,
        };
        register(country, &peer.authentication, "4", "ss4", 4, "4/hostile").await;
        peer
    }

    /// The parts of a request by `hostile`, all as they should be.
    pub(crate) fn parts(&self, notary: &Notary, id: &str, body: Option<&'static str>) -> Parts {
        self.parts_of("EE/GOV/4/hostile", notary, id, body)
    }

    /// As [`Self::parts`], in the name of another client.
    pub(crate) fn parts_of(
        &self,
        client: &str,
        notary: &Notary,
        id: &str,
        body: Option<&'static str>,
    ) -> Parts {
        let head = format!(
            "POST\r\n/r1/EE/GOV/2/population/echo\r\nx-road-client:{client}\r\n\
             x-road-request-id:request-of-{id}\r\nx-road-id:{id}\r\n"
        );
        let mut parts = vec![(OCSP, notary.good(&self.authentication))];
        parts.extend(signed(
            REQUEST,
            &head,
            body,
            &self.signing,
            &notary.good(&self.signing),
        ));
        parts
    }

    /// Sends the parts as a message; gives the whole answer.
    pub(crate) async fn send(&self, parts: &Parts) -> Message {
        self.send_envelope(&Envelope::of(parts)).await
    }

    pub(crate) async fn send_envelope(&self, envelope: &Envelope) -> Message {
        let answer = self.try_send(Some(&self.authentication), envelope).await;
        answer.unwrap()
    }

    /// Sends an envelope, showing `own` in the handshake.
    pub(crate) async fn try_send(
        &self,
        own: Option<&Credential>,
        envelope: &Envelope,
    ) -> std::io::Result<Message> {
        let exchange = async {
            let mut stream = tls::connect(connect(self.to).await, own).await?;
            stream.write_all(&envelope.bytes()).await?;
            let answer = wire::read(&mut stream, false).await?;
            answer.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
        };
        tokio::time::timeout(DEADLINE, exchange).await.unwrap()
    }
}

impl Envelope {
    /// What these parts should travel in.
    pub(crate) fn of(parts: &Parts) -> Self {
        Self {
            method: "POST",
            content_type: multipart_as("multipart/mixed", parts).0,
            headers: vec![
                ("x-hash-algorithm", "SHA-512"),
                ("x-road-message-type", "REST"),
                ("x-proxy-version", "7.8.0"),
                ("x-original-content-type", ""),
            ],
            body: multipart_as("multipart/mixed", parts).1,
        }
    }

    /// The request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!(
            "{} / HTTP/1.1\r\nHost: there\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
            self.method,
            self.content_type,
            self.body.len()
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

/// Registers a security server at the central server, for one client.
pub(crate) async fn register(
    country: &Country,
    authentication: &Credential,
    owner: &str,
    code: &str,
    host: u8,
    client: &str,
) {
    let registration = SecurityServerRegistration::new(
        server_id(owner, code),
        country.block.host(host).to_string(),
        &authentication.certificate,
        vec![subsystem(client)],
    );
    register_security_server(&country.management_url, TOKEN, &registration)
        .await
        .unwrap();
}

/// Head, body, chain and signature parts of a message signed by `signing`.
pub(crate) fn signed(
    head_type: &'static str,
    head: &str,
    body: Option<&'static str>,
    signing: &Credential,
    status: &[u8],
) -> Parts {
    let leaf = Leaf {
        message: Sha512::of(head.as_bytes()),
        attachment: body.map(|body| Sha512::of(body.as_bytes())),
    };
    let signer = MemberSigner::new(signing.key.clone(), signing.certificate.clone());
    let signature = signer.sign_batch(&[leaf], status, now()).messages.remove(0);
    let mut parts = vec![(head_type, Bytes::from(head.to_owned()))];
    parts.extend(body.map(|body| (BODY, Bytes::from_static(body.as_bytes()))));
    if let Some(chain) = signature.chain {
        parts.extend([(CHAIN_RESULT, chain.result), (CHAIN, chain.chain)]);
    }
    parts.push((SIGNATURE, signature.document));
    parts
}

/// Content type and body of a multipart of this kind.
pub(crate) fn multipart_as(kind: &str, parts: &Parts) -> (String, Bytes) {
    let mut body = Vec::new();
    for (content_type, content) in parts {
        let head = format!("--{BOUNDARY}\r\ncontent-type: {content_type}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let content_type = format!("{kind}; charset=UTF-8; boundary={BOUNDARY}");
    (content_type, body.into())
}

/// The first part of a type in a multipart body with any boundary.
pub(crate) fn part_of(message: &Message, content_type: &str) -> Option<Bytes> {
    let (_, boundary) = message.header("content-type")?.split_once("boundary=")?;
    let begin = format!("content-type: {content_type}\r\n\r\n");
    let from = wire::find(&message.body, begin.as_bytes())? + begin.len();
    let end = format!("\r\n--{boundary}");
    let length = wire::find(&message.body[from..], end.as_bytes())?;
    Some(message.body.slice(from..from + length))
}

/// The code of the SOAP fault in a 200 answer.
pub(crate) fn soap_fault_of(answer: &Message) -> String {
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/xml;charset=UTF-8"),
        "{answer:?}"
    );
    let code = Fault::parse_soap(&answer.body).unwrap().code.to_string();
    assert_documented(&code);
    code
}
