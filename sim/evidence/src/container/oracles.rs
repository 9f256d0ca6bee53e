//! Containers before four judges that know nothing of Roadtest: xmlsec1, `openssl ts`,
//! `openssl ocsp`, and a hash chain checker in Python.

mod judges;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use bytes::Bytes;
use rcgen::ExtendedKeyUsagePurpose;
use tempfile::TempDir;
use zip::ZipArchive;

use super::{ContainerParts, write_container};
use crate::certificate::Certificate;
use crate::digest::Sha512;
use crate::hash_chain::{HashTree, Leaf, time_stamp_chain};
use crate::ocsp::{CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus};
use crate::signature::{MemberSigner, MessageSignature};
use crate::test_country::{TestAuthority, now};
use crate::time_stamp::{TokenSigner, parse_request, request, token_of_response};

/// The entries of a container, and a folder with the certificates that a judge must know.
struct Exhibit {
    entries: BTreeMap<String, Vec<u8>>,
    folder: TempDir,
}

impl Exhibit {
    /// One message of a batch of three, or one alone; stamped together with another signature.
    fn new(with_body: bool) -> Self {
        let authority = TestAuthority::new("Test CA");
        let stamper = authority.time_stamper();
        let (key, certificate) = authority.signing("70000310");
        let ocsp = good(&authority, &certificate);
        let signer = MemberSigner::new(key, certificate.clone());

        let message = Bytes::from_static(b"POST\r\n/r1/EE/GOV/70000310/rr/check\r\n");
        let attachment = with_body.then(|| Bytes::from_static(b"{\"ids\":[\"36805280109\"]}"));
        let attachment_digest = attachment.as_deref().map(Sha512::of);
        let leaf = Leaf {
            message: Sha512::of(&message),
            attachment: attachment_digest,
        };
        let signature = sign(&signer, leaf, &ocsp);
        let stamped = [
            Sha512::of(b"another signature"),
            Sha512::of(&signature.document),
        ];
        let path = HashTree::build(&stamped).unwrap().path(1);
        let time_stamp_chain = time_stamp_chain(stamped[1], &path);
        let imprint = Sha512::of(&time_stamp_chain.result);
        let container = write_container(&ContainerParts {
            message,
            attachment,
            signature_document: signature.document,
            signature_chain: signature.chain,
            time_stamp_chain,
            time_stamp_token: Bytes::from(token(&stamper, &imprint)),
        });

        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, certificate: &Certificate| {
            fs::write(folder.path().join(name), certificate.to_pem()).unwrap();
        };
        write("ca.pem", &authority.certificate);
        write("tsa.pem", stamper.certificate());
        write("signer.pem", &certificate);
        Self {
            entries: unzip(container),
            folder,
        }
    }

    /// Writes the entries, one of them with other content, into a folder of this name.
    fn unpack(&self, name: &str, entry: &str, content: &[u8]) -> PathBuf {
        let container = self.folder.path().join(name);
        fs::create_dir_all(container.join("META-INF")).unwrap();
        for (path, original) in &self.entries {
            let content = if path == entry { content } else { original };
            fs::write(container.join(path), content).unwrap();
        }
        container
    }

    /// The same with a piece of text replaced where it first occurs.
    fn replace(&self, entry: &str, before: &str, after: &str) -> PathBuf {
        let original = String::from_utf8(self.entries[entry].clone()).unwrap();
        let changed = original.replacen(before, after, 1);
        assert_ne!(changed, original, "{before} is in {entry}");
        self.unpack("replaced", entry, changed.as_bytes())
    }

    /// A container for each entry and each of its first, middle and last byte, that one changed.
    fn with_changes(&self) -> Vec<PathBuf> {
        let mut containers = Vec::new();
        for (entry, original) in &self.entries {
            for at in [0, original.len() / 2, original.len() - 1] {
                let mut changed = original.clone();
                changed[at] ^= 1;
                let name = format!("{}-{at}", entry.replace('/', "-"));
                containers.push(self.unpack(&name, entry, &changed));
            }
        }
        containers
    }
}

fn sign(signer: &MemberSigner, leaf: Leaf, ocsp: &[u8]) -> MessageSignature {
    let other = Leaf {
        message: Sha512::of(b"other"),
        attachment: None,
    };
    let leaves = if leaf.attachment.is_some() {
        vec![other, leaf, other]
    } else {
        vec![leaf]
    };
    signer
        .sign_batch(&leaves, ocsp, now())
        .messages
        .swap_remove(leaves.len() / 2)
}

fn good(authority: &TestAuthority, certificate: &Certificate) -> Vec<u8> {
    let (key, responder) = authority.service(ExtendedKeyUsagePurpose::OcspSigning);
    let single = SingleStatus {
        cert_id: CertId::of(certificate, &authority.certificate, CertIdAlgorithm::Sha1),
        status: CertificateStatus::Good,
        this_update: now(),
        next_update: None,
    };
    ResponseSigner::new(key, responder).respond(&[single], None, now())
}

fn token(stamper: &TokenSigner, imprint: &Sha512) -> Vec<u8> {
    let request = parse_request(&request(imprint)).unwrap();
    token_of_response(&stamper.grant(&request, [7; 16], now())).unwrap()
}

fn unzip(container: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(container)).unwrap();
    let mut entries = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        entries.insert(file.name().unwrap().into_owned(), content);
    }
    entries
}

/// All judges accept the container, and of each changed one at least one refuses.
fn check(with_body: bool, entries: usize) {
    let exhibit = Exhibit::new(with_body);
    assert_eq!(exhibit.entries.len(), entries);
    let container = exhibit.unpack("original", "", b"");
    assert!(judges::xmlsec(&container));
    assert!(judges::openssl_ts(&container));
    assert!(judges::openssl_ocsp(&container));
    assert_eq!(judges::hash_chains(&[container]), [true]);

    let changed = exhibit.with_changes();
    for (container, is_accepted) in changed.iter().zip(judges::hash_chains(&changed)) {
        let is_accepted = is_accepted
            && judges::xmlsec(container)
            && judges::openssl_ts(container)
            && judges::openssl_ocsp(container);
        assert!(!is_accepted, "{} convinced everybody", container.display());
    }
}

#[test]
fn a_container_with_a_direct_signature_convinces_all_and_holds_in_every_entry() {
    check(false, 8);
}

#[test]
fn a_container_with_a_body_convinces_all_and_holds_in_every_entry() {
    check(true, 11);
}

#[test]
fn each_judge_refuses_what_is_its_own_to_judge() {
    let exhibit = Exhibit::new(true);
    let signatures = "META-INF/signatures.xml";
    let earlier = "<xades:SigningTime>1";
    assert!(!judges::xmlsec(&exhibit.replace(
        signatures,
        "<xades:SigningTime>2",
        earlier
    )));

    // The first bytes of an OCSP response say how long it is and that it is one.
    let not_a_sequence = "Id=\"ocsp-response-1\">N";
    let container = exhibit.replace(signatures, "Id=\"ocsp-response-1\">M", not_a_sequence);
    assert!(!judges::openssl_ocsp(&container));
    assert!(
        judges::xmlsec(&container),
        "the signature does not cover the OCSP response"
    );

    assert!(!judges::openssl_ts(&exhibit.replace(
        "ts-hashchainresult.xml",
        "STEP0",
        "STEP1"
    )));
    let container = exhibit.replace("sig-hashchain.xml", "STEP0", "STEP9");
    assert_eq!(judges::hash_chains(&[container]), [false]);
}
