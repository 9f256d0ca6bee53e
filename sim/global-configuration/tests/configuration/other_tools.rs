//! A signed directory in the hands of others: OpenSSL's signatures and Python's hashes.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::KeyError;
use sim_global_configuration::signed_directory::{DirectoryError, dissect, verify};
use tempfile::TempDir;

use crate::directory::{PRIVATE, SHARED, sample};

fn run(command: &mut Command) -> Output {
    command.output().expect("the tool is installed")
}

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    run(Command::new("openssl").current_dir(folder).args(arguments))
}

fn must(output: Output) -> Output {
    assert!(output.status.success(), "{output:?}");
    output
}

#[test]
fn openssl_verifies_the_signature() {
    let (_, signer, composed) = sample();
    let folder = TempDir::new().unwrap();
    let parts = dissect(&composed).unwrap();
    let write = |name: &str, content: &[u8]| {
        std::fs::write(folder.path().join(name), content).unwrap();
    };
    write("signed", parts.signed.as_bytes());
    write("signature", &STANDARD.decode(parts.signature).unwrap());
    write("certificate.pem", signer.certificate().to_pem().as_bytes());
    let key = [
        "x509",
        "-in",
        "certificate.pem",
        "-noout",
        "-pubkey",
        "-out",
        "key.pem",
    ];
    must(openssl(folder.path(), &key));
    let arguments = [
        "dgst",
        "-sha512",
        "-verify",
        "key.pem",
        "-signature",
        "signature",
        "signed",
    ];
    let verified = must(openssl(folder.path(), &arguments));
    assert_eq!(verified.stdout, b"Verified OK\n");
    // And it would have noticed one byte less.
    write("signed", parts.signed.trim_end().as_bytes());
    assert!(!openssl(folder.path(), &arguments).status.success());
}

#[test]
fn a_directory_signed_by_openssl_with_rsa_is_accepted() {
    let (directory, ours, composed) = sample();
    let folder = TempDir::new().unwrap();
    let new_key = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
        "-subj",
        "/CN=signs",
        "-days",
        "2",
    ];
    must(openssl(folder.path(), &new_key));
    let parts = dissect(&composed).unwrap();
    std::fs::write(folder.path().join("signed"), parts.signed).unwrap();
    let sign = [
        "dgst",
        "-sha512",
        "-sign",
        "key.pem",
        "-out",
        "signature",
        "signed",
    ];
    must(openssl(folder.path(), &sign));
    let pem = std::fs::read_to_string(folder.path().join("certificate.pem")).unwrap();
    let certificate = Certificate::from_pem(&pem).unwrap();
    let signature = std::fs::read(folder.path().join("signature")).unwrap();
    let text = std::str::from_utf8(&composed).unwrap();
    let rsa = text
        .replace("#ecdsa-sha512", "#rsa-sha512")
        .replace(
            &ours.certificate().sha512().to_base64(),
            &certificate.sha512().to_base64(),
        )
        .replace(parts.signature, &STANDARD.encode(signature));
    let both = [ours.certificate().clone(), certificate];
    assert_eq!(verify(rsa.as_bytes(), &both).unwrap(), directory);
    let changed = rsa.replace("Version: 6", "Version: 7");
    let refused = verify(changed.as_bytes(), &both);
    assert_eq!(
        refused,
        Err(DirectoryError::Signature(KeyError::BadSignature))
    );
}

#[test]
fn python_finds_the_parts_and_their_hashes() {
    let (_, _, composed) = sample();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("directory"), &composed).unwrap();
    std::fs::write(path("shared-params.xml"), SHARED).unwrap();
    std::fs::write(path("private-params.xml"), PRIVATE).unwrap();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/configuration/check_directory.py"
    );
    let check = || {
        run(Command::new("python3")
            .arg(script)
            .arg(path("directory"))
            .arg(folder.path()))
    };
    let output = must(check());
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(
        lines.contains("SHARED-PARAMETERS; instance='EE' shared-params.xml 9\n"),
        "{lines}"
    );
    assert!(
        lines.contains("PRIVATE-PARAMETERS; instance='EE' private-params.xml 10\n"),
        "{lines}"
    );
    std::fs::write(path("private-params.xml"), b"<Private/>").unwrap();
    let output = check();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("private-params.xml: the hash"));
}
