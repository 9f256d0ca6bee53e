//! Who bears which name in a file, so that references can be looked up.

use sim_domain::{ClientId, MemberId, ServiceId};

use crate::decode::At;
use crate::model::RegistryKind;
use crate::raw::{RawMember, RawRegistry, RawScenario, RawService, defaults};
use crate::resolve::or_default;
use crate::values::{IdentifierPart, ServiceReference, ShortName, SubsystemReference};

/// The names of one file.
pub(crate) struct Names<'r> {
    raw: &'r RawScenario,
    instance: &'r str,
}

impl<'r> Names<'r> {
    pub(crate) fn of(raw: &'r RawScenario) -> Self {
        let written = raw.country.as_ref().map(|country| country.value.0.as_str());
        Self {
            raw,
            instance: written.unwrap_or(defaults::COUNTRY),
        }
    }

    pub(crate) const fn instance(&self) -> &'r str {
        self.instance
    }

    /// The identifier of the member called `name`.
    pub(crate) fn member(&self, name: &str) -> Option<MemberId> {
        let code = &self.raw_member(name)?.id.get()?.value;
        MemberId::new(self.instance, &code.class, &code.code).ok()
    }

    /// The identifier of a subsystem that exists.
    pub(crate) fn client(&self, reference: &SubsystemReference) -> Option<ClientId> {
        let member = self.raw_member(&reference.member)?;
        let exists = member
            .subsystems
            .get()?
            .items
            .iter()
            .any(|code| code.value.0 == reference.subsystem);
        let member = self.member(&reference.member).filter(|_| exists)?;
        ClientId::subsystem_of(member, &reference.subsystem).ok()
    }

    /// The identifier of a service that exists.
    pub(crate) fn service(&self, reference: &ServiceReference) -> Option<ServiceId> {
        self.raw_service(reference)?;
        ServiceId::new(self.client(&reference.provider)?, &reference.service).ok()
    }

    pub(crate) fn raw_member(&self, name: &str) -> Option<&'r RawMember> {
        self.members().find(|(found, _)| found.value.0 == name)?.1
    }

    pub(crate) fn raw_service(&self, reference: &ServiceReference) -> Option<&'r RawService> {
        self.services()
            .find(|(provider, code, _)| {
                **provider == reference.provider && code.value.0 == reference.service
            })
            .and_then(|(_, _, service)| service)
    }

    /// Every member's name, and what is known of it.
    pub(crate) fn members(
        &self,
    ) -> impl Iterator<Item = (&'r At<ShortName>, Option<&'r RawMember>)> + use<'r> {
        let named = self
            .raw
            .members
            .get()
            .into_iter()
            .flat_map(|members| &members.entries);
        named.map(|entry| (&entry.name, entry.value.as_ref()))
    }

    /// Every registry's name, and what is known of it.
    pub(crate) fn registries(
        &self,
    ) -> impl Iterator<Item = (&'r At<ShortName>, &'r RawRegistry)> + use<'r> {
        let named = self
            .raw
            .registries
            .get()
            .into_iter()
            .flat_map(|registries| &registries.entries);
        named.filter_map(|entry| Some((&entry.name, entry.value.as_ref()?)))
    }

    /// What sort of registry answers as `provider`; the default where none does, which is reported.
    pub(crate) fn kind_of_registry(&self, provider: &SubsystemReference) -> RegistryKind {
        let answers = |registry: &&RawRegistry| {
            let subsystem = registry.subsystem.get();
            subsystem.is_some_and(|subsystem| subsystem.value == *provider)
        };
        let registry = self
            .registries()
            .map(|(_, registry)| registry)
            .find(answers);
        or_default(
            registry.and_then(|registry| registry.kind.as_ref()),
            defaults::REGISTRY_KIND,
        )
    }

    /// Every service: who provides it, its code, and what is known of it.
    pub(crate) fn services(
        &self,
    ) -> impl Iterator<
        Item = (
            &'r SubsystemReference,
            &'r At<IdentifierPart>,
            Option<&'r RawService>,
        ),
    > + use<'r> {
        self.registries().flat_map(|(_, registry)| {
            let provider = registry.subsystem.get().map(|subsystem| &subsystem.value);
            let entries = registry
                .services
                .get()
                .into_iter()
                .flat_map(|services| &services.entries);
            entries.filter_map(move |entry| Some((provider?, &entry.name, entry.value.as_ref())))
        })
    }

    /// Whether every member's name and subsystems could be read.
    pub(crate) fn members_are_complete(&self) -> bool {
        let complete = self
            .raw
            .members
            .get()
            .is_some_and(|members| members.complete);
        complete && self.members().all(|(_, member)| member.is_some())
    }

    /// Whether every registry's services could be read.
    pub(crate) fn services_are_complete(&self) -> bool {
        let Some(registries) = self.raw.registries.get() else {
            return false;
        };
        registries.complete
            && registries.entries.iter().all(|entry| {
                entry.value.as_ref().is_some_and(|registry| {
                    registry.subsystem.get().is_some()
                        && registry
                            .services
                            .get()
                            .is_some_and(|services| services.complete)
                })
            })
    }
}
