//! The client of time-stamping authorities against authorities that answer over HTTP.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, CustomExtension, DnType, KeyUsagePurpose};
use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::keys::SigningKey;
use sim_evidence::time_stamp::{TimeStampError, TokenSigner, parse_request, verify_token};
use sim_message_log::time_stamping::TimeStampingAuthorities;
use sim_message_log::{StampError, Stamper, TimeStampClient};
use tokio::net::TcpListener;

/// How an authority of these tests behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Grants,
    StampsSomethingElse,
    Fails,
}

/// An extended key usage of time-stamping alone, critical as RFC 3161 wants it.
fn time_stamping_alone() -> CustomExtension {
    let purposes = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08".to_vec();
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    extension.set_criticality(true);
    extension
}

fn signer() -> TokenSigner {
    let key = SigningKey::generate().unwrap();
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Test TSA");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.custom_extensions = vec![time_stamping_alone()];
    let certificate = params.self_signed(&key).unwrap();
    TokenSigner::new(key, Certificate::parse(certificate.der().to_vec()).unwrap())
}

/// The time all tokens state.
fn stamped_at() -> UtcTime {
    Clock::wall().now()
}

async fn answer(
    request: Request<Incoming>,
    signer: Arc<TokenSigner>,
    manner: Manner,
) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(
        (request.method(), request.uri().path()),
        (&Method::POST, "/tsa")
    );
    assert_eq!(
        request.headers()["content-type"],
        "application/timestamp-query"
    );
    let query = request.into_body().collect().await.unwrap().to_bytes();
    let mut query = parse_request(&query).unwrap();
    assert!(query.nonce.is_none() && !query.wants_certificate);
    let mut response = Response::default();
    match manner {
        Manner::Fails => *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE,
        Manner::StampsSomethingElse => query.imprint = (&Sha512::of(b"something else")).into(),
        Manner::Grants => {}
    }
    *response.body_mut() = signer.grant(&query, [7; 16], stamped_at()).into();
    Ok(response)
}

/// Serves on a loopback port; its address.
async fn serve(signer: &Arc<TokenSigner>, manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let signer = Arc::clone(signer);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let signer = Arc::clone(&signer);
            let service = service_fn(move |request| answer(request, Arc::clone(&signer), manner));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    format!("http://{address}/tsa")
}

/// An address where nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/tsa", listener.local_addr().unwrap())
}

fn client(
    urls: Vec<String>,
    certificates: Vec<Certificate>,
) -> TimeStampClient<impl Fn() -> TimeStampingAuthorities + Sync> {
    TimeStampClient::new(move || TimeStampingAuthorities {
        urls: urls.clone(),
        certificates: certificates.clone(),
    })
}

#[tokio::test]
async fn authorities_are_asked_in_order_until_one_grants() {
    let (first, second) = (Arc::new(signer()), Arc::new(signer()));
    let urls = vec![
        nobody().await,
        "no URL".to_owned(),
        serve(&first, Manner::Fails).await,
        serve(&first, Manner::StampsSomethingElse).await,
        serve(&second, Manner::Grants).await,
    ];
    let certificates = vec![first.certificate().clone(), second.certificate().clone()];
    let imprint = Sha512::of(b"result");
    let before = stamped_at();
    let stamp = client(urls, certificates.clone())
        .stamp(imprint)
        .await
        .unwrap();
    assert_eq!(
        verify_token(&stamp.token, &imprint, &certificates).unwrap(),
        stamp.at
    );
    // Tokens state whole seconds.
    assert!(before.since(stamp.at).as_secs() <= 1 && stamp.at <= stamped_at());
    let der = second.certificate().der();
    assert!(
        stamp
            .token
            .windows(der.len())
            .any(|window| window == &der[..]),
        "encloses it"
    );
}

#[tokio::test]
async fn a_token_of_an_authority_that_is_not_approved_is_refused() {
    let (approved, other) = (signer(), Arc::new(signer()));
    let urls = vec![serve(&other, Manner::Grants).await];
    let refused = client(urls, vec![approved.certificate().clone()])
        .stamp(Sha512::of(b"result"))
        .await;
    assert!(
        matches!(refused, Err(StampError::Token { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_token_over_something_else_is_refused() {
    let signer = Arc::new(signer());
    let urls = vec![serve(&signer, Manner::StampsSomethingElse).await];
    let refused = client(urls, vec![signer.certificate().clone()])
        .stamp(Sha512::of(b"result"))
        .await;
    let Err(StampError::Token { source, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(source, TimeStampError::WrongImprint);
}

#[tokio::test]
async fn without_an_authority_there_is_no_stamp() {
    let refused = client(Vec::new(), Vec::new())
        .stamp(Sha512::of(b"result"))
        .await;
    assert!(matches!(refused, Err(StampError::NoAuthority)));
    let urls = vec!["https://127.0.0.1/".to_owned()];
    let refused = client(urls, Vec::new()).stamp(Sha512::of(b"result")).await;
    assert!(matches!(refused, Err(StampError::Exchange { .. })));
}
