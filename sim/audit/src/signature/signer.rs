//! The certificates that sign, each looked into once.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sim_clock::UtcTime;
use sim_domain::MemberId;

use super::Fault;
use crate::certificate::Certificate;
use crate::digest::{Digest, sha512};
use crate::kinds;
use crate::trust::Trust;

/// More certificates than the members of any country sign with in one run.
const MAX_SIGNERS: usize = 65_536;

/// A signing certificate, and what follows from it alone.
pub(super) struct Signer<'a> {
    pub(super) certificate: Certificate,
    pub(super) digest: Digest,
    pub(super) issuer_text: String,
    pub(super) serial: String,
    /// Whose it is, where its subject is a member's.
    pub(super) member: Option<MemberId>,
    /// The authority that issued it, if any is trusted.
    pub(super) issuer: Option<&'a Certificate>,
}

/// All signing certificates of a log, numbered as they came.
pub(super) struct Signers<'a> {
    trust: &'a Trust,
    /// By the text in which documents enclose them.
    numbers: BTreeMap<String, Result<u32, Fault>>,
    signers: Vec<Signer<'a>>,
}

// === impl Signers ===

impl<'a> Signers<'a> {
    pub(super) const fn new(trust: &'a Trust) -> Self {
        Self {
            trust,
            numbers: BTreeMap::new(),
            signers: Vec::new(),
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<&Signer<'a>> {
        self.signers.get(number as usize)
    }

    /// The number of the certificate with this base64 text.
    pub(super) fn number_of(&mut self, text: &str) -> Result<u32, Fault> {
        if let Some(known) = self.numbers.get(text) {
            return known.clone();
        }
        if self.numbers.len() >= MAX_SIGNERS {
            let text = "more signing certificates than are looked into".to_owned();
            return Err((kinds::CERTIFICATE_INVALID, text));
        }
        let number = Signer::parse(text, self.trust).map(|signer| {
            self.signers.push(signer);
            (self.signers.len() - 1) as u32
        });
        self.numbers.insert(text.to_owned(), number.clone());
        number
    }
}

// === impl Signer ===

impl<'a> Signer<'a> {
    fn parse(text: &str, trust: &'a Trust) -> Result<Self, Fault> {
        let invalid = |what| (kinds::CERTIFICATE_INVALID, what);
        let der = BASE64
            .decode(text)
            .map_err(|_| invalid("it is not base64".to_owned()))?;
        let certificate = Certificate::parse(&der).map_err(invalid)?;
        Ok(Self {
            digest: sha512(certificate.der()),
            issuer_text: certificate.issuer_text(),
            serial: certificate.serial_decimal(),
            member: certificate.member(),
            issuer: trust.issuer_of(&certificate),
            certificate,
        })
    }

    /// It must be issued by a trusted authority, be meant for signing, and have been valid.
    pub(super) fn check_at(&self, time: UtcTime) -> Result<(), Fault> {
        let what = match self.issuer {
            None => "no trusted authority issued the signing certificate",
            Some(issuer) if !issuer.is_valid_at(time) => "its issuer was not valid when it signed",
            Some(_) if !self.certificate.is_valid_at(time) => "not valid when it signed",
            Some(_) if !self.certificate.can_sign_messages() => "it may not sign messages",
            Some(_) if self.member.is_none() => "its subject is no member",
            Some(_) => return Ok(()),
        };
        Err((kinds::CERTIFICATE_INVALID, what.to_owned()))
    }
}
