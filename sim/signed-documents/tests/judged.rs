//! Signed documents, judged by Estonia's own library.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::ecdsa::{Signature, SigningKey};
use sim_clock::Clock;
use sim_evidence::certificate::Certificate;
use sim_http_client::HttpClient;
use sim_signed_documents::{
    DataFile, Draft, DraftError, Notary, TrustList, TrustedService, TrustedServiceKind,
};
use sim_trust_services::enrolment::{self, PersonName};
use sim_trust_services::{Profile, authority, ocsp, time_stamping};
use tempfile::TempDir;
use tokio::sync::oneshot;

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const TOKEN: &str = "token";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A person's key, as requests for certificates need it.
struct Person(SigningKey, Vec<u8>);

impl Person {
    fn new() -> Self {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        Self(key, point)
    }

    fn sign(&self, digest: &[u8; 32]) -> Vec<u8> {
        let signature: Signature = self.0.sign_prehash(digest).unwrap();
        signature.to_bytes().to_vec()
    }
}

impl rcgen::PublicKeyData for Person {
    fn der_bytes(&self) -> &[u8] {
        &self.1
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Person {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: p256::ecdsa::DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

struct Lab {
    ca: authority::Ready,
    ocsp: ocsp::Ready,
    tsa: time_stamping::Ready,
    folder: TempDir,
}

impl Lab {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = serde_json::json!({
            "listen": ANY_PORT, "instance": "EE", "name": "People's CA",
            "enrolment_token": TOKEN, "folder": folder.path().join("ca"),
        });
        let (up, is_up) = oneshot::channel();
        let config: authority::CaConfig = serde_json::from_value(ca).unwrap();
        tokio::spawn(authority::run(
            config,
            |ready| up.send(ready).unwrap(),
            std::future::pending(),
        ));
        let ca = is_up.await.unwrap();
        let of_ca = serde_json::json!({
            "listen": ANY_PORT, "ca_url": ca.url, "enrolment_token": TOKEN,
        });
        let (up, is_up) = oneshot::channel();
        let config: ocsp::OcspConfig = serde_json::from_value(of_ca.clone()).unwrap();
        tokio::spawn(ocsp::run(
            config,
            |ready| up.send(ready).unwrap(),
            std::future::pending(),
        ));
        let ocsp = is_up.await.unwrap();
        let (up, is_up) = oneshot::channel();
        let config: time_stamping::TsaConfig = serde_json::from_value(of_ca).unwrap();
        tokio::spawn(time_stamping::run(
            config,
            |ready| up.send(ready).unwrap(),
            std::future::pending(),
        ));
        Self {
            ca,
            ocsp,
            tsa: is_up.await.unwrap(),
            folder,
        }
    }

    async fn certificate(&self, person: &Person) -> Vec<u8> {
        let name = PersonName {
            country: "EE",
            national_id: "38001085718",
            given_name: "Mari-Liis",
            surname: "Männik",
        };
        let request = enrolment::person_request(person, &name).unwrap();
        let profile = Profile::PersonSigning;
        enrolment::request_certificate(&self.ca.url, TOKEN, profile, request)
            .await
            .unwrap()
    }

    fn notary(&self) -> Notary {
        let authority = Certificate::from_pem(&self.ca.certificate_pem).unwrap();
        Notary::new(
            HttpClient::default(),
            &self.tsa.url,
            &self.ocsp.url,
            authority,
        )
    }

    /// The trusted list and its signer's certificate, in files.
    fn trust_list(&self) -> (PathBuf, PathBuf) {
        let service = |name: &str, kind, pem: &str| TrustedService {
            name: name.to_owned(),
            kind,
            certificate: Certificate::from_pem(pem).unwrap(),
        };
        let services = [
            service(
                "CA",
                TrustedServiceKind::Authority,
                &self.ca.certificate_pem,
            ),
            service(
                "OCSP",
                TrustedServiceKind::OcspResponder,
                &self.ocsp.certificate_pem,
            ),
            service(
                "TSA",
                TrustedServiceKind::TimeStamping,
                &self.tsa.certificate_pem,
            ),
        ];
        let now = Clock::wall().now();
        let (next, since) = (now.plus(30 * DAY), now.minus(400 * DAY));
        let list = TrustList::new("Operator", "EE", &services, now, next, since);
        let key = Person(SigningKey::from_slice(&[9; 32]).unwrap(), Vec::new());
        let point = key.0.verifying_key().to_sec1_point(false);
        let key = Person(key.0, point.as_bytes().to_vec());
        let mut params = rcgen::CertificateParams::default();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "List signer");
        let signer = params.self_signed(&key).unwrap().der().to_vec();
        let signature: Signature = key.0.sign(&list.to_sign());
        let signer = Certificate::parse(signer).unwrap();
        let text = list.signed(&signature.to_bytes(), &signer);
        let list = self.write("list.xml", text.as_bytes());
        (list, self.write("signer.der", signer.der()))
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// What the library says of each container.
    fn judge(&self, (list, signer): &(PathBuf, PathBuf), containers: &[PathBuf]) -> Vec<String> {
        let place = tempfile::tempdir_in(self.folder.path()).unwrap();
        let told = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge.py"))
            .arg(place.path())
            .args([list, signer])
            .args(containers)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&told.stdout).into_owned();
        let error = String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success(), "{said}\n{error}");
        said.lines().map(str::to_owned).collect()
    }
}

/// The interpreter of the virtual environment that `ci/test` makes.
fn python() -> PathBuf {
    if let Some(named) = std::env::var_os("ROADTEST_JUDGES_PYTHON") {
        return named.into();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("target/judges/bin/python");
    assert!(
        path.exists(),
        "there is no target/judges/bin/python: run ci/test once, which installs the outside judges"
    );
    path
}

fn file(name: &str, text: &str) -> DataFile {
    DataFile {
        name: name.to_owned(),
        media_type: "application/json".to_owned(),
        bytes: Bytes::from(text.to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn estonias_library_accepts_a_document_and_refuses_changed_ones() {
    let lab = Lab::start().await;
    let person = Person::new();
    let certificate = lab.certificate(&person).await;
    let files = vec![
        file("application.json", "{\"kind\":\"child-benefit\"}"),
        file("register-extract.json", "{\"children\":2}"),
    ];
    let now = Clock::wall().now();
    let draft = Draft::new(files, certificate, now).unwrap();
    let digest = draft.digest_to_sign();
    let signed = draft.signed(&person.sign(&digest)).unwrap();
    let container = lab.notary().complete(&signed).await.unwrap();
    let trust = lab.trust_list();
    let changes: [(&str, &str, Change); 6] = [
        ("good.asice", "application.json", |bytes| bytes),
        ("data.asice", "application.json", |bytes| {
            flipped(bytes, "child")
        }),
        ("stamp.asice", SIGNATURES, |bytes| {
            flipped(bytes, "EncapsulatedTimeStamp>")
        }),
        ("ocsp.asice", SIGNATURES, |bytes| {
            flipped(bytes, "EncapsulatedOCSPValue Id=\"N0\">")
        }),
        ("value.asice", SIGNATURES, |bytes| {
            flipped(bytes, "SignatureValue Id=\"S0-SIG\">")
        }),
        ("time.asice", SIGNATURES, |bytes| {
            flipped(bytes, "SigningTime>202")
        }),
    ];
    let written: Vec<PathBuf> = changes
        .iter()
        .map(|(name, entry, change)| lab.write(name, &changed(&container, entry, *change)))
        .collect();
    let told = lab.judge(&trust, &written);
    assert!(
        told[0].starts_with("accepted good.asice: MÄNNIK,MARI-LIIS,38001085718"),
        "{told:?}"
    );
    for (told, (name, ..)) in told.iter().zip(changes).skip(1) {
        assert!(told.starts_with(&format!("refused {name}")), "{told}");
    }

    // A list that its signer did not sign makes nobody trusted.
    let list = std::fs::read_to_string(&trust.0).unwrap();
    let forged = lab.write(
        "forged.xml",
        list.replace("<SchemeTerritory>EE", "<SchemeTerritory>LV")
            .as_bytes(),
    );
    let told = lab.judge(&(forged, trust.1), &written[..1]);
    assert!(told[0].starts_with("refused good.asice"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_with_a_revoked_certificate_is_refused() {
    let lab = Lab::start().await;
    let person = Person::new();
    let certificate = lab.certificate(&person).await;
    let parsed = Certificate::parse(certificate.clone()).unwrap();
    enrolment::revoke(&lab.ca.url, TOKEN, &parsed, Some(1))
        .await
        .unwrap();
    let files = vec![file("application.json", "{}")];
    let draft = Draft::new(files, certificate, Clock::wall().now()).unwrap();
    let digest = draft.digest_to_sign();
    let signed = draft.signed(&person.sign(&digest)).unwrap();
    let container = lab.notary().complete(&signed).await.unwrap();
    let written = lab.write("revoked.asice", &container);
    let told = lab.judge(&lab.trust_list(), &[written]);
    assert!(told[0].starts_with("refused revoked.asice"), "{told:?}");
}

/// What is done to one entry of a container.
type Change = fn(Vec<u8>) -> Vec<u8>;

const SIGNATURES: &str = "META-INF/signatures0.xml";

/// The container with one entry changed.
fn changed(container: &[u8], entry: &str, change: Change) -> Vec<u8> {
    let mut before = zip::ZipArchive::new(std::io::Cursor::new(container)).unwrap();
    let mut after = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..before.len() {
        let mut read = before.by_index(at).unwrap();
        let (name, method) = (read.name().unwrap().into_owned(), read.compression());
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut read, &mut bytes).unwrap();
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        after.start_file(&name, options).unwrap();
        let bytes = if name == entry { change(bytes) } else { bytes };
        std::io::Write::write_all(&mut after, &bytes).unwrap();
    }
    after.finish().unwrap().into_inner()
}

/// One character a little behind `mark` becomes another.
fn flipped(mut bytes: Vec<u8>, mark: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.clone()).unwrap();
    let behind = if mark.ends_with('>') { 120 } else { 0 };
    // A signature's value is short.
    let behind = if mark.contains("SIG") { 20 } else { behind };
    let at = text.find(mark).unwrap() + mark.len() + behind;
    bytes[at] = match bytes[at] {
        b'A' => b'B',
        digit @ b'0'..=b'8' => digit + 1,
        _ => b'A',
    };
    bytes
}

#[test]
fn what_cannot_be_signed_is_named() {
    let refused =
        |files: Vec<DataFile>| Draft::new(files, Vec::new(), Clock::wall().now()).unwrap_err();
    assert!(matches!(refused(vec![]), DraftError::Files(0)));
    for name in ["", "../x", "a/b", ".hidden", "mimetype", "ä.txt", "a b"] {
        assert!(
            matches!(refused(vec![file(name, "")]), DraftError::Name(_)),
            "{name}"
        );
    }
    let twice = vec![file("a", ""), file("a", "")];
    assert!(matches!(refused(twice), DraftError::Twice(_)));
    let mut odd = file("a", "");
    odd.media_type = "text".to_owned();
    assert!(matches!(refused(vec![odd]), DraftError::MediaType(_)));
    assert!(matches!(
        refused(vec![file("a", "")]),
        DraftError::Certificate(_)
    ));
}
