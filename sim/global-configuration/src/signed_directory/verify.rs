//! Verifies and reads a directory.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SignatureScheme;

use super::multipart::{dissect, inner_parts};
use super::{
    Directory, DirectoryError, DirectoryPart, MAX_DIRECTORY_BYTES, MAX_PARTS, PartHash,
    SIGNATURE_ALGORITHMS,
};

/// Verifies the signature with that one of `certificates` which the directory names, and reads
/// what was signed.
///
/// Whether it has expired, and whose configuration it is, is for the caller to judge.
///
/// # Errors
///
/// [`DirectoryError`] says which step failed.
pub fn verify(directory: &[u8], certificates: &[Certificate]) -> Result<Directory, DirectoryError> {
    if directory.len() > MAX_DIRECTORY_BYTES {
        return Err(DirectoryError::TooLong(directory.len()));
    }
    let dissected = dissect(directory)?;
    let claim = SignatureClaim::read(dissected.signature_headers, dissected.signature)?;
    let certificate = certificates
        .iter()
        .find(|certificate| claim.certificate_hash.matches(certificate.der()))
        .ok_or(DirectoryError::UnknownCertificate)?;
    certificate
        .public_key()
        .verify(claim.scheme, dissected.signed.as_bytes(), &claim.signature)
        .map_err(DirectoryError::Signature)?;
    // Only now is anything in the signed part looked at.
    let parts = inner_parts(&dissected)?;
    let (first, files) = parts.split_first().expect("a split has at least one piece");
    read_directory(*first, files)
}

/// Who is said to have signed, how, and the signature.
struct SignatureClaim {
    scheme: SignatureScheme,
    certificate_hash: PartHash,
    signature: Vec<u8>,
}

impl SignatureClaim {
    fn read(headers: &str, signature: &str) -> Result<Self, DirectoryError> {
        let mut headers = Headers::read(headers)?;
        headers.expect("Content-Type", "application/octet-stream")?;
        headers.expect("Content-Transfer-Encoding", "base64")?;
        let algorithm = headers.required("Signature-Algorithm-Id")?;
        let certificate_hash = headers.required("Verification-certificate-hash")?;
        headers.finish()?;
        let mut algorithms = SIGNATURE_ALGORITHMS.iter();
        let (_, scheme) = algorithms
            .find(|(name, _)| *name == algorithm)
            .ok_or_else(|| DirectoryError::Algorithm(algorithm.to_owned()))?;
        let certificate_hash = read_certificate_hash(certificate_hash).ok_or_else(|| {
            wrong(
                "Verification-certificate-hash",
                "not a hash with its algorithm",
            )
        })?;
        let signature = STANDARD.decode(signature);
        let signature = signature.map_err(|_| wrong("(signature)", "not base64"))?;
        Ok(Self {
            scheme: *scheme,
            certificate_hash,
            signature,
        })
    }
}

/// `BASE64; hash-algorithm-id="URI"`.
fn read_certificate_hash(value: &str) -> Option<PartHash> {
    let (hash, algorithm) = value.split_once("; hash-algorithm-id=\"")?;
    PartHash::from_parts(algorithm.strip_suffix('"')?, STANDARD.decode(hash).ok()?)
}

fn read_directory(
    (headers, content): (&str, &str),
    files: &[(&str, &str)],
) -> Result<Directory, DirectoryError> {
    if files.len() > MAX_PARTS {
        return Err(DirectoryError::TooManyParts);
    }
    let mut headers = Headers::read(headers)?;
    let expires_at = UtcTime::parse_rfc3339(headers.required("Expire-date")?);
    let version = headers.required("Version")?.parse();
    headers.finish()?;
    if !content.is_empty() {
        return Err(wrong("Expire-date", "its part has content"));
    }
    Ok(Directory {
        expires_at: expires_at.ok_or_else(|| wrong("Expire-date", "not a time"))?,
        version: version.map_err(|_| wrong("Version", "not a number"))?,
        parts: files
            .iter()
            .copied()
            .map(read_part)
            .collect::<Result<_, _>>()?,
    })
}

fn read_part((headers, content): (&str, &str)) -> Result<DirectoryPart, DirectoryError> {
    let mut headers = Headers::read(headers)?;
    headers.expect("Content-type", "application/octet-stream")?;
    headers.expect("Content-transfer-encoding", "base64")?;
    let identifier = headers.required("Content-identifier")?;
    let location = headers.required("Content-location")?.to_owned();
    let file_name = headers.optional("Content-file-name").map(str::to_owned);
    let algorithm = headers.required("Hash-algorithm-id")?;
    headers.finish()?;
    let hash = STANDARD
        .decode(content)
        .map_err(|_| wrong("(hash)", "not base64"))?;
    let hash = PartHash::from_parts(algorithm, hash)
        .ok_or_else(|| wrong("Hash-algorithm-id", "unknown, or not the hash's length"))?;
    let (content_identifier, instance) = read_identifier(identifier)?;
    Ok(DirectoryPart {
        content_identifier,
        instance,
        location,
        file_name,
        hash,
    })
}

/// `NAME` or `NAME; instance='INSTANCE'`.
fn read_identifier(value: &str) -> Result<(String, Option<String>), DirectoryError> {
    let Some((name, parameter)) = value.split_once(';') else {
        return Ok((value.to_owned(), None));
    };
    let instance = parameter
        .trim_ascii_start()
        .strip_prefix("instance='")
        .and_then(|rest| rest.strip_suffix('\''))
        .ok_or_else(|| {
            wrong(
                "Content-identifier",
                "its parameter is not `instance='...'`",
            )
        })?;
    Ok((name.to_owned(), Some(instance.to_owned())))
}

/// Header lines that have not been taken yet.
struct Headers<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Headers<'a> {
    fn read(block: &'a str) -> Result<Self, DirectoryError> {
        let mut lines = Vec::new();
        for line in block.split("\r\n") {
            let pair = line.split_once(": ");
            lines.push(pair.ok_or_else(|| wrong(line, "not of the form `Name: value`"))?);
        }
        Ok(Self(lines))
    }

    fn optional(&mut self, name: &str) -> Option<&'a str> {
        let mut lines = self.0.iter();
        let at = lines.position(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(self.0.remove(at).1)
    }

    fn required(&mut self, name: &str) -> Result<&'a str, DirectoryError> {
        self.optional(name).ok_or_else(|| wrong(name, "missing"))
    }

    fn expect(&mut self, name: &str, value: &str) -> Result<(), DirectoryError> {
        if self.required(name)?.eq_ignore_ascii_case(value) {
            return Ok(());
        }
        Err(wrong(name, "not the value of the format"))
    }

    /// Nothing may be left: neither a header twice, nor one that the format does not have.
    fn finish(self) -> Result<(), DirectoryError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(wrong(name, "not expected here")),
        }
    }
}

fn wrong(header: &str, problem: &'static str) -> DirectoryError {
    let header = header.escape_debug().to_string();
    DirectoryError::Header { header, problem }
}
