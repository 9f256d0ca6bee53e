//! What the fuzz targets share: valid inputs to start from, and edits of them.
//!
//! A fuzzer that knows nothing of a format spends its time in the first field. So each target takes
//! its bytes in two ways: as an input, and as a list of edits of a valid one, which reach every
//! field and every check behind it.

pub mod configuration;

use std::sync::LazyLock;

use benches::country::{Country, NOW};
use rcgen::{CertificateParams, CustomExtension, DnType};
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::keys::SigningKey;
use sim_evidence::signature::MessageSignature;
use sim_evidence::time_stamp::{TimeStampRequest, TokenSigner, parse_request, request};

/// DER of the extended key usage that says time-stamping and nothing else.
const TIME_STAMPING: &[u8] = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08";

/// Everything valid, made once.
pub static VALID: LazyLock<Valid> = LazyLock::new(Valid::new);

/// A country, and one of everything that it makes.
pub struct Valid {
    /// Who signs, and whom a verifier trusts.
    pub country: Country,
    /// Two messages, with a body and without.
    pub leaves: [Leaf; 2],
    /// The signature that both share.
    pub signed: Vec<MessageSignature>,
    /// A time-stamping authority.
    pub stamper: TokenSigner,
    /// What the token is over.
    pub imprint: Sha512,
    /// A response that grants a time-stamp.
    pub time_stamp_response: Vec<u8>,
}

impl Valid {
    fn new() -> Self {
        let country = Country::new();
        let leaves = [
            Leaf {
                message: Sha512::of(b"head"),
                attachment: Some(Sha512::of(b"body")),
            },
            Leaf {
                message: Sha512::of(b"head alone"),
                attachment: None,
            },
        ];
        let signed = country
            .signer
            .sign_batch(&leaves, &country.ocsp_response, NOW)
            .messages;
        let stamper = stamper();
        let imprint = Sha512::of(b"stamped");
        let asked: TimeStampRequest = parse_request(&request(&imprint)).expect("our own request");
        let time_stamp_response = stamper.grant(&asked, [7; 16], NOW);
        Self {
            country,
            leaves,
            signed,
            stamper,
            imprint,
            time_stamp_response,
        }
    }
}

fn stamper() -> TokenSigner {
    let key = SigningKey::generate().expect("the system has randomness");
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "TSA");
    let mut purpose = CustomExtension::from_oid_content(&[2, 5, 29, 37], TIME_STAMPING.to_vec());
    purpose.set_criticality(true);
    params.custom_extensions.push(purpose);
    let certificate = params.self_signed(&key).expect("the parameters are complete");
    let certificate = Certificate::parse(certificate.der().to_vec()).expect("it was just made");
    TokenSigner::new(key, certificate)
}

/// `valid` with the edits that `data` describes: a place (two bytes), how many bytes go and how
/// many come (one each), and those that come; again and again until `data` ends.
#[must_use]
pub fn edited(valid: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    let mut rest = data;
    while let [low, high, gone, come, after @ ..] = rest {
        let at = usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() + 1);
        let end = (at + usize::from(gone % 16)).min(bytes.len());
        let (inserted, after) = after.split_at(after.len().min(usize::from(come % 16)));
        bytes.splice(at..end, inserted.iter().copied());
        rest = after;
    }
    bytes
}
