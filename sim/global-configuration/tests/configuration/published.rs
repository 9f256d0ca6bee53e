//! A country's configuration on a web server, which a test can change.

use std::time::Duration;

use sim_clock::Clock;
use sim_global_configuration::signed_directory::{Directory, DirectorySigner};
use sim_global_configuration::{
    Anchor, ConfigurationClient, FetchError, GlobalConfiguration, SharedParameters,
};

use crate::country;
use crate::web_server::WebServer;

pub(crate) const SHARED_PATH: &str = "/V6/1/shared-params.xml";
pub(crate) const PRIVATE_PATH: &str = "/V6/1/private-params.xml";
pub(crate) const DIRECTORY_PATH: &str = "/internalconf?version=6";
/// How long a condition may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
/// So short that tests need not wait, so long that the client sleeps in between.
pub(crate) const REFRESH: Duration = Duration::from_millis(20);

/// A country's web server, with everything in place.
pub(crate) struct Published {
    pub(crate) web: WebServer,
    pub(crate) signer: DirectorySigner,
    pub(crate) shared: Vec<u8>,
    pub(crate) private: Vec<u8>,
}

impl Published {
    pub(crate) async fn new() -> Self {
        let published = Self {
            web: WebServer::start().await,
            signer: country::signer(),
            shared: country::shared().to_xml().unwrap().into_bytes(),
            private: country::private().to_xml().into_bytes(),
        };
        published.publish(&published.directory());
        published
    }

    pub(crate) fn directory(&self) -> Directory {
        country::directory(&self.shared, &self.private, country::soon())
    }

    pub(crate) fn publish(&self, directory: &Directory) {
        self.web.put(SHARED_PATH, self.shared.clone());
        self.web.put(PRIVATE_PATH, self.private.clone());
        self.web.put_directory(directory, &self.signer);
    }

    pub(crate) fn anchor(&self) -> Anchor {
        country::anchor(&self.web.url(), &self.signer)
    }

    pub(crate) fn client(&self) -> ConfigurationClient {
        ConfigurationClient::new(self.anchor(), Clock::wall(), REFRESH)
    }

    pub(crate) async fn fetch(&self) -> Result<GlobalConfiguration, FetchError> {
        self.client().fetch_once().await
    }

    /// What a client says to the directory after `change`.
    pub(crate) async fn refusal(&self, change: impl FnOnce(&mut Directory)) -> FetchError {
        let mut directory = self.directory();
        change(&mut directory);
        self.publish(&directory);
        self.fetch().await.unwrap_err()
    }
}

/// The parameters in a document.
pub(crate) fn country_of(document: &[u8]) -> SharedParameters {
    SharedParameters::parse(document).unwrap()
}
