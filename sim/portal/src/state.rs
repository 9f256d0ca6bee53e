//! What all requests share.

use std::sync::Arc;

use parking_lot::Mutex;
use sim_clock::Clock;
use sim_domain::ServiceId;
use sim_domain::web::origin_of;
use sim_http_client::HttpClient;

use crate::applications::Applications;
use crate::assistants::Assistants;
use crate::catalogue::{Catalogue, Role};
use crate::config::{InquiryService, PortalConfig, RegisterService, authority_of};
use crate::cookies::Jar;
use crate::exchange::{Exchange, Ledger, Service};
use crate::oidc::Provider;
use crate::pages::questions::Questions;
use crate::run::{Error, Summary};
use crate::secrets::Seal;
use crate::sessions::Sessions;
use crate::signing::{Carriers, Notary};
use crate::statistics::Indicators;
use crate::texts::{self, Language, Words};

/// A portal while it serves.
pub(crate) struct Portal {
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) languages: Vec<Language>,
    /// Where browsers find it.
    pub(crate) public_url: String,
    /// The only value of `Host` that is answered.
    pub(crate) host: String,
    /// Where a form may send a browser besides the portal itself: log-out ends at the provider.
    pub(crate) provider_origin: String,
    /// The code of its member, by which a person's own looks are recognised.
    pub(crate) member_code: String,
    pub(crate) clock: Clock,
    pub(crate) jar: Jar,
    pub(crate) seal: Seal,
    pub(crate) sessions: Sessions,
    pub(crate) assistants: Assistants,
    pub(crate) provider: Provider,
    pub(crate) exchange: Exchange,
    pub(crate) services: Services,
    pub(crate) catalogue: Catalogue,
    pub(crate) questions: Questions,
    pub(crate) applications: Applications,
    pub(crate) carriers: Carriers,
    pub(crate) notary: Notary,
    pub(crate) summary: Mutex<Summary>,
}

/// The services of the registries; what is absent is not offered.
pub(crate) struct Services {
    pub(crate) record: Option<Service>,
    pub(crate) relations: Option<Service>,
    pub(crate) benefits: Option<Service>,
    pub(crate) applications: Option<Service>,
    pub(crate) declaration: Option<Service>,
    pub(crate) declarations: Option<Service>,
    pub(crate) health_record: Option<Service>,
    pub(crate) prescriptions: Option<Service>,
    pub(crate) appointments: Option<Service>,
    pub(crate) roles: Option<Service>,
    pub(crate) companies: Option<Service>,
    pub(crate) company: Option<Service>,
    pub(crate) studies: Option<Service>,
    pub(crate) consents: Option<Service>,
    pub(crate) insurance_offer: Option<Service>,
    pub(crate) trackers: Vec<Titled>,
    pub(crate) blocking: Vec<Titled>,
    pub(crate) inquiries: Vec<Answerer>,
}

/// A service and what people call its registry.
pub(crate) struct Titled {
    pub(crate) title: String,
    pub(crate) service: Service,
}

/// Who answers for the looks of one system, and the service that does so.
pub(crate) struct Answerer {
    pub(crate) title: String,
    pub(crate) service: Service,
    member_code: String,
    subsystem_code: String,
}

// === impl Portal ===

impl Portal {
    /// A portal that listens at `listen_url`, of a checked configuration.
    pub(crate) fn new(config: PortalConfig, listen_url: String) -> Result<Self, Error> {
        let clock = Clock::wall();
        let http = HttpClient::default();
        let ledger = Ledger::begin(config.ledger.as_deref(), clock).map_err(Error::Ledger)?;
        let notary = Notary::new(&config, http.clone(), clock).map_err(Error::PeopleCa)?;
        let public_url = config.public_url.clone().unwrap_or(listen_url);
        let is_secure = public_url.starts_with("https://");
        let scheme = if is_secure { "https://" } else { "http://" };
        let address = authority_of(&config.exchange_url, "http://").unwrap_or_default();
        let services = Services::of(&config);
        Ok(Self {
            host: authority_of(&public_url, scheme)
                .unwrap_or_default()
                .to_owned(),
            provider_origin: origin_of(&config.issuer).unwrap_or_default(),
            member_code: config.client.member().code().to_owned(),
            clock,
            jar: Jar { is_secure },
            seal: Seal::new()?,
            sessions: Sessions::default(),
            assistants: Assistants::default(),
            provider: Provider::new(&config, &public_url, http.clone(), clock),
            carriers: Carriers::new(
                &config.carriers_url,
                config.carrier_rp.clone(),
                http.clone(),
                clock,
            ),
            notary,
            applications: Applications::default(),
            exchange: Exchange::new(address, &config.client, http, clock, ledger),
            catalogue: Catalogue::of(&services),
            services,
            questions: Questions::default(),
            summary: Mutex::default(),
            public_url,
            name: config.name,
            currency: config.currency,
            languages: config.languages,
        })
    }

    /// What a member or a registry is called in a language: the configuration has one name, in the
    /// first language; in the others, a portal and whatever there is one of are called what they are.
    pub(crate) fn called<'n>(&self, name: &'n str, language: Language) -> &'n str {
        let Some(first) = self.languages.first().filter(|first| **first != language) else {
            return name;
        };
        if name.to_lowercase() == first.texts().portal.to_lowercase() {
            return language.texts().portal;
        }
        let words = self.services.words_for(name);
        words.map_or(name, |words| words.in_language(language))
    }

    /// Counts something for the summary.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Summary)) {
        count(&mut self.summary.lock());
    }
}

// === impl Services ===

impl Services {
    fn of(config: &PortalConfig) -> Self {
        let service = |id: &Option<ServiceId>| id.as_ref().map(Service::new);
        let titled = |services: &[RegisterService]| {
            let titled = services.iter().map(|service| Titled {
                title: service.title.clone(),
                service: Service::new(&service.service),
            });
            titled.collect()
        };
        let of = &config.services;
        Self {
            record: service(&of.population_record),
            relations: service(&of.population_relations),
            benefits: service(&of.benefits),
            applications: service(&of.applications),
            declaration: service(&of.declaration),
            declarations: service(&of.declarations),
            health_record: service(&of.health_record),
            prescriptions: service(&of.prescriptions),
            appointments: service(&of.appointments),
            roles: service(&of.roles),
            companies: service(&of.companies),
            company: service(&of.company),
            studies: service(&of.studies),
            consents: service(&of.consents),
            insurance_offer: service(&of.insurance_offer),
            trackers: titled(&config.trackers),
            blocking: titled(&config.blocking),
            inquiries: config.inquiries.iter().map(Answerer::of).collect(),
        }
    }

    /// What people call the member with this code, where one of its registries has a data tracker.
    pub(crate) fn title_of_member(&self, code: &str) -> Option<&str> {
        let mut trackers = self.trackers.iter();
        let tracker =
            trackers.find(|titled| titled.service.id.provider().member().code() == code)?;
        Some(&tracker.title)
    }

    /// What the registry with this title is called in every language, where it is the one that the
    /// portal asks for something. Of others, and of those that share a title, there may be many.
    fn words_for(&self, title: &str) -> Option<Words> {
        let all = self.trackers.iter().chain(&self.blocking);
        let mut registries = all
            .filter(|titled| titled.title == title)
            .map(|titled| titled.service.id.provider());
        let registry = registries.next()?;
        if registries.any(|other| other != registry) {
            return None;
        }
        let mut roles = Role::EACH_OF_ONE_REGISTRY.into_iter();
        let role = roles.find(|role| {
            let service = self.of_role(*role);
            service.is_some_and(|service| service.id.provider() == registry)
        })?;
        texts::register(role)
    }

    /// Who answers for the looks of a system, by what a data tracker calls its member and itself.
    pub(crate) fn answerer(&self, member_code: &str, subsystem_code: &str) -> Option<&Answerer> {
        self.inquiries.iter().find(|answerer| {
            answerer.member_code == member_code && answerer.subsystem_code == subsystem_code
        })
    }

    /// The indicators of the services of a role; none where there is no such service.
    pub(crate) fn indicators(&self, role: Role) -> Vec<Arc<Indicators>> {
        let of = |service: &Service| Arc::clone(&service.indicators);
        let all = |services: &[Titled]| services.iter().map(|it| of(&it.service)).collect();
        match role {
            Role::Trackers => all(&self.trackers),
            Role::Blocking => all(&self.blocking),
            _ => self.of_role(role).into_iter().map(of).collect(),
        }
    }

    /// The service of a role; none where there is none, or where every registry may have one.
    const fn of_role(&self, role: Role) -> Option<&Service> {
        let service = match role {
            Role::Record => &self.record,
            Role::Relations => &self.relations,
            Role::Benefits => &self.benefits,
            Role::Applications => &self.applications,
            Role::Declaration => &self.declaration,
            Role::Declarations => &self.declarations,
            Role::HealthRecord => &self.health_record,
            Role::Appointments => &self.appointments,
            Role::Roles => &self.roles,
            Role::Companies => &self.companies,
            Role::Studies => &self.studies,
            Role::Consents => &self.consents,
            Role::InsuranceOffer => &self.insurance_offer,
            Role::Trackers | Role::Blocking => return None,
        };
        service.as_ref()
    }
}

// === impl Answerer ===

impl Answerer {
    fn of(inquiry: &InquiryService) -> Self {
        Self {
            title: inquiry.title.clone(),
            service: Service::new(&inquiry.service),
            member_code: inquiry.member_code.clone(),
            subsystem_code: inquiry.subsystem_code.clone(),
        }
    }
}
