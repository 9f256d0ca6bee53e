//! The configuration anchor: the one file a security server is given by hand. It says where the
//! configuration is downloaded and which keys may have signed it.

use bytes::Bytes;
use sim_clock::UtcTime;
use thiserror::Error;

use crate::xml::{Element, Output, XmlError, parse};

/// Where an instance's configuration comes from and whose signature it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// When the anchor was made.
    pub generated_at: Option<UtcTime>,
    /// The instance identifier that the configuration must have.
    pub instance: String,
    /// Places to download from; any one is enough.
    pub sources: Vec<AnchorSource>,
}

/// One place to download the configuration from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorSource {
    /// URL of the signed directory, without the version parameter.
    pub download_url: String,
    /// DER certificates of the keys that may sign it.
    pub verification_certificates: Vec<Bytes>,
}

/// Why a text is no anchor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnchorError {
    /// Not a document of the schema.
    #[error("the document does not follow the schema: {0}")]
    Xml(#[from] XmlError),
    /// No source, or a source without a certificate, so that nothing could ever be verified.
    #[error("the anchor names no {0}")]
    Lacks(&'static str),
}

impl Anchor {
    /// Reads an anchor file.
    pub fn parse(document: &[u8]) -> Result<Self, AnchorError> {
        let root = parse(document)?;
        root.expect_root("configurationAnchor")?;
        Self::read(&root)
    }

    /// The anchor file.
    #[must_use]
    pub fn to_xml(&self) -> String {
        Output::document("configurationAnchor", |output| self.write(output))
    }

    /// Reads the content of an anchor's element.
    pub(crate) fn read(element: &Element) -> Result<Self, AnchorError> {
        let mut content = element.sequence()?;
        let generated_at = content.optional("generatedAt").map(read_time).transpose()?;
        let instance = content.required("instanceIdentifier")?.string()?.to_owned();
        let sources = content.repeated("source", read_source)?;
        content.finish()?;
        if sources.is_empty() {
            return Err(AnchorError::Lacks("source"));
        }
        Ok(Self {
            generated_at,
            instance,
            sources,
        })
    }

    /// Writes the content of an anchor's element.
    pub(crate) fn write(&self, output: &mut Output) {
        if let Some(time) = self.generated_at {
            output.text("generatedAt", &time.rfc3339_millis());
        }
        output.text("instanceIdentifier", &self.instance);
        for source in &self.sources {
            output.element("source", |output| {
                output.text("downloadURL", &source.download_url);
                for certificate in &source.verification_certificates {
                    output.base64("verificationCert", certificate);
                }
            });
        }
    }
}

fn read_source(element: &Element) -> Result<AnchorSource, AnchorError> {
    let mut content = element.sequence()?;
    let source = AnchorSource {
        download_url: content.required("downloadURL")?.token()?.to_owned(),
        verification_certificates: content.repeated("verificationCert", Element::certificate)?,
    };
    content.finish()?;
    if source.verification_certificates.is_empty() {
        return Err(AnchorError::Lacks("verification certificate"));
    }
    Ok(source)
}

fn read_time(element: &Element) -> Result<UtcTime, XmlError> {
    UtcTime::parse_rfc3339(element.token()?).ok_or_else(|| element.not_a("a time"))
}
