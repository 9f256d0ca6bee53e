//! The list by which others know whom to trust (ETSI TS 119 612, version 5).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;

use crate::xml::{ECDSA_SHA256, SHA256, apex, element, text, with};

const C14N_EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const TSL: &str = "http://uri.etsi.org/02231/v2#";
/// What names a scheme, its type and how it judges.
const URI: &str = "http://uri.etsi.org/TrstSvc";
/// Namespaces of the root, in canonical order.
const NAMESPACES: &str = " xmlns=\"http://uri.etsi.org/02231/v2#\"";
const DS: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

/// What a service is trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedServiceKind {
    /// Issues qualified certificates.
    Authority,
    /// Tells whether they are good.
    OcspResponder,
    /// Gives qualified time-stamps.
    TimeStamping,
}

/// One service on the list.
#[derive(Clone, Debug)]
pub struct TrustedService {
    /// Its name.
    pub name: String,
    /// What for.
    pub kind: TrustedServiceKind,
    /// By which it is known.
    pub certificate: Certificate,
}

/// A list that waits for its signature.
#[derive(Clone, Debug)]
pub struct TrustList {
    document: String,
    signed_info: String,
}

// === impl TrustedServiceKind ===

impl TrustedServiceKind {
    const fn uri(self) -> &'static str {
        match self {
            Self::Authority => "http://uri.etsi.org/TrstSvc/Svctype/CA/QC",
            Self::OcspResponder => "http://uri.etsi.org/TrstSvc/Svctype/Certstatus/OCSP/QC",
            Self::TimeStamping => "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST",
        }
    }
}

// === impl TrustList ===

impl TrustList {
    /// The list of an operator for a territory (two letters), issued now and valid until then; the
    /// services have been trusted since long before.
    #[must_use]
    pub fn new(
        operator: &str,
        territory: &str,
        services: &[TrustedService],
        issued: UtcTime,
        next_update: UtcTime,
        since: UtcTime,
    ) -> Self {
        let scheme = scheme(operator, territory, issued, next_update);
        let services: String = services
            .iter()
            .map(|service| self::service(service, since))
            .collect();
        let provider = element(
            "TrustServiceProvider",
            &(element("TSPInformation", &information(operator, territory))
                + &element("TSPServices", &services)),
        );
        let providers = element("TrustServiceProviderList", &provider);
        let document = with(
            "TrustServiceStatusList",
            &[
                ("Id", "TSL"),
                ("TSLTag", "http://uri.etsi.org/19612/TSLTag"),
            ],
            &(scheme + &providers),
        );
        let canonical = apex(&document, NAMESPACES);
        Self {
            signed_info: signed_info(canonical.as_bytes()),
            document,
        }
    }

    /// SHA-256 of what is signed, for ECDSA on P-256.
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        // Exclusive canonicalization renders what the element itself uses.
        apex(&self.signed_info, DS).into_bytes()
    }

    /// The list, signed: raw r and s over [`Self::to_sign`], by the holder of the certificate.
    #[must_use]
    pub fn signed(&self, signature: &[u8], signer: &Certificate) -> String {
        let value = element("ds:SignatureValue", &STANDARD.encode(signature));
        let certificate = element("ds:X509Certificate", &STANDARD.encode(signer.der()));
        let key_info = element("ds:KeyInfo", &element("ds:X509Data", &certificate));
        let signature = self.signed_info.clone() + &value + &key_info;
        let signature = apex(&with("ds:Signature", &[("Id", "TSL-S")], &signature), DS);
        let root = apex(&self.document, NAMESPACES);
        let ends = root.rfind("</").expect("the root has an end");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}{signature}{}",
            &root[..ends],
            &root[ends..]
        )
    }
}

fn scheme(operator: &str, territory: &str, issued: UtcTime, next_update: UtcTime) -> String {
    let mut content = element("TSLVersionIdentifier", "5") + &element("TSLSequenceNumber", "1");
    let names = named(operator);
    content += &element("TSLType", &format!("{URI}/TrustedList/TSLType/EUgeneric"));
    content += &element("SchemeOperatorName", &names);
    content += &element("SchemeOperatorAddress", &address(territory));
    content += &element(
        "SchemeName",
        &named(&format!("{territory}:Simulated trusted list")),
    );
    content += &element("SchemeInformationURI", &link("http://localhost/"));
    content += &element(
        "StatusDeterminationApproach",
        &format!("{URI}/TrustedList/StatusDetn/EUappropriate"),
    );
    content += &element(
        "SchemeTypeCommunityRules",
        &link(&format!("{URI}/TrustedList/schemerules/EUcommon")),
    );
    content += &element("SchemeTerritory", territory);
    let notice = with(
        "TSLLegalNotice",
        &[("xml:lang", "en")],
        "A list of a simulated country, without legal effect.",
    );
    content += &element("PolicyOrLegalNotice", &notice);
    content += &element("HistoricalInformationPeriod", "65535");
    content += &element("ListIssueDateTime", &issued.rfc3339_seconds());
    let next = element("dateTime", &next_update.rfc3339_seconds());
    content += &element("NextUpdate", &next);
    element("SchemeInformation", &content)
}

fn information(operator: &str, territory: &str) -> String {
    element("TSPName", &named(operator))
        + &element("TSPTradeName", &named(operator))
        + &element("TSPAddress", &address(territory))
        + &element("TSPInformationURI", &link("http://localhost/"))
}

fn service(service: &TrustedService, since: UtcTime) -> String {
    let certificate = STANDARD.encode(service.certificate.der());
    let identity = element("DigitalId", &element("X509Certificate", &certificate));
    let mut content = element("ServiceTypeIdentifier", service.kind.uri());
    content += &element("ServiceName", &named(&service.name));
    content += &element("ServiceDigitalIdentity", &identity);
    content += &element(
        "ServiceStatus",
        &format!("{URI}/TrustedList/Svcstatus/granted"),
    );
    content += &element("StatusStartingTime", &since.rfc3339_seconds());
    if service.kind == TrustedServiceKind::Authority {
        content += &extensions();
    }
    element("TSPService", &element("ServiceInformation", &content))
}

/// That the authority's qualified certificates are for signatures.
fn extensions() -> String {
    let mut content = String::new();
    let uri = format!("{URI}/TrustedList/SvcInfoExt/ForeSignatures");
    let additional = element(
        "AdditionalServiceInformation",
        &with("URI", &[("xml:lang", "en")], &uri),
    );
    let _ = write!(
        content,
        "{}",
        with("Extension", &[("Critical", "false")], &additional)
    );
    element("ServiceInformationExtensions", &content)
}

fn named(name: &str) -> String {
    with("Name", &[("xml:lang", "en")], &text(name))
}

fn link(uri: &str) -> String {
    with("URI", &[("xml:lang", "en")], uri)
}

fn address(territory: &str) -> String {
    let postal = element("StreetAddress", "Example Street 1")
        + &element("Locality", "Example")
        + &element("PostalCode", "00000")
        + &element("CountryName", territory);
    let postal = with("PostalAddress", &[("xml:lang", "en")], &postal);
    element("PostalAddresses", &postal)
        + &element("ElectronicAddress", &link("mailto:nobody@localhost"))
}

fn signed_info(canonical: &[u8]) -> String {
    let transforms = element(
        "ds:Transforms",
        &(with("ds:Transform", &[("Algorithm", ENVELOPED)], "")
            + &with("ds:Transform", &[("Algorithm", C14N_EXCLUSIVE)], "")),
    );
    let digest = crate::xml::digest(canonical);
    debug_assert!(digest.contains(SHA256));
    let reference = with("ds:Reference", &[("URI", "")], &(transforms + &digest));
    let content = with(
        "ds:CanonicalizationMethod",
        &[("Algorithm", C14N_EXCLUSIVE)],
        "",
    ) + &with("ds:SignatureMethod", &[("Algorithm", ECDSA_SHA256)], "")
        + &reference;
    debug_assert!(NAMESPACES.contains(TSL));
    element("ds:SignedInfo", &content)
}
