//! Who is registered, and what a change does to that. No I/O: a change makes a new value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use thiserror::Error;

use crate::config::{ConfigError, MemberConfig};

/// Longest accepted address of a security server: that of a host name (RFC 1035, 2.3.4).
const MAX_ADDRESS_BYTES: usize = 253;
/// Most clients of one security server.
const MAX_CLIENTS: usize = 10_000;

/// All members and security servers of the country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registrations {
    pub(crate) members: BTreeMap<MemberId, RegisteredMember>,
    pub(crate) security_servers: BTreeMap<SecurityServerId, RegisteredServer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisteredMember {
    pub(crate) name: String,
    pub(crate) subsystems: BTreeSet<ClientId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisteredServer {
    pub(crate) address: String,
    /// SHA-256 of its authentication certificate, in hexadecimal; none after it was withdrawn.
    pub(crate) authentication_certificate_sha256: Option<String>,
    pub(crate) clients: BTreeSet<ClientId>,
    pub(crate) maintenance: Option<MaintenanceState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaintenanceState {
    pub(crate) message: Option<String>,
}

/// A management request that has passed its formal checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    RegisterServer(SecurityServerId, RegisteredServer),
    RemoveMember(MemberId),
    RemoveAuthenticationCertificate(SecurityServerId),
    SetMaintenance(SecurityServerId, Option<MaintenanceState>),
}

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ChangeError {
    #[error("member {0} is not registered")]
    UnknownMember(MemberId),
    #[error("client {0} is not registered")]
    UnknownClient(ClientId),
    #[error("security server {0} is not registered")]
    UnknownServer(SecurityServerId),
    #[error("security server {0} has no authentication certificate")]
    NoCertificate(SecurityServerId),
    #[error("security server {0} is registered already, and differently")]
    DuplicateServer(SecurityServerId),
    #[error("the authentication certificate is registered for {0} already")]
    DuplicateCertificate(SecurityServerId),
    #[error("`{}` is not a host name or address", .0.escape_debug())]
    Address(String),
    #[error("a security server has at most {MAX_CLIENTS} clients")]
    TooManyClients,
}

// === impl Registrations ===

impl Registrations {
    /// The members a country begins with.
    pub(crate) fn initial(members: &[MemberConfig]) -> Result<Self, ConfigError> {
        let mut registrations = Self::default();
        for member in members {
            let mut subsystems = BTreeSet::new();
            for code in &member.subsystems {
                let subsystem = ClientId::subsystem_of(member.id.clone(), code)?;
                if !subsystems.insert(subsystem.clone()) {
                    return Err(ConfigError::Duplicate(subsystem));
                }
            }
            let registered = RegisteredMember {
                name: member.name.clone(),
                subsystems,
            };
            let before = registrations.members.insert(member.id.clone(), registered);
            if before.is_some() {
                return Err(ConfigError::Duplicate(ClientId::of_member(
                    member.id.clone(),
                )));
            }
        }
        Ok(registrations)
    }

    /// The registrations after `change`.
    pub(crate) fn after(&self, change: Change) -> Result<Self, ChangeError> {
        let mut next = self.clone();
        match change {
            Change::RegisterServer(id, server) => next.register_server(id, server)?,
            Change::RemoveMember(id) => next.remove_member(&id)?,
            Change::RemoveAuthenticationCertificate(id) => {
                let removed = next.server(&id)?.authentication_certificate_sha256.take();
                removed.ok_or(ChangeError::NoCertificate(id))?;
            }
            Change::SetMaintenance(id, maintenance) => next.server(&id)?.maintenance = maintenance,
        }
        Ok(next)
    }

    fn register_server(
        &mut self,
        id: SecurityServerId,
        server: RegisteredServer,
    ) -> Result<(), ChangeError> {
        if !self.members.contains_key(id.owner()) {
            return Err(ChangeError::UnknownMember(id.owner().clone()));
        }
        if server.clients.len() > MAX_CLIENTS {
            return Err(ChangeError::TooManyClients);
        }
        let mut clients = server.clients.iter();
        if let Some(unknown) = clients.find(|client| !self.knows(client)) {
            return Err(ChangeError::UnknownClient(unknown.clone()));
        }
        check_address(&server.address)?;
        let certificate = &server.authentication_certificate_sha256;
        let mut others = self.security_servers.iter();
        if let Some((other, _)) = others.find(|(other, entry)| {
            **other != id
                && certificate.is_some()
                && entry.authentication_certificate_sha256 == *certificate
        }) {
            return Err(ChangeError::DuplicateCertificate(other.clone()));
        }
        match self.security_servers.get(&id) {
            // The same again changes nothing, so that a request may be repeated.
            Some(before) if before.is_registered_as(&server) => return Ok(()),
            // A server whose certificate was withdrawn may come back with a new one.
            Some(before) if before.authentication_certificate_sha256.is_some() => {
                return Err(ChangeError::DuplicateServer(id));
            }
            Some(_) | None => {}
        }
        self.security_servers.insert(id, server);
        Ok(())
    }

    /// With a member go its subsystems, from every server that acts for them, and its servers.
    fn remove_member(&mut self, id: &MemberId) -> Result<(), ChangeError> {
        let removed = self.members.remove(id);
        removed.ok_or_else(|| ChangeError::UnknownMember(id.clone()))?;
        self.security_servers
            .retain(|server, _| server.owner() != id);
        for server in self.security_servers.values_mut() {
            server.clients.retain(|client| client.member() != id);
        }
        Ok(())
    }

    fn knows(&self, client: &ClientId) -> bool {
        let member = self.members.get(client.member());
        member.is_some_and(|member| {
            client.subsystem().is_none() || member.subsystems.contains(client)
        })
    }

    fn server(&mut self, id: &SecurityServerId) -> Result<&mut RegisteredServer, ChangeError> {
        let server = self.security_servers.get_mut(id);
        server.ok_or_else(|| ChangeError::UnknownServer(id.clone()))
    }
}

// === impl RegisteredServer ===

impl RegisteredServer {
    /// Whether registering `other` would change nothing; maintenance is not a matter of
    /// registration.
    fn is_registered_as(&self, other: &Self) -> bool {
        self.address == other.address
            && self.authentication_certificate_sha256 == other.authentication_certificate_sha256
            && self.clients == other.clients
    }
}

// === impl ChangeError ===

impl ChangeError {
    /// A word for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::UnknownMember(_) => "unknown_member",
            Self::UnknownClient(_) => "unknown_client",
            Self::UnknownServer(_) => "unknown_security_server",
            Self::NoCertificate(_) => "no_authentication_certificate",
            Self::DuplicateServer(_) => "duplicate_security_server",
            Self::DuplicateCertificate(_) => "duplicate_authentication_certificate",
            Self::Address(_) => "bad_address",
            Self::TooManyClients => "too_many_clients",
        }
    }
}

fn check_address(address: &str) -> Result<(), ChangeError> {
    let usable = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    if address.is_empty() || address.len() > MAX_ADDRESS_BYTES || !address.bytes().all(usable) {
        return Err(ChangeError::Address(address.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
