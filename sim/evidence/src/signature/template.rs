//! The signature document of one signing certificate: everything fixed but five values.
//!
//! The parts between the values are prepared once. All values but the OCSP response have a fixed
//! length, so a document is taken apart by position and compared part by part.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sim_clock::UtcTime;

use crate::certificate::Certificate;
use crate::digest::{SHA512_BASE64_LEN, Sha512};
use crate::keys::SignatureScheme;

/// Length of a signing time, `2024-12-05T07:34:12.314Z`.
const TIME_LEN: usize = 24;

/// Largest enclosed OCSP response, in base64.
const MAX_OCSP_BASE64_LEN: usize = 128 * 1024;

/// The namespaces in scope, in the order in which Canonical XML writes them.
const NAMESPACES: &str = " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" \
    xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
    xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

const ROOT_NAME: &str = "<asic:XAdESSignatures";
const SIGNATURE_START: &str = "><ds:Signature Id=\"signature\">";
const SIGNED_INFO_NAME: &str = "<ds:SignedInfo";
const DIGEST_METHOD: &str =
    "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"></ds:DigestMethod>";
const SIGNED_PROPERTIES_NAME: &str = "<xades:SignedProperties";

/// Between the name of `SignedInfo` and the signature method.
const BEFORE_METHOD: &str = "><ds:CanonicalizationMethod \
    Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"></ds:CanonicalizationMethod>\
    <ds:SignatureMethod Algorithm=\"";
const ECDSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512";
const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
/// Between the signature method and the URI of what is signed.
const BEFORE_URI: &str =
    "\"></ds:SignatureMethod><ds:Reference Id=\"signature-reference-0\" URI=\"";
const BEFORE_PROPERTIES_REFERENCE: &str = "</ds:DigestValue></ds:Reference>\
    <ds:Reference Id=\"signature-reference-1\" \
    Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#signed-properties\">";
const SIGNED_INFO_END: &str = "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
const BEFORE_VALUE: &str = "<ds:SignatureValue Id=\"signature-value\">";
const BEFORE_CERTIFICATE: &str =
    "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>";
const AFTER_CERTIFICATE: &str = "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
    <ds:Object><xades:QualifyingProperties Target=\"#signature\">";
const BEFORE_TIME: &str =
    " Id=\"signed-properties\"><xades:SignedSignatureProperties><xades:SigningTime>";
const AFTER_TIME: &str =
    "</xades:SigningTime><xades:SigningCertificate><xades:Cert><xades:CertDigest>";
const BEFORE_ISSUER: &str =
    "</ds:DigestValue></xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>";
const BEFORE_SERIAL: &str = "</ds:X509IssuerName><ds:X509SerialNumber>";
const AFTER_SERIAL: &str =
    "</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>";
/// X-Road's signature policy, the same in every document.
const POLICY_BEFORE_DIGEST: &str = "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId>\
    <xades:SigPolicyId><xades:Identifier Qualifier=\"OIDAsURN\">\
    urn:oid:1.3.6.1.4.1.3516.16.2</xades:Identifier><xades:Description>\
    Profile for High Performance Digital Signatures (version 1.2)</xades:Description>\
    </xades:SigPolicyId><xades:SigPolicyHash>";
const POLICY_DIGEST: &str = "<ds:DigestValue>BuO0EDNfkxSVlUbxCzmQPzX1AUF1/xx9ytWHk3/6SAOePxQiniEfDYk\
    +90QeYb3lWpV3Izhuz9fKaYyE+lTcXw==</ds:DigestValue></xades:SigPolicyHash>";
const POLICY_AFTER_DIGEST: &str = "<xades:SigPolicyQualifiers><xades:SigPolicyQualifier>\
    <xades:SPURI>https://repo.cyber.ee/dsig-profile-1.2.pdf</xades:SPURI>\
    </xades:SigPolicyQualifier></xades:SigPolicyQualifiers></xades:SignaturePolicyId>\
    </xades:SignaturePolicyIdentifier></xades:SignedSignatureProperties>";
const BEFORE_MEDIA_TYPE: &str = "<xades:SignedDataObjectProperties><xades:DataObjectFormat \
    ObjectReference=\"#signature-reference-0\"><xades:MimeType>";
const SIGNED_PROPERTIES_END: &str = "</xades:MimeType></xades:DataObjectFormat>\
    </xades:SignedDataObjectProperties></xades:SignedProperties>";
const BEFORE_OCSP: &str = "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>\
    <xades:RevocationValues><xades:OCSPValues>\
    <xades:EncapsulatedOCSPValue Id=\"ocsp-response-1\">";
const DOCUMENT_END: &str = "</xades:EncapsulatedOCSPValue></xades:OCSPValues>\
    </xades:RevocationValues></xades:UnsignedSignatureProperties></xades:UnsignedProperties>\
    </xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>";

/// What a signature is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Signed {
    /// The message itself.
    Message,
    /// The result of a hash chain.
    ChainResult,
}

/// The values that differ between documents of one certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    /// Digest of what is signed, base64.
    pub(super) digest: &'a [u8],
    /// Digest of the signed properties, base64.
    pub(super) properties_digest: &'a [u8],
    /// The signature, base64.
    pub(super) value: &'a [u8],
    pub(super) signing_time: &'a [u8],
    /// The OCSP response, base64.
    pub(super) ocsp_response: &'a [u8],
}

/// The document's fixed parts, in order, for one certificate and one kind of signed data.
///
/// Between `start` and the value of `digest` stands nothing else, and so on down the list.
pub(super) struct Template {
    /// Root, signature and `SignedInfo` up to the digest of what is signed.
    start: String,
    /// From there to the digest of the signed properties.
    after_digest: String,
    /// From there to the signature's value: the end of `SignedInfo`.
    after_properties_digest: String,
    /// From there to the signing time, the certificate included.
    after_value: String,
    /// From there to the OCSP response: the rest of the signed properties.
    after_time: String,
    /// Where `SignedInfo`, its name and namespaces left away, begins in `start`.
    signed_info_at: usize,
    /// Where `SignedProperties`, likewise, begins in `after_value`.
    properties_at: usize,
    /// Where `SignedProperties` ends in `after_time`.
    properties_end: usize,
    /// How the certificate's key signs documents.
    scheme: SignatureScheme,
    /// Length of the signature's value in bytes.
    value_len: usize,
}

// === impl Signed ===

impl Signed {
    const fn uri(self) -> &'static str {
        match self {
            Self::Message => crate::hash_chain::MESSAGE_URI,
            Self::ChainResult => crate::hash_chain::MESSAGE_RESULT_URI,
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Message => "text/xml",
            Self::ChainResult => "application/hash-chain-result",
        }
    }
}

// === impl Template ===

impl Template {
    /// The template of documents with this signing certificate.
    pub(super) fn new(certificate: &Certificate, signed: Signed) -> Self {
        let (scheme, value_len) = certificate.public_key().xml_signature();
        let start_of_info = [ROOT_NAME, NAMESPACES, SIGNATURE_START, SIGNED_INFO_NAME].concat();
        let rest_of_info = [
            BEFORE_METHOD,
            method(scheme),
            BEFORE_URI,
            signed.uri(),
            "\">",
            DIGEST_METHOD,
            "<ds:DigestValue>",
        ];
        let to_certificate = [
            BEFORE_CERTIFICATE,
            &STANDARD.encode(certificate.der()),
            AFTER_CERTIFICATE,
            SIGNED_PROPERTIES_NAME,
        ]
        .concat();
        let to_end_of_properties = [
            AFTER_TIME,
            DIGEST_METHOD,
            "<ds:DigestValue>",
            &certificate.sha512().to_base64(),
            BEFORE_ISSUER,
            &escaped(&certificate.issuer_rfc2253()),
            BEFORE_SERIAL,
            &certificate.serial_decimal(),
            AFTER_SERIAL,
            POLICY_BEFORE_DIGEST,
            DIGEST_METHOD,
            POLICY_DIGEST,
            POLICY_AFTER_DIGEST,
            BEFORE_MEDIA_TYPE,
            signed.media_type(),
            SIGNED_PROPERTIES_END,
        ]
        .concat();
        Self {
            signed_info_at: start_of_info.len(),
            properties_at: to_certificate.len(),
            properties_end: to_end_of_properties.len(),
            start: start_of_info + &rest_of_info.concat(),
            after_digest: [
                BEFORE_PROPERTIES_REFERENCE,
                DIGEST_METHOD,
                "<ds:DigestValue>",
            ]
            .concat(),
            after_properties_digest: [SIGNED_INFO_END, BEFORE_VALUE].concat(),
            after_value: to_certificate + BEFORE_TIME,
            after_time: to_end_of_properties + BEFORE_OCSP,
            scheme,
            value_len,
        }
    }

    /// How the certificate's key signs documents.
    pub(super) const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// The digest of the canonical signed properties with this signing time.
    pub(super) fn properties_digest(&self, signing_time: &[u8]) -> Sha512 {
        Sha512::of_parts(&[
            SIGNED_PROPERTIES_NAME.as_bytes(),
            NAMESPACES.as_bytes(),
            &self.after_value.as_bytes()[self.properties_at..],
            signing_time,
            &self.after_time.as_bytes()[..self.properties_end],
        ])
    }

    /// The canonical `SignedInfo`, which is what the signature's value is over, in parts.
    pub(super) fn signed_info<'a>(
        &'a self,
        digest: &'a [u8],
        properties_digest: &'a [u8],
    ) -> [&'a [u8]; 7] {
        [
            SIGNED_INFO_NAME.as_bytes(),
            NAMESPACES.as_bytes(),
            &self.start.as_bytes()[self.signed_info_at..],
            digest,
            self.after_digest.as_bytes(),
            properties_digest,
            SIGNED_INFO_END.as_bytes(),
        ]
    }

    /// Puts a document together. The lengths of the values are the caller's promise.
    pub(super) fn write(&self, values: &Values<'_>) -> Vec<u8> {
        let parts: [&[u8]; 11] = [
            self.start.as_bytes(),
            values.digest,
            self.after_digest.as_bytes(),
            values.properties_digest,
            self.after_properties_digest.as_bytes(),
            values.value,
            self.after_value.as_bytes(),
            values.signing_time,
            self.after_time.as_bytes(),
            values.ocsp_response,
            DOCUMENT_END.as_bytes(),
        ];
        parts.concat()
    }

    /// Takes a document apart; nothing where any byte outside the values differs.
    ///
    /// The values are not looked at, save for their lengths.
    pub(super) fn read<'a>(&self, document: &'a [u8]) -> Option<Values<'a>> {
        let mut rest = document.strip_prefix(self.start.as_bytes())?;
        let digest = take(&mut rest, SHA512_BASE64_LEN)?;
        rest = rest.strip_prefix(self.after_digest.as_bytes())?;
        let properties_digest = take(&mut rest, SHA512_BASE64_LEN)?;
        rest = rest.strip_prefix(self.after_properties_digest.as_bytes())?;
        let value = take(&mut rest, self.value_len.div_ceil(3) * 4)?;
        rest = rest.strip_prefix(self.after_value.as_bytes())?;
        let signing_time = take(&mut rest, TIME_LEN)?;
        rest = rest.strip_prefix(self.after_time.as_bytes())?;
        let ocsp_response = rest.strip_suffix(DOCUMENT_END.as_bytes())?;
        (ocsp_response.len() <= MAX_OCSP_BASE64_LEN).then_some(Values {
            digest,
            properties_digest,
            value,
            signing_time,
            ocsp_response,
        })
    }
}

/// The base64 text of the signing certificate in a document that may fit the template.
///
/// Where it stands depends on what is signed and on the kind of key; what surrounds it is not
/// looked at.
pub(super) fn certificate_text(document: &[u8], signed: Signed) -> Option<&[u8]> {
    const TO_METHOD: usize = ROOT_NAME.len()
        + NAMESPACES.len()
        + SIGNATURE_START.len()
        + SIGNED_INFO_NAME.len()
        + BEFORE_METHOD.len();
    const AFTER_URI: usize = "\">".len()
        + 2 * (DIGEST_METHOD.len() + "<ds:DigestValue>".len() + SHA512_BASE64_LEN)
        + BEFORE_PROPERTIES_REFERENCE.len()
        + SIGNED_INFO_END.len()
        + BEFORE_VALUE.len();
    let mut rest = document.get(TO_METHOD..)?;
    rest = rest.get(memchr::memchr(b'"', rest)?..)?;
    rest = rest.get(BEFORE_URI.len() + signed.uri().len() + AFTER_URI..)?;
    rest = rest.get(memchr::memchr(b'<', rest)?..)?;
    rest = rest.get(BEFORE_CERTIFICATE.len()..)?;
    rest.get(..memchr::memchr(b'<', rest)?)
}

/// The signature method's identifier (RFC 6931, sections 2.3.4 and 2.3.6).
const fn method(scheme: SignatureScheme) -> &'static str {
    match scheme {
        SignatureScheme::RsaSha256 | SignatureScheme::RsaSha384 | SignatureScheme::RsaSha512 => {
            RSA_SHA512
        }
        SignatureScheme::EcdsaSha256Asn1
        | SignatureScheme::EcdsaSha512Asn1
        | SignatureScheme::EcdsaSha512Raw => ECDSA_SHA512,
    }
}

/// Reads a signing time in the one form in which it is written.
pub(super) fn read_time(text: &[u8]) -> Option<UtcTime> {
    let text = std::str::from_utf8(text).ok()?;
    let time = UtcTime::parse_rfc3339(text)?;
    (time.rfc3339_millis() == text).then_some(time)
}

/// Reads a signature's value in the one form in which it is written: padded, without stray bits.
pub(super) fn read_value(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// Character data as Canonical XML writes it (section 2.3, text nodes).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#xD;"),
            other => escaped.push(other),
        }
    }
    escaped
}
