//! `private-params.xml`: what concerns the country's own security servers alone.

use std::time::Duration;

use bytes::Bytes;
use sim_domain::{ClientId, IdentifierError};
use thiserror::Error;

use crate::anchor::{Anchor, AnchorError};
use crate::identifiers::read_client;
use crate::xml::{Element, Output, XmlError, parse};

/// Everything in `private-params.xml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateParameters {
    /// The instance identifier of the country.
    pub instance: String,
    /// Anchors of federated countries.
    pub federation_anchors: Vec<Anchor>,
    /// Where security servers register themselves.
    pub management_service: ManagementService,
    /// How long a logged record may stay without a time-stamp; whole seconds.
    pub time_stamping_interval: Duration,
}

/// The management service of the country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementService {
    /// Where authentication certificates are registered.
    pub registration_address: String,
    /// DER certificate of the TLS server there.
    pub registration_certificate: Option<Bytes>,
    /// Who offers the management services.
    pub provider: ClientId,
}

/// Why `private-params.xml` could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PrivateParametersError {
    /// Not a document of the schema.
    #[error("the document does not follow the schema: {0}")]
    Xml(#[from] XmlError),
    /// A code cannot be part of an identifier.
    #[error("a code cannot be part of an identifier: {0}")]
    Identifier(#[from] IdentifierError),
    /// An anchor of a federated country is wrong.
    #[error("an anchor of a federated country: {0}")]
    Anchor(#[from] AnchorError),
}

impl PrivateParameters {
    /// Reads the document; strict as to the schema's order and bounded in size.
    pub fn parse(document: &[u8]) -> Result<Self, PrivateParametersError> {
        let root = parse(document)?;
        root.expect_root("conf")?;
        let mut content = root.sequence()?;
        let parameters = Self {
            instance: content.required("instanceIdentifier")?.string()?.to_owned(),
            federation_anchors: content.repeated("configurationAnchor", Anchor::read)?,
            management_service: read_management(content.required("managementService")?)?,
            time_stamping_interval: content.required("timeStampingIntervalSeconds")?.seconds()?,
        };
        content.finish()?;
        Ok(parameters)
    }

    /// The document.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Output::document("conf", |output| {
            output.text("instanceIdentifier", &self.instance);
            for anchor in &self.federation_anchors {
                output.element("configurationAnchor", |output| anchor.write(output));
            }
            output.element("managementService", |output| {
                write_management(output, &self.management_service);
            });
            let seconds = self.time_stamping_interval.as_secs().to_string();
            output.text("timeStampingIntervalSeconds", &seconds);
        })
    }
}

fn read_management(element: &Element) -> Result<ManagementService, PrivateParametersError> {
    let mut content = element.sequence()?;
    let address = content
        .required("authCertRegServiceAddress")?
        .token()?
        .to_owned();
    let certificate = content
        .optional("authCertRegServiceCert")
        .map(Element::certificate);
    let service = ManagementService {
        registration_address: address,
        registration_certificate: certificate.transpose()?,
        provider: read_client(content.required("managementRequestServiceProviderId")?)?,
    };
    content.finish()?;
    Ok(service)
}

fn write_management(output: &mut Output, service: &ManagementService) {
    output.text("authCertRegServiceAddress", &service.registration_address);
    if let Some(certificate) = &service.registration_certificate {
        output.base64("authCertRegServiceCert", certificate);
    }
    output.client("managementRequestServiceProviderId", &service.provider);
}
