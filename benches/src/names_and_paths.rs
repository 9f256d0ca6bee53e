//! Names in headers and targets, and service paths against access rights.

use sim_domain::access::{AccessRight, NormalisedPath, PathError, PathPattern, normalise_path};
use sim_domain::identifiers::{ClientId, IdentifierError, ServiceId};

use crate::exchange;

/// A client as a header names it, all characters plain.
pub const PLAIN_CLIENT: &str = exchange::CLIENT;
/// A client whose subsystem is percent-encoded.
pub const ESCAPED_CLIENT: &str = "EE/GOV/70000310/pensioniamet%20%C3%BCld";
/// A service as a target names it.
pub const SERVICE: &str = "EE/GOV/70008440/population/liveness";
/// The path of nearly every request.
pub const PLAIN_PATH: &str = "/liveness";
/// A path that is encoded and has dot segments, which takes every step of normalising.
pub const DEVIOUS_PATH: &str = "/v1/./%61ges//..//liveness/%E2%82%AC/today";

/// The rights of one service; the last one permits.
pub struct Rights {
    client: ClientId,
    rights: Vec<AccessRight>,
}

/// Reads a client's name and writes it again.
///
/// # Errors
///
/// Where `text` is no client's name.
pub fn client_there_and_back(text: &str) -> Result<String, IdentifierError> {
    Ok(ClientId::parse_encoded(text)?.to_encoded())
}

/// Reads a service's name and writes it again.
///
/// # Errors
///
/// Where `text` is no service's name.
pub fn service_there_and_back(text: &str) -> Result<String, IdentifierError> {
    Ok(ServiceId::parse_encoded(text)?.to_encoded())
}

/// What is matched, and what is forwarded.
///
/// # Errors
///
/// Where `raw` leads nowhere.
pub fn normalise(raw: &str) -> Result<(NormalisedPath, String), PathError> {
    let path = normalise_path(raw)?;
    let forwarded = path.to_encoded();
    Ok((path, forwarded))
}

impl Rights {
    /// Prepares `count` rights, all but the last of which belong to other subsystems.
    ///
    /// # Panics
    ///
    /// When `count` is zero.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let client = ClientId::parse_encoded(PLAIN_CLIENT).expect("a client's name");
        let right = |subject| AccessRight {
            subject,
            method: "POST".to_owned(),
            path: PathPattern::parse("/live*").expect("a pattern"),
        };
        let other = |number| {
            let subject =
                ClientId::subsystem_of(client.member().clone(), &format!("other-{number}"));
            right(subject.expect("a subsystem's name"))
        };
        let others = count
            .checked_sub(1)
            .expect("at least the right that permits");
        let mut rights: Vec<_> = (0..others).map(other).collect();
        rights.push(right(client.clone()));
        Self { client, rights }
    }

    /// Whether one of the rights lets the client POST to `path`.
    #[must_use]
    pub fn permit(&self, path: &NormalisedPath) -> bool {
        let mut rights = self.rights.iter();
        rights.any(|right| right.permits(&self.client, "POST", path))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        DEVIOUS_PATH, ESCAPED_CLIENT, PLAIN_CLIENT, PLAIN_PATH, Rights, SERVICE,
        client_there_and_back, normalise, service_there_and_back,
    };

    #[test]
    fn names_come_back_as_they_were() {
        for client in [PLAIN_CLIENT, ESCAPED_CLIENT] {
            assert_eq!(client_there_and_back(client).as_deref(), Ok(client));
        }
        assert_eq!(service_there_and_back(SERVICE).as_deref(), Ok(SERVICE));
    }

    #[test]
    fn paths_are_normalised_and_matched() {
        let (plain, forwarded) = normalise(PLAIN_PATH).unwrap();
        assert_eq!(
            (plain.as_str(), forwarded.as_str()),
            (PLAIN_PATH, PLAIN_PATH)
        );
        let (devious, forwarded) = normalise(DEVIOUS_PATH).unwrap();
        assert_eq!(devious.as_str(), "/v1/liveness/€/today");
        assert_eq!(forwarded, "/v1/liveness/%E2%82%AC/today");
        let rights = Rights::new(3);
        assert!(rights.permit(&plain));
        assert!(!rights.permit(&devious));
    }
}
