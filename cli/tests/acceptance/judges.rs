//! Four judges of a container who share no code with Roadtest: xmlsec1, `openssl ts`,
//! `openssl ocsp`, and a checker of hash chains in Python.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::ZipArchive;

/// How old an OCSP response may be that these tests judge, in seconds.
const OCSP_AGE: &str = "3600";

/// The entries of a container, by name.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

/// Who refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Judge {
    Xmlsec,
    OpensslTs,
    OpensslOcsp,
    HashChains,
}

/// The entries of a container.
pub(crate) fn unzip(container: &Path) -> Entries {
    let file = File::open(container).expect("the container exists");
    let mut archive = ZipArchive::new(file).expect("the container is a zip file");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("the index is in range");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("the entry is whole");
            let name = entry.name().expect("names are text").into_owned();
            (name, content)
        })
        .collect()
}

/// Writes entries out as a folder for the judges.
pub(crate) fn unpack(entries: &Entries, folder: &Path) {
    fs::create_dir_all(folder.join("META-INF")).expect("a folder can be made");
    for (name, content) in entries {
        fs::write(folder.join(name), content).expect("a file can be written");
    }
}

/// Those who refuse each container unpacked in one of `folders`; `trust` has the certificates.
pub(crate) fn who_refuses(folders: &[PathBuf], trust: &Path) -> Vec<Vec<Judge>> {
    let verdicts = folders.iter().zip(hash_chains(folders));
    let refusals = verdicts.map(|(folder, chains_hold)| {
        let accepts = [
            (Judge::Xmlsec, xmlsec(folder, trust)),
            (Judge::OpensslTs, openssl_ts(folder, trust)),
            (Judge::OpensslOcsp, openssl_ocsp(folder, trust)),
            (Judge::HashChains, chains_hold),
        ];
        let refuses = accepts.into_iter().filter(|(_, accepts)| !accepts);
        refuses.map(|(judge, _)| judge).collect()
    });
    refusals.collect()
}

/// Is the signature that of a certificate of the country's authority, over these references?
fn xmlsec(folder: &Path, trust: &Path) -> bool {
    let has_chain = folder.join("sig-hashchainresult.xml").exists();
    let signed = if has_chain {
        "sig-hashchainresult.xml"
    } else {
        "message.xml"
    };
    let mut command = Command::new("xmlsec1");
    command.arg("--verify").arg(format!("--url-map:/{signed}"));
    command.args([signed, "--id-attr:Id", "SignedProperties", "--trusted-pem"]);
    command
        .arg(trust.join("ca.pem"))
        .arg("META-INF/signatures.xml");
    output(&mut command, folder).status.success()
}

/// Is the token over the time-stamped digest, by the country's authority? Asked once with the
/// certificate that the run kept, once with the one that the token brings, which nobody signed.
fn openssl_ts(folder: &Path, trust: &Path) -> bool {
    let mut command = Command::new("openssl");
    command.args([
        "ts",
        "-verify",
        "-token_in",
        "-in",
        "META-INF/timestamp.tst",
    ]);
    command.args(["-data", "ts-hashchainresult.xml", "-CAfile"]);
    command.arg(trust.join("ca.pem"));
    let with_its_own = output(&mut command, folder).status.success();
    command.arg("-untrusted").arg(trust.join("tsa.pem"));
    with_its_own && output(&mut command, folder).status.success()
}

/// Does the OCSP response in the signature document say that the signer's certificate is good?
fn openssl_ocsp(folder: &Path, trust: &Path) -> bool {
    let document = fs::read(folder.join("META-INF/signatures.xml")).unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let response = STANDARD.decode(content(&document, "EncapsulatedOCSPValue"));
    let (Some(certificate), Ok(response)) = (signer(&document), response) else {
        return false;
    };
    // Beside the container: it must not gain an entry.
    let (stored, signer) = (folder.with_extension("ocsp"), folder.with_extension("pem"));
    fs::write(&stored, response).expect("a file can be written");
    fs::write(&signer, certificate).expect("a file can be written");
    // OpenSSL wants the issuer before the certificate.
    let authority = trust.join("ca.pem");
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-no_nonce", "-validity_period", OCSP_AGE]);
    command
        .arg("-issuer")
        .arg(&authority)
        .arg("-cert")
        .arg(&signer);
    command
        .arg("-respin")
        .arg(stored)
        .arg("-CAfile")
        .arg(&authority);
    let output = output(&mut command, folder);
    let says = |stream: &[u8], words: &str| String::from_utf8_lossy(stream).contains(words);
    output.status.success()
        && says(&output.stderr, "Response verify OK")
        && says(&output.stdout, &format!("{}: good", signer.display()))
}

/// Does any judge of those but for the hash chains refuse it? Asks no more of them than that takes.
pub(crate) fn somebody_else_refuses(folder: &Path, trust: &Path) -> bool {
    !openssl_ts(folder, trust) || !xmlsec(folder, trust) || !openssl_ocsp(folder, trust)
}

/// Fails unless all judges accept all these containers, as they are and unpacked beside them.
#[track_caller]
pub(crate) fn all_are_convinced(containers: &[PathBuf], trust: &Path) {
    assert!(!containers.is_empty());
    assert!(hash_chains(containers).into_iter().all(|holds| holds));
    let unpacked = containers.iter().map(|container| {
        let folder = container.with_extension("d");
        unpack(&unzip(container), &folder);
        folder
    });
    let unpacked: Vec<_> = unpacked.collect();
    for (container, refusing) in containers.iter().zip(who_refuses(&unpacked, trust)) {
        assert_eq!(refusing, [], "{}", container.display());
    }
}

/// Do the digests lead from the message to the signature and from that to the time-stamp? One
/// verdict for each container, a zip file or a folder.
pub(crate) fn hash_chains(containers: &[PathBuf]) -> Vec<bool> {
    let output = checker("containers", containers);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdicts: Vec<_> = text.lines().map(|line| line == "ok").collect();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert_eq!(verdicts.len(), containers.len(), "{text}{problem}");
    verdicts
}

/// Bytes of a good container that may be changed without the checker's refusing it: of which entry
/// and where.
pub(crate) fn unnoticed_changes(container: &Path) -> Vec<(String, usize)> {
    let output = checker("changes", &[container.to_owned()]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let changes = text.lines().filter_map(|line| line.split_once(' '));
    changes
        .map(|(entry, at)| (entry.to_owned(), at.parse().expect("a position")))
        .collect()
}

/// Is the response to exactly this request?
pub(crate) fn belong_together(request: &Path, response: &Path) -> bool {
    let output = checker("exchange", &[request.to_owned(), response.to_owned()]);
    output.status.success()
}

fn checker(what: &str, containers: &[PathBuf]) -> Output {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance");
    let mut command = Command::new("python3");
    command
        .args(["-B", "check_exchange.py", what])
        .args(containers);
    output(&mut command, &tests)
}

/// The signer's certificate as PEM, out of a signature document.
fn signer(document: &str) -> Option<String> {
    let value = content(document, "X509Certificate");
    // OpenSSL wants short lines.
    let lines = value.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    (!value.is_empty()).then(|| {
        let lines = lines.join("\n");
        format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
    })
}

/// What stands in the first element of this local name.
fn content<'a>(document: &'a str, name: &str) -> &'a str {
    let element = document.split_once(&format!(":{name}"));
    let inside = element.and_then(|(_, rest)| rest.split_once('>'));
    inside
        .and_then(|(_, rest)| rest.split_once('<'))
        .map_or("", |(content, _)| content)
}

fn output(command: &mut Command, folder: &Path) -> Output {
    let output = command.current_dir(folder).output();
    let program = command.get_program().to_string_lossy();
    output.unwrap_or_else(|error| panic!("{program} is not installed: {error}"))
}
