//! Verifies signature documents: XAdES, as X-Road's batch signatures have it.
//!
//! A document is parsed as XML, its signed parts are brought into canonical form, and everything
//! that a judge would ask of it is asked: digests, signature value, whose certificate, issued by
//! whom, valid and good when it signed.

mod signer;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sim_clock::UtcTime;
use sim_domain::MemberId;

use crate::digest::{Digest, Half, sha512};
use crate::hash_chain::SHA512_URI;
use crate::kinds::{self, Kind};
use crate::ocsp;
use crate::signatures_seen::Reference;
use crate::trust::Trust;
use crate::value_checks::Checker;
use crate::xml::{Element, XMLDSIG as DS, Xml, XmlFault};
use signer::{Signer, Signers};

/// Namespace of the containers' signatures.
const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
/// Namespace of the qualifying properties.
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// What the second reference is of.
const SIGNED_PROPERTIES_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";
/// Canonical XML 1.0 without comments.
const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// OCSP responses that are remembered; when there are more, it begins anew.
const MAX_RESPONSES: usize = 1_024;

/// What became of a signature document.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// What it references, as far as it could be read.
    pub(crate) reference: Option<Reference>,
    /// Digest of what it references.
    pub(crate) digest: Digest,
    /// Whose certificate signed it.
    pub(crate) member: Option<MemberId>,
    /// Milliseconds since the epoch, as it says itself.
    pub(crate) signed_at: Option<i64>,
    /// Names the signature value, which is verified aside.
    pub(crate) value: Option<Half>,
    /// Why it proves nothing, even should its value verify.
    pub(crate) fault: Option<Fault>,
}

/// What is wrong, by kind.
type Fault = (Kind, String);

/// Verifies the signature documents of one log.
pub(crate) struct SignatureVerifier<'a> {
    trust: &'a Trust,
    checker: Checker<'a>,
    signers: Signers<'a>,
    /// By the text in which documents enclose them.
    responses: BTreeMap<String, Result<ocsp::Response, Fault>>,
}

/// The parts of a document.
struct Parts<'x> {
    xml: &'x Xml<'x>,
    signature: Element<'x>,
    signed_info: Element<'x>,
    qualifying: Element<'x>,
    signed_properties: Element<'x>,
}

// === impl SignatureVerifier ===

impl<'a> SignatureVerifier<'a> {
    pub(crate) const fn new(trust: &'a Trust, checker: Checker<'a>) -> Self {
        Self {
            trust,
            checker,
            signers: Signers::new(trust),
            responses: BTreeMap::new(),
        }
    }

    /// Verifies a document, but for what it is said to sign.
    pub(crate) fn verify(&mut self, document: &[u8]) -> Verdict {
        let mut verdict = Verdict {
            reference: None,
            digest: [0; 64],
            member: None,
            signed_at: None,
            value: None,
            fault: None,
        };
        verdict.fault = self.examine(document, &mut verdict).err();
        verdict
    }

    fn examine(&mut self, document: &[u8], verdict: &mut Verdict) -> Result<(), Fault> {
        let xml = Xml::parse(document).map_err(invalid)?;
        let parts = Parts::of(&xml).map_err(invalid)?;
        let signing_time = parts.signing_time().map_err(invalid)?;
        verdict.signed_at = Some(signing_time.as_millis());
        let (reference, digest) = parts.references()?;
        verdict.reference = Some(reference);
        verdict.digest = digest;
        let number = self
            .signers
            .number_of(&parts.certificate_text().map_err(invalid)?)?;
        let signer = self.signers.get(number).expect("the number was just given");
        verdict.member.clone_from(&signer.member);
        let method = signer.certificate.key().xml_method();
        let (signed, value) = parts.value(method)?;
        parts.verify_certificate_names(signer)?;
        signer.check_at(signing_time)?;
        let responses = parts.ocsp_responses().map_err(invalid)?;
        let issuer = signer.issuer.expect("a checked signer has an issuer");
        let mut fault = (
            kinds::OCSP_INVALID,
            "it encloses no OCSP response".to_owned(),
        );
        for text in responses {
            let response = response(&mut self.responses, text, self.trust);
            let freshness = self.trust.ocsp_freshness;
            let proof = response
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|response| {
                    response.proves_good(&signer.certificate, issuer, signing_time, freshness)
                });
            match proof {
                Err(other) => fault = other,
                Ok(()) => {
                    let key = signer.certificate.key();
                    verdict.value = Some(self.checker.hand_over(key, signed, value));
                    return Ok(());
                }
            }
        }
        Err(fault)
    }
}

/// A response by its text, verified once.
fn response<'r>(
    responses: &'r mut BTreeMap<String, Result<ocsp::Response, Fault>>,
    text: String,
    trust: &Trust,
) -> &'r Result<ocsp::Response, Fault> {
    if responses.len() >= MAX_RESPONSES && !responses.contains_key(&text) {
        responses.clear();
    }
    responses.entry(text).or_insert_with_key(|text| {
        let no_base64 = (kinds::OCSP_INVALID, "OCSP response: not base64".to_owned());
        let der = BASE64.decode(text).map_err(|_| no_base64)?;
        ocsp::verify(&der, trust)
    })
}

// === impl Parts ===

impl<'x> Parts<'x> {
    /// Finds the parts where they must be; nothing is looked up by its ID, for an ID can be given
    /// to something else.
    fn of(xml: &'x Xml<'x>) -> Result<Self, XmlFault> {
        let signature = xml.root(ASIC, "XAdESSignatures")?.child(DS, "Signature")?;
        let qualifying =
            signature.descendant(&[(DS, "Object"), (XADES, "QualifyingProperties")])?;
        let signed_properties = qualifying.child(XADES, "SignedProperties")?;
        let id = format!("#{}", signature.attribute("Id")?);
        if qualifying.attribute("Target")? != id {
            return Err(XmlFault(
                "its properties are of another signature".to_owned(),
            ));
        }
        let signed_info = signature.child(DS, "SignedInfo")?;
        Ok(Self {
            xml,
            signature,
            signed_info,
            qualifying,
            signed_properties,
        })
    }

    fn signing_time(&self) -> Result<UtcTime, XmlFault> {
        let path = [(XADES, "SignedSignatureProperties"), (XADES, "SigningTime")];
        let text = self.signed_properties.descendant(&path)?.text();
        UtcTime::parse_rfc3339(&text).ok_or_else(|| XmlFault(format!("`{text}` is no time")))
    }

    fn certificate_text(&self) -> Result<String, XmlFault> {
        let path = [(DS, "KeyInfo"), (DS, "X509Data"), (DS, "X509Certificate")];
        Ok(self.signature.descendant(&path)?.text())
    }

    fn ocsp_responses(&self) -> Result<Vec<String>, XmlFault> {
        let path = [
            (XADES, "UnsignedProperties"),
            (XADES, "UnsignedSignatureProperties"),
            (XADES, "RevocationValues"),
            (XADES, "OCSPValues"),
        ];
        let values = self.qualifying.descendant(&path)?;
        Ok(values
            .children(XADES, "EncapsulatedOCSPValue")
            .map(Element::text)
            .collect())
    }

    /// Checks the reference to the properties; the other is what the signature is of.
    fn references(&self) -> Result<(Reference, Digest), Fault> {
        let mut references = self.signed_info.children(DS, "Reference");
        let (Some(object), Some(properties), None) =
            (references.next(), references.next(), references.next())
        else {
            return Err(invalid(XmlFault(
                "it has not exactly two references".to_owned(),
            )));
        };
        let reference = match object.attribute("URI") {
            Ok("/message.xml") => Reference::Message,
            Ok("/sig-hashchainresult.xml") => Reference::ChainResult,
            _ => return Err(invalid(XmlFault("it references no message".to_owned()))),
        };
        let id = self.signed_properties.attribute("Id").map_err(invalid)?;
        let names_properties = properties
            .attribute("URI")
            .map_err(invalid)?
            .strip_prefix('#')
            == Some(id)
            && properties.attribute("Type") == Ok(SIGNED_PROPERTIES_TYPE)
            && self.xml.count_of_id(id) == 1;
        if !names_properties {
            return Err(invalid(XmlFault(
                "it does not reference its properties".to_owned(),
            )));
        }
        let canonical = self.signed_properties.canonical().map_err(invalid)?;
        if sha512(&canonical) != digest_of(properties).map_err(invalid)? {
            return Err(invalid(XmlFault(
                "the digest of its properties is wrong".to_owned(),
            )));
        }
        Ok((reference, digest_of(object).map_err(invalid)?))
    }

    /// The signature's value, and the digest that it is over; `method` is what the key signs by.
    fn value(&self, method: &str) -> Result<(Digest, Vec<u8>), Fault> {
        let algorithm = |name, expected| {
            let method = self.signed_info.child(DS, name).map_err(invalid)?;
            match method.attribute("Algorithm") {
                Ok(found) if found == expected => Ok(()),
                _ => Err(invalid(XmlFault(format!("its {name} is not {expected}")))),
            }
        };
        algorithm("CanonicalizationMethod", C14N)?;
        algorithm("SignatureMethod", method)?;
        let value = self
            .signature
            .child(DS, "SignatureValue")
            .map_err(invalid)?
            .text();
        let no_base64 = || invalid(XmlFault("its value is not base64".to_owned()));
        let value = BASE64.decode(value).map_err(|_| no_base64())?;
        let canonical = self.signed_info.canonical().map_err(invalid)?;
        Ok((sha512(&canonical), value))
    }

    /// The signed properties must name the certificate that the key is taken from.
    fn verify_certificate_names(&self, signer: &Signer<'_>) -> Result<(), Fault> {
        let path = [
            (XADES, "SignedSignatureProperties"),
            (XADES, "SigningCertificate"),
            (XADES, "Cert"),
        ];
        let named = self.signed_properties.descendant(&path).map_err(invalid)?;
        let digest = named
            .child(XADES, "CertDigest")
            .and_then(digest_of)
            .map_err(invalid)?;
        let id = named.child(XADES, "IssuerSerial").map_err(invalid)?;
        let issuer = id.child(DS, "X509IssuerName").map_err(invalid)?.raw_text();
        let serial = id.child(DS, "X509SerialNumber").map_err(invalid)?.text();
        if digest == signer.digest && issuer == signer.issuer_text && serial == signer.serial {
            Ok(())
        } else {
            Err(invalid(XmlFault(
                "its properties name another certificate".to_owned(),
            )))
        }
    }
}

/// The SHA-512 digest within a reference or the like, which may have no transforms.
fn digest_of(element: Element<'_>) -> Result<Digest, XmlFault> {
    if element.children(DS, "Transforms").next().is_some() {
        return Err(XmlFault("a reference has transforms".to_owned()));
    }
    if element.child(DS, "DigestMethod")?.attribute("Algorithm")? != SHA512_URI {
        return Err(XmlFault("a digest is not SHA-512".to_owned()));
    }
    let text = element.child(DS, "DigestValue")?.text();
    let digest = BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| Digest::try_from(bytes).ok());
    digest.ok_or_else(|| XmlFault("a digest is not 64 bytes".to_owned()))
}

fn invalid(XmlFault(mut what): XmlFault) -> Fault {
    what.insert_str(0, "signature document: ");
    (kinds::SIGNATURE_INVALID, what)
}
