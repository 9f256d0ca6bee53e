//! `shared-params.xml`: who takes part in the country, where, and whom everybody trusts.
//!
//! The content is that of version 6 of X-Road's global configuration (X-Road *Protocol for
//! Downloading Configuration*, PR-GCONF). Certificates are kept as DER and not looked into here:
//! [`GlobalConfiguration`](crate::GlobalConfiguration) does that.

mod read;
mod write;

use std::time::Duration;

use bytes::Bytes;
use sim_domain::{ClientId, IdentifierError, MemberId, SecurityServerId};
use thiserror::Error;

use crate::xml::XmlError;

/// Everything in `shared-params.xml` that Roadtest uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedParameters {
    /// The instance identifier of the country, the first part of every identifier in it.
    pub instance: String,
    /// Where the configuration can be downloaded.
    pub sources: Vec<ConfigurationSource>,
    /// Who may issue certificates.
    pub certification_authorities: Vec<ApprovedCertificationAuthority>,
    /// Who may issue time-stamps.
    pub time_stamping_authorities: Vec<ApprovedTimeStampingAuthority>,
    /// Registered members.
    pub members: Vec<Member>,
    /// Registered security servers.
    pub security_servers: Vec<SecurityServer>,
    /// Groups that access rights may be given to.
    pub global_groups: Vec<GlobalGroup>,
    /// Member classes in use.
    pub member_classes: Vec<MemberClass>,
    /// How old an OCSP response may be; whole seconds.
    pub ocsp_freshness: Duration,
}

/// A central server that gives out the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSource {
    /// Host name or address.
    pub address: String,
    /// DER certificates of the keys that sign the configuration for members.
    pub internal_verification_certificates: Vec<Bytes>,
    /// DER certificates of the keys that sign the configuration for federated countries.
    pub external_verification_certificates: Vec<Bytes>,
}

/// A certification authority whose certificates are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedCertificationAuthority {
    /// Name for people.
    pub name: String,
    /// Whether its certificates are for TLS alone, not for signatures.
    pub authentication_only: bool,
    /// The trust anchor.
    pub top: CaInfo,
    /// Authorities below it.
    pub intermediates: Vec<CaInfo>,
    /// Name of the rules by which a certificate's subject is read.
    pub certificate_profile: String,
}

/// A certificate of an authority and who answers for its certificates' status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaInfo {
    /// DER.
    pub certificate: Bytes,
    /// Its OCSP responders.
    pub ocsp: Vec<OcspInfo>,
}

/// An OCSP responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspInfo {
    /// Where it answers.
    pub url: String,
    /// DER certificate it signs with, where the country has fixed one.
    pub certificate: Option<Bytes>,
}

/// A time-stamping authority whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedTimeStampingAuthority {
    /// Name for people.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// DER certificate it signs with.
    pub certificate: Bytes,
}

/// A registered member and its subsystems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub id: MemberId,
    /// Full name.
    pub name: String,
    /// Its registered subsystems.
    pub subsystems: Vec<Subsystem>,
}

/// A part of a member that sends or receives messages in its own right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subsystem {
    /// The whole identifier.
    pub id: ClientId,
    /// Name for people.
    pub name: Option<String>,
}

/// A registered security server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityServer {
    /// Who it is.
    pub id: SecurityServerId,
    /// Where other security servers reach it: a host name or address without a port.
    pub address: Option<String>,
    /// SHA-256 of each certificate it may show in TLS.
    pub authentication_certificate_hashes: Vec<[u8; 32]>,
    /// Members and subsystems it acts for, besides its owner.
    pub clients: Vec<ClientId>,
    /// Present while its operator has it in maintenance.
    pub maintenance: Option<Maintenance>,
}

/// That a security server does not take messages for now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// What its operator tells others.
    pub message: Option<String>,
}

/// A group of members and subsystems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalGroup {
    /// Its code, unique in the instance.
    pub code: String,
    /// What it is for.
    pub description: String,
    /// Who belongs to it.
    pub members: Vec<ClientId>,
}

/// A kind of member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberClass {
    /// Such as `GOV`.
    pub code: String,
    /// What the code means.
    pub description: String,
}

/// Why `shared-params.xml` could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SharedParametersError {
    /// Not a document of the schema.
    #[error("the document does not follow the schema: {0}")]
    Xml(#[from] XmlError),
    /// A code cannot be part of an identifier.
    #[error("a code cannot be part of an identifier: {0}")]
    Identifier(#[from] IdentifierError),
    /// A reference points at no member or subsystem of the document.
    #[error("security server {server} refers to `{reference}`, which is not registered")]
    DanglingReference {
        /// Which server.
        server: String,
        /// The reference.
        reference: String,
    },
    /// Two elements have one schema identifier.
    #[error("the element identifier `{0}` is used twice")]
    DuplicateElementId(String),
    /// A member, subsystem or server appears twice.
    #[error("`{0}` is registered twice")]
    DuplicateIdentifier(String),
    /// A member of another instance, or a subsystem of another member, in the wrong place.
    #[error("`{0}` does not belong where it stands")]
    Misplaced(String),
}

impl SharedParameters {
    /// Reads the document; strict as to the schema's order and bounded in size.
    pub fn parse(document: &[u8]) -> Result<Self, SharedParametersError> {
        read::read(document)
    }

    /// The document; fails where a security server has an unregistered owner or client, or a
    /// member or subsystem stands where it does not belong.
    pub fn to_xml(&self) -> Result<String, SharedParametersError> {
        write::write(self)
    }
}
