//! A document on its way to be signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sim_clock::UtcTime;
use sim_evidence::certificate::{Certificate, CertificateError};

use crate::container;
use crate::xml::{C14N11, ECDSA_SHA256, apex, digest, element, text, with};

/// Namespaces in scope within the document, in canonical order.
const NAMESPACES: &str = " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" \
                          xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
                          xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";
/// What the reference to the signed properties is of.
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
/// Octets of a signature on P-256: r and s.
const SIGNATURE_OCTETS: usize = 64;
/// Files of one document.
const MAX_FILES: usize = 20;
/// Octets of all files of a document.
const MAX_OCTETS: usize = 32 << 20;
/// Longest name of a file, in characters.
const MAX_NAME: usize = 100;

/// A file that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Letters, digits, `.`, `-` and `_`; unique within the document.
    pub name: String,
    /// Such as `application/json`.
    pub media_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A document that waits for its signature.
#[derive(Debug)]
pub struct Draft {
    files: Vec<DataFile>,
    certificate: Certificate,
    /// The signed properties, as they stand in the file.
    properties: String,
    /// What is signed, likewise.
    signed_info: String,
}

/// A document with its signature, that waits for what makes it last.
#[derive(Debug)]
pub struct Signed {
    draft: Draft,
    /// The signature's value, as it stands in the file.
    value: String,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Nothing to sign.
    #[error("a document has 1 to {MAX_FILES} files, not {0}")]
    Files(usize),
    /// Too much to sign.
    #[error("the files have {0} octets together; {MAX_OCTETS} are accepted")]
    TooLarge(usize),
    /// A name that may mean something else somewhere.
    #[error("`{0}` cannot be the name of a signed file: letters, digits, `.`, `-` and `_` can")]
    Name(String),
    /// Two files of one name.
    #[error("two files are called `{0}`")]
    Twice(String),
    /// A media type that is none.
    #[error("`{0}` is no media type")]
    MediaType(String),
    /// The certificate cannot be read.
    #[error("read the signer's certificate")]
    Certificate(#[from] CertificateError),
    /// The certificate is not one to sign with.
    #[error("the signer's certificate is not for signatures")]
    Purpose,
    /// Not a signature on P-256.
    #[error("a signature has {SIGNATURE_OCTETS} octets, not {0}")]
    Signature(usize),
}

// === impl Draft ===

impl Draft {
    /// A document of these files, to be signed by the holder of the certificate (DER) at this time.
    ///
    /// # Errors
    ///
    /// [`DraftError`] names what cannot be signed, or with what.
    pub fn new(
        files: Vec<DataFile>,
        certificate_der: Vec<u8>,
        signing_time: UtcTime,
    ) -> Result<Self, DraftError> {
        check(&files)?;
        let certificate = Certificate::parse(certificate_der)?;
        if !certificate.can_sign() {
            return Err(DraftError::Purpose);
        }
        let properties = properties(&files, &certificate, signing_time);
        let signed_info = signed_info(&files, &properties);
        Ok(Self {
            files,
            certificate,
            properties,
            signed_info,
        })
    }

    /// The signer's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// SHA-256 of what is signed, for ECDSA on P-256.
    #[must_use]
    pub fn digest_to_sign(&self) -> [u8; 32] {
        let canonical = apex(&self.signed_info, NAMESPACES);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
        digest.as_ref().try_into().expect("SHA-256 has 32 octets")
    }

    /// The document with its signature: raw r and s.
    ///
    /// # Errors
    ///
    /// [`DraftError::Signature`] where it has another length; whether it is the signer's is seen by
    /// whoever verifies.
    pub fn signed(self, signature: &[u8]) -> Result<Signed, DraftError> {
        if signature.len() != SIGNATURE_OCTETS {
            return Err(DraftError::Signature(signature.len()));
        }
        let value = STANDARD.encode(signature);
        Ok(Signed {
            draft: self,
            value: with("ds:SignatureValue", &[("Id", "S0-SIG")], &value),
        })
    }
}

fn check(files: &[DataFile]) -> Result<(), DraftError> {
    if files.is_empty() || files.len() > MAX_FILES {
        return Err(DraftError::Files(files.len()));
    }
    let octets = files.iter().map(|file| file.bytes.len()).sum();
    if octets > MAX_OCTETS {
        return Err(DraftError::TooLarge(octets));
    }
    for (at, file) in files.iter().enumerate() {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let name = &file.name;
        let is_name = name.bytes().all(is_plain)
            && (1..=MAX_NAME).contains(&name.len())
            && !name.starts_with('.')
            && name != "mimetype";
        if !is_name {
            return Err(DraftError::Name(name.clone()));
        }
        if files[..at].iter().any(|other| other.name == *name) {
            return Err(DraftError::Twice(name.clone()));
        }
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte);
        let media_type = &file.media_type;
        if !media_type.bytes().all(is_token) || media_type.matches('/').count() != 1 {
            return Err(DraftError::MediaType(media_type.clone()));
        }
    }
    Ok(())
}

/// Who signs, when, and what the files are.
fn properties(files: &[DataFile], certificate: &Certificate, at: UtcTime) -> String {
    let certificate = element(
        "xades:SigningCertificateV2",
        &element(
            "xades:Cert",
            &element("xades:CertDigest", &digest(certificate.der())),
        ),
    );
    let time = element("xades:SigningTime", &at.rfc3339_seconds());
    let of_signature = element("xades:SignedSignatureProperties", &(time + &certificate));
    let formats: String = files
        .iter()
        .enumerate()
        .map(|(number, file)| {
            let media_type = element("xades:MimeType", &text(&file.media_type));
            let reference = format!("#S0-RefId{number}");
            with(
                "xades:DataObjectFormat",
                &[("ObjectReference", &reference)],
                &media_type,
            )
        })
        .collect();
    let of_files = element("xades:SignedDataObjectProperties", &formats);
    let id = [("Id", "S0-SignedProperties")];
    with("xades:SignedProperties", &id, &(of_signature + &of_files))
}

/// What is signed: the digests of the files and of the properties.
fn signed_info(files: &[DataFile], properties: &str) -> String {
    let canonicalization = with("ds:CanonicalizationMethod", &[("Algorithm", C14N11)], "");
    let method = with("ds:SignatureMethod", &[("Algorithm", ECDSA_SHA256)], "");
    let references: String = files
        .iter()
        .enumerate()
        .map(|(number, file)| {
            let id = format!("S0-RefId{number}");
            let attributes = [("Id", id.as_str()), ("URI", &file.name)];
            with("ds:Reference", &attributes, &digest(&file.bytes))
        })
        .collect();
    let transform = with("ds:Transform", &[("Algorithm", C14N11)], "");
    let of_properties =
        element("ds:Transforms", &transform) + &digest(apex(properties, NAMESPACES).as_bytes());
    let attributes = [
        ("Id", "S0-RefProperties"),
        ("Type", SIGNED_PROPERTIES),
        ("URI", "#S0-SignedProperties"),
    ];
    let of_properties = with("ds:Reference", &attributes, &of_properties);
    let content = canonicalization + &method + &references + &of_properties;
    with("ds:SignedInfo", &[("Id", "S0-SignedInfo")], &content)
}

// === impl Signed ===

impl Signed {
    /// What the time-stamp is over: the canonical signature value.
    #[must_use]
    pub fn to_stamp(&self) -> Vec<u8> {
        apex(&self.value, NAMESPACES).into_bytes()
    }

    /// The signer's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.draft.certificate
    }

    /// The finished document: with a time-stamp token over [`Self::to_stamp`], a later OCSP response
    /// on the signer's certificate, and the certificates that a verifier may lack, all DER.
    #[must_use]
    pub fn container(&self, token: &[u8], ocsp: &[u8], certificates: &[Bytes]) -> Vec<u8> {
        let signature = self.document(token, ocsp, certificates);
        container::write(&self.draft.files, signature.as_bytes())
    }

    fn document(&self, token: &[u8], ocsp: &[u8], certificates: &[Bytes]) -> String {
        let encoded = |name: &str, der: &[u8]| element(name, &STANDARD.encode(der));
        let stamp = with("ds:CanonicalizationMethod", &[("Algorithm", C14N11)], "")
            + &encoded("xades:EncapsulatedTimeStamp", token);
        let stamp = with("xades:SignatureTimeStamp", &[("Id", "S0-T0")], &stamp);
        let certificates: String = certificates
            .iter()
            .map(|der| encoded("xades:EncapsulatedX509Certificate", der))
            .collect();
        let certificates = element("xades:CertificateValues", &certificates);
        let id = [("Id", "N0")];
        let response = with("xades:EncapsulatedOCSPValue", &id, &STANDARD.encode(ocsp));
        let revocation = element(
            "xades:RevocationValues",
            &element("xades:OCSPValues", &response),
        );
        let unsigned = element(
            "xades:UnsignedProperties",
            &element(
                "xades:UnsignedSignatureProperties",
                &(stamp + &certificates + &revocation),
            ),
        );
        let qualifying = with(
            "xades:QualifyingProperties",
            &[("Target", "#S0")],
            &(self.draft.properties.clone() + &unsigned),
        );
        let key_info = encoded("ds:X509Certificate", self.draft.certificate.der());
        let key_info = element("ds:KeyInfo", &element("ds:X509Data", &key_info));
        let content = self.draft.signed_info.clone()
            + &self.value
            + &key_info
            + &element("ds:Object", &qualifying);
        let signature = with("ds:Signature", &[("Id", "S0")], &content);
        let root = element("asic:XAdESSignatures", &signature);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
            apex(&root, NAMESPACES)
        )
    }
}
