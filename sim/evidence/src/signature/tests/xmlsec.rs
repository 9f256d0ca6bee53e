//! The xmlsec library, which knows nothing of our template, verifies our documents with real
//! canonicalisation.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Country, leaf};
use crate::digest::Sha512;
use crate::hash_chain::Leaf;

/// The day of [`crate::test_country::NOW`]: the certificates are valid around it, not today.
const VERIFICATION_TIME: &str = "2026-03-01 12:00:00";

/// Whether xmlsec1 accepts `signatures.xml` in this folder over the file called `signed`.
fn xmlsec_accepts(folder: &Path, signed: &str) -> bool {
    let output = Command::new("xmlsec1")
        .arg("--verify")
        .arg(format!("--url-map:/{signed}"))
        .arg(signed)
        .args([
            "--verification-time",
            VERIFICATION_TIME,
            "--id-attr:Id",
            "SignedProperties",
        ])
        .args(["--trusted-pem", "ca.pem", "signatures.xml"])
        .current_dir(folder)
        .output()
        .expect("xmlsec1 is installed");
    output.status.success()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

#[test]
fn xmlsec_verifies_a_direct_signature_and_refuses_a_changed_one() {
    let country = Country::new();
    let head = b"GET\r\n/r1/EE/GOV/70000310/rr/check\r\nx-road-id:1\r\n";
    let document = country
        .sign(&[leaf(std::str::from_utf8(head).unwrap(), None)])
        .document;
    let pem = country.authority.certificate.to_pem();
    let folder = folder(&[
        ("message.xml", head),
        ("signatures.xml", &document),
        ("ca.pem", pem.as_bytes()),
    ]);
    assert!(xmlsec_accepts(folder.path(), "message.xml"));

    fs::write(folder.path().join("message.xml"), b"another message").unwrap();
    assert!(!xmlsec_accepts(folder.path(), "message.xml"));
    fs::write(folder.path().join("message.xml"), head).unwrap();
    for (before, after) in [
        ("application", "applicatioN"),
        ("SigningTime>2", "SigningTime>3"),
    ] {
        let text = String::from_utf8(document.to_vec()).unwrap();
        let changed = text.replace(before, after).replace("text/xml", "text/xmL");
        assert_ne!(changed, text);
        fs::write(folder.path().join("signatures.xml"), changed).unwrap();
        assert!(!xmlsec_accepts(folder.path(), "message.xml"));
    }
}

#[test]
fn xmlsec_verifies_a_signature_over_a_hash_chain() {
    let country = Country::new();
    let with_body = Leaf {
        message: Sha512::of(b"head"),
        attachment: Some(Sha512::of(b"body")),
    };
    let batch = country.sign(&[leaf("first", None), with_body, leaf("third", None)]);
    let chain = batch.messages[1].chain.as_ref().unwrap();
    let pem = country.authority.certificate.to_pem();
    let folder = folder(&[
        ("sig-hashchainresult.xml", &chain.result),
        ("signatures.xml", &batch.document),
        ("ca.pem", pem.as_bytes()),
    ]);
    assert!(xmlsec_accepts(folder.path(), "sig-hashchainresult.xml"));
    let another = country.sign(&[leaf("another", None), with_body]);
    let result = &another.messages[1].chain.as_ref().unwrap().result;
    fs::write(folder.path().join("sig-hashchainresult.xml"), result).unwrap();
    assert!(!xmlsec_accepts(folder.path(), "sig-hashchainresult.xml"));
}
