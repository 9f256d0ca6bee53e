//! Identifiers as X-Road's XML writes them (schema `identifiers.xsd`).

use sim_domain::{ClientId, IdentifierError, MemberId};
use thiserror::Error;

use crate::private_parameters::PrivateParametersError;
use crate::shared_parameters::SharedParametersError;
use crate::xml::{Element, IDENTIFIER_NAMESPACE, XmlError};

/// Why an element is no identifier of a member or subsystem.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ReadIdentifierError {
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
}

/// Reads an element whose `objectType` is `MEMBER` or `SUBSYSTEM`.
pub(crate) fn read_client(element: &Element) -> Result<ClientId, ReadIdentifierError> {
    let mut content = element.sequence_in(IDENTIFIER_NAMESPACE)?;
    let instance = content.required("xRoadInstance")?.string()?;
    let class = content.required("memberClass")?.string()?;
    let code = content.required("memberCode")?.string()?;
    let member = MemberId::new(instance, class, code)?;
    let client = match element.object_type.as_deref() {
        Some("MEMBER") => ClientId::of_member(member),
        Some("SUBSYSTEM") => {
            ClientId::subsystem_of(member, content.required("subsystemCode")?.string()?)?
        }
        _ => return Err(element.not_a("a member or a subsystem").into()),
    };
    content.finish()?;
    Ok(client)
}

impl From<ReadIdentifierError> for SharedParametersError {
    fn from(error: ReadIdentifierError) -> Self {
        match error {
            ReadIdentifierError::Xml(error) => Self::Xml(error),
            ReadIdentifierError::Identifier(error) => Self::Identifier(error),
        }
    }
}

impl From<ReadIdentifierError> for PrivateParametersError {
    fn from(error: ReadIdentifierError) -> Self {
        match error {
            ReadIdentifierError::Xml(error) => Self::Xml(error),
            ReadIdentifierError::Identifier(error) => Self::Identifier(error),
        }
    }
}
