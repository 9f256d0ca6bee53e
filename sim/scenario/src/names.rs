//! Who bears which name in a file, so that references can be looked up.

use sim_domain::{ClientId, MemberId, ServiceId};

use crate::decode::{At, List};
use crate::diagnostics::Span;
use crate::model::RegistryKind;
use crate::raw::{RawMember, RawRegistry, RawScenario, RawService, defaults};
use crate::resolve::or_default;
use crate::values::{AccessText, ServiceReference, ShortName, SubsystemReference};

/// A service that a registry offers.
pub(crate) struct Offer<'r> {
    pub(crate) provider: &'r SubsystemReference,
    pub(crate) code: &'r str,
    /// Where it stands in the file: at its code, or at the registry's subsystem.
    pub(crate) span: Span,
    /// Who may call it; absent where that could not be read, or nobody may.
    pub(crate) allow: Option<&'r List<At<AccessText>>>,
    /// What the file says of it alone.
    pub(crate) service: Option<&'r RawService>,
}

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
        self.offer(reference)?;
        ServiceId::new(self.client(&reference.provider)?, &reference.service).ok()
    }

    pub(crate) fn raw_member(&self, name: &str) -> Option<&'r RawMember> {
        self.members().find(|(found, _)| found.value.0 == name)?.1
    }

    /// What the file says of a service that exists.
    pub(crate) fn offer(&self, reference: &ServiceReference) -> Option<Offer<'r>> {
        self.offers()
            .find(|offer| *offer.provider == reference.provider && offer.code == reference.service)
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

    /// Every service of every registry whose subsystem could be read.
    pub(crate) fn offers(&self) -> impl Iterator<Item = Offer<'r>> + use<'r> {
        self.registries().flat_map(|(_, registry)| {
            let subsystem = registry.subsystem.get();
            subsystem.into_iter().flat_map(|at| offers_of(registry, at))
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
                    let services = registry.services.as_ref();
                    registry.subsystem.get().is_some()
                        && services.is_none_or(|services| services.complete)
                })
            })
    }
}

/// The services of a registry: those that are listed, in the order of the file, and after them, if
/// the registry as a whole says who may call, those that its kind has besides.
pub(crate) fn offers_of<'r>(
    registry: &'r RawRegistry,
    provider: &'r At<SubsystemReference>,
) -> impl Iterator<Item = Offer<'r>> + use<'r> {
    let listed = registry.services.as_ref();
    let entries = listed.into_iter().flat_map(|services| &services.entries);
    let written = entries.map(|entry| Offer {
        provider: &provider.value,
        code: &entry.name.value.0,
        span: entry.name.span,
        allow: entry.value.as_ref().and_then(|service| service.allow.get()),
        service: entry.value.as_ref(),
    });
    let allow = registry.allow.as_ref();
    let kind: RegistryKind = or_default(registry.kind.as_ref(), defaults::REGISTRY_KIND);
    let implied = kind.services().iter().filter(move |code| {
        let is_listed = listed.is_some_and(|services| {
            let mut names = services.entries.iter().map(|entry| &entry.name.value.0);
            names.any(|name| name == *code)
        });
        allow.is_some() && !is_listed
    });
    written.chain(implied.map(move |code| Offer {
        provider: &provider.value,
        code,
        span: provider.span,
        allow,
        service: None,
    }))
}
