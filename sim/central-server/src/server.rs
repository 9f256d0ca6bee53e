//! The state of a central server, and the only two things that happen to it: a change, and the
//! passing of time. Both end in a new publication.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};
use sim_domain::SecurityServerId;
use sim_evidence::certificate::{Certificate, verify_path};
use sim_global_configuration::shared_parameters::SharedParametersError;
use sim_global_configuration::signed_directory::DirectorySigner;
use sim_global_configuration::{Anchor, AnchorSource};
use thiserror::Error;

use crate::config::{CentralServerConfig, ConfigError};
use crate::country::Country;
use crate::publication::Publication;
use crate::registrations::{Change, ChangeError, Registrations};
use crate::store::{Store, StoreError};

/// Publications whose documents can still be had: a client may have read its directory a little
/// before the latest change.
const KEPT_PUBLICATIONS: usize = 64;

/// A central server without its listener.
#[derive(Debug)]
pub(crate) struct CentralServer {
    country: Country,
    signer: DirectorySigner,
    store: Store,
    clock: Clock,
    anchor: Anchor,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    registrations: Registrations,
    /// The newest is at the back; never empty.
    publications: VecDeque<Arc<Publication>>,
    published: u64,
}

/// Why a central server cannot start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The configuration cannot be used.
    #[error("use the configuration")]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error("use the data folder")]
    Store(#[from] StoreError),
    /// The registrations contradict themselves.
    #[error("publish the registrations")]
    Publish(#[from] SharedParametersError),
}

/// Why a change did not take effect.
#[derive(Debug, Error)]
pub(crate) enum ApplyError {
    #[error(transparent)]
    Refused(#[from] ChangeError),
    #[error("store the registrations")]
    Store(#[from] StoreError),
    #[error("publish the registrations")]
    Publish(#[from] SharedParametersError),
}

/// Figures for health and for the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) publications: u64,
    pub(crate) members: usize,
    pub(crate) security_servers: usize,
}

// === impl CentralServer ===

impl CentralServer {
    /// Loads the registrations, or begins with the configured ones, and publishes them at `url`.
    pub(crate) fn open(config: &CentralServerConfig, url: &str) -> Result<Self, OpenError> {
        config.check()?;
        let clock = Clock::wall_shifted(config.clock_offset_ms);
        let now = clock.now();
        let store = Store::open(&config.data_folder)?;
        let signer = store.signer(&config.instance, now)?;
        let country = Country::new(config, url.to_owned(), signer.certificate())?;
        let registrations = match store.load()? {
            Some(registrations) => registrations,
            None => Registrations::initial(&config.members)?,
        };
        let first = Publication::new(&country, &registrations, &signer, now, 0)?;
        store.save(&registrations)?;
        let anchor = Anchor {
            generated_at: Some(now),
            instance: config.instance.clone(),
            sources: vec![AnchorSource {
                download_url: format!("{url}/internalconf"),
                verification_certificates: vec![signer.certificate().der().clone()],
            }],
        };
        Ok(Self {
            country,
            signer,
            store,
            clock,
            anchor,
            state: Mutex::new(State {
                registrations,
                publications: VecDeque::from([Arc::new(first)]),
                published: 1,
            }),
        })
    }

    /// Makes `change` durable and publishes it. A change that changes nothing publishes nothing.
    ///
    /// Blocks on the disk.
    pub(crate) fn apply(&self, change: Change) -> Result<Arc<Publication>, ApplyError> {
        let mut state = self.state.lock();
        let registrations = state.registrations.after(change)?;
        if registrations == state.registrations {
            return Ok(state.newest());
        }
        let publication = self.compose(&registrations, state.published)?;
        // Durable before visible: what clients have seen survives a crash.
        self.store.save(&registrations)?;
        state.registrations = registrations;
        Ok(state.publish(publication))
    }

    /// Publishes the registrations again, with a new expiry.
    pub(crate) fn republish(&self) -> Result<(), SharedParametersError> {
        let mut state = self.state.lock();
        let publication = self.compose(&state.registrations, state.published)?;
        state.publish(publication);
        Ok(())
    }

    /// The newest publication.
    pub(crate) fn newest(&self) -> Arc<Publication> {
        self.state.lock().newest()
    }

    /// A document of a publication that is still kept.
    pub(crate) fn file(&self, stamp: &str, name: &str) -> Option<Bytes> {
        let state = self.state.lock();
        let mut publications = state.publications.iter().rev();
        publications
            .find(|publication| publication.stamp == stamp)?
            .file(name)
    }

    /// The anchor to give to security servers.
    pub(crate) const fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// The country's identifier.
    pub(crate) fn instance(&self) -> &str {
        self.country.instance()
    }

    /// How often to call [`Self::republish`].
    pub(crate) fn refresh(&self) -> std::time::Duration {
        self.country.settings().refresh()
    }

    /// Time as this server sees it.
    pub(crate) fn now(&self) -> UtcTime {
        self.clock.now()
    }

    /// Whether `id` is one of this country.
    pub(crate) fn is_of_this_country(&self, id: &SecurityServerId) -> bool {
        id.owner().instance() == self.instance()
    }

    /// Why `certificate` cannot authenticate a security server; `None` when it can.
    pub(crate) fn refuse_certificate(&self, certificate: &Certificate) -> Option<String> {
        if !certificate.can_authenticate() {
            return Some("it is not for authentication".to_owned());
        }
        let path = verify_path(certificate, self.country.trust_anchors(), self.now());
        path.err().map(|error| error.to_string())
    }

    pub(crate) fn counts(&self) -> Counts {
        let state = self.state.lock();
        Counts {
            publications: state.published,
            members: state.registrations.members.len(),
            security_servers: state.registrations.security_servers.len(),
        }
    }

    fn compose(
        &self,
        registrations: &Registrations,
        number: u64,
    ) -> Result<Publication, SharedParametersError> {
        let now = self.clock.now();
        Publication::new(&self.country, registrations, &self.signer, now, number)
    }
}

// === impl State ===

impl State {
    fn newest(&self) -> Arc<Publication> {
        let newest = self.publications.back();
        Arc::clone(newest.expect("there is a publication from the beginning"))
    }

    fn publish(&mut self, publication: Publication) -> Arc<Publication> {
        if self.publications.len() == KEPT_PUBLICATIONS {
            self.publications.pop_front();
        }
        self.publications.push_back(Arc::new(publication));
        self.published += 1;
        self.newest()
    }
}
