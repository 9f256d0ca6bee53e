//! The judges: each looks at one folder with an unpacked container, beside which stand `ca.pem`,
//! `tsa.pem` and `signer.pem`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::test_country::now;

/// The time at which certificates are judged: they were made for that day, not for today.
const VERIFICATION_TIME: &str = "2026-03-01 12:00:00";

pub(super) fn xmlsec(container: &Path) -> bool {
    let chain_result = "sig-hashchainresult.xml";
    let has_chain = container.join(chain_result).exists();
    let signed = if has_chain {
        chain_result
    } else {
        "message.xml"
    };
    let map = format!("--url-map:/{signed}");
    let mut arguments = vec!["--verify", &map, signed, "--id-attr:Id", "SignedProperties"];
    arguments.extend([
        "--verification-time",
        VERIFICATION_TIME,
        "--trusted-pem",
        "../ca.pem",
    ]);
    arguments.push("META-INF/signatures.xml");
    succeeds(container, "xmlsec1", &arguments)
}

pub(super) fn openssl_ts(container: &Path) -> bool {
    let time = epoch();
    let mut arguments = vec![
        "ts",
        "-verify",
        "-token_in",
        "-in",
        "META-INF/timestamp.tst",
    ];
    arguments.extend(["-data", "ts-hashchainresult.xml", "-attime", &time]);
    arguments.extend(["-CAfile", "../ca.pem", "-untrusted", "../tsa.pem"]);
    succeeds(container, "openssl", &arguments)
}

pub(super) fn openssl_ocsp(container: &Path) -> bool {
    let text = fs::read(container.join("META-INF/signatures.xml")).unwrap();
    let text = String::from_utf8_lossy(&text);
    let value = text
        .split("Id=\"ocsp-response-1\">")
        .nth(1)
        .unwrap_or_default();
    let Ok(response) = STANDARD.decode(value.split('<').next().unwrap_or_default()) else {
        return false;
    };
    let file = container.with_extension("ocsp");
    fs::write(&file, response).unwrap();
    let time = epoch();
    let mut arguments = vec!["ocsp", "-respin", file.to_str().unwrap(), "-no_nonce"];
    // The response is as old as the certificates; its age is not what is judged here.
    arguments.extend(["-attime", &time, "-validity_period", "3000000000"]);
    arguments.extend([
        "-issuer",
        "../ca.pem",
        "-cert",
        "../signer.pem",
        "-CAfile",
        "../ca.pem",
    ]);
    succeeds(container, "openssl", &arguments)
}

/// The Python checker's verdict on each container; one process for all, for it starts slowly.
pub(super) fn hash_chains(containers: &[PathBuf]) -> Vec<bool> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_hash_chains.py");
    let paths = [&[script], containers].concat();
    let arguments: Vec<_> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let output = run(Path::new("."), "python3", &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<_> = text.lines().map(|line| line == "ok").collect();
    assert_eq!(verdicts.len(), containers.len(), "{text}");
    verdicts
}

fn epoch() -> String {
    (now().as_millis() / 1000).to_string()
}

fn succeeds(container: &Path, program: &str, arguments: &[&str]) -> bool {
    run(container, program, arguments).status.success()
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    output.unwrap_or_else(|error| panic!("{program} is not installed: {error}"))
}
