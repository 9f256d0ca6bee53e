//! Downloads the configuration, verifies it, and keeps the newest one at hand.
//!
//! A download goes through these steps, and [`FetchError`] says which one failed: get the signed
//! directory of an anchor's source, verify its signature with that source's certificates, judge
//! its expiry and version, find both parts and judge their instance, get each part and compare its
//! hash, read it.
//!
//! Sources are taken from the anchor alone; the addresses in `shared-params.xml` are not followed.

mod handle;
mod part;

use std::time::Duration;

use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_http_client::{Bounds, HttpClientError};
use thiserror::Error;
use tokio::task::JoinHandle;

pub use handle::{ConfigurationClientStopped, ConfigurationHandle};

use crate::anchor::{Anchor, AnchorSource};
use crate::private_parameters::{PrivateParameters, PrivateParametersError};
use crate::shared_parameters::{SharedParameters, SharedParametersError};
use crate::signed_directory::{
    CONFIGURATION_VERSION, Directory, DirectoryError, MAX_DIRECTORY_BYTES, PRIVATE_PARAMETERS,
    PartHash, SHARED_PARAMETERS, verify,
};
use crate::snapshot::{GlobalConfiguration, SnapshotError};

/// Longest wait for a whole file, as X-Road's configuration client has it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Wait between attempts as long as there is no configuration at all.
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// Downloads and verifies the configuration that an anchor describes.
#[derive(Debug)]
pub struct ConfigurationClient {
    anchor: Anchor,
    clock: Clock,
    refresh: Duration,
}

/// The step of a download that failed.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The anchor has no source.
    #[error("the anchor names no source")]
    NoSource,
    /// A certificate in the anchor cannot be used.
    #[error("read a verification certificate of the anchor")]
    AnchorCertificate(#[source] CertificateError),
    /// A file did not arrive.
    #[error("download {url}")]
    Download {
        /// Which file.
        url: String,
        /// Why.
        source: HttpClientError,
    },
    /// The server has no such file, or does not give it out.
    #[error("download {url}: the server answers {status}")]
    Status {
        /// Which file.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The directory is malformed, or its signature is not one that the anchor allows.
    #[error("accept the signed directory")]
    Directory(#[from] DirectoryError),
    /// The directory is of another version than asked for.
    #[error("accept the signed directory: version {0} instead of {CONFIGURATION_VERSION}")]
    Version(u32),
    /// The directory's time is over.
    #[error("accept the signed directory: it expired at {}", at.rfc3339_seconds())]
    Expired {
        /// When.
        at: UtcTime,
    },
    /// A part is absent, or there twice.
    #[error("find the part {part}: there are {found} of it")]
    PartCount {
        /// Which part.
        part: &'static str,
        /// How many there are.
        found: usize,
    },
    /// The configuration is that of another country.
    #[error("accept {part}: it is of instance `{found}`, the anchor of `{expected}`")]
    Instance {
        /// Which part.
        part: &'static str,
        /// What the part says.
        found: String,
        /// What the anchor says.
        expected: String,
    },
    /// A part is not where a part can be.
    #[error("download {part}: `{location}` is not a path or an http URL")]
    Location {
        /// Which part.
        part: &'static str,
        /// What the directory says.
        location: String,
    },
    /// A part's bytes are not those that were signed for.
    #[error("accept {part}: its hash is not the one in the signed directory")]
    PartHash {
        /// Which part.
        part: &'static str,
    },
    /// `shared-params.xml` cannot be read.
    #[error("read shared-params.xml")]
    Shared(#[from] SharedParametersError),
    /// `private-params.xml` cannot be read.
    #[error("read private-params.xml")]
    Private(#[from] PrivateParametersError),
    /// The parameters contradict themselves.
    #[error("use the configuration")]
    Snapshot(#[from] SnapshotError),
}

/// A verified configuration and what it was made from.
#[derive(Clone, Debug)]
struct Fetched {
    configuration: GlobalConfiguration,
    shared_hash: PartHash,
    private_hash: PartHash,
}

// === impl ConfigurationClient ===

impl ConfigurationClient {
    /// A client for `anchor` that looks for changes every `refresh`.
    #[must_use]
    pub const fn new(anchor: Anchor, clock: Clock, refresh: Duration) -> Self {
        Self {
            anchor,
            clock,
            refresh,
        }
    }

    /// Downloads and verifies the configuration once, from the first source that works.
    ///
    /// # Errors
    ///
    /// That of the last source tried.
    pub async fn fetch_once(&self) -> Result<GlobalConfiguration, FetchError> {
        Ok(self.fetch(None).await?.configuration)
    }

    /// Starts downloading, at once and then at every refresh; must be called within a runtime.
    ///
    /// A failed download keeps the configuration there is: whoever uses it must ask whether it
    /// [has expired](GlobalConfiguration::is_expired). Aborting the task stops the client.
    #[must_use]
    pub fn spawn(self) -> (ConfigurationHandle, JoinHandle<()>) {
        let (handle, publisher) = handle::channel();
        (handle, tokio::spawn(self.keep_current(publisher)))
    }

    async fn keep_current(self, publisher: handle::Publisher) {
        let mut newest: Option<Fetched> = None;
        loop {
            match self.fetch(newest.as_ref()).await {
                Ok(fetched) => {
                    publisher.publish(fetched.configuration.clone());
                    newest = Some(fetched);
                }
                Err(error) => {
                    let error = with_sources(&error);
                    tracing::warn!(%error, "the global configuration was not renewed");
                    publisher.failed(error);
                }
            }
            let wait = match newest {
                Some(_) => self.refresh,
                None => self.refresh.min(FIRST_RETRY),
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = publisher.asked_to_refresh() => {}
            }
        }
    }

    async fn fetch(&self, newest: Option<&Fetched>) -> Result<Fetched, FetchError> {
        let mut outcome = Err(FetchError::NoSource);
        for source in &self.anchor.sources {
            outcome = self.fetch_from(source, newest).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    async fn fetch_from(
        &self,
        source: &AnchorSource,
        newest: Option<&Fetched>,
    ) -> Result<Fetched, FetchError> {
        let certificates = source.verification_certificates.iter();
        let certificates: Vec<Certificate> = certificates
            .map(|der| Certificate::parse(der.clone()))
            .collect::<Result<_, _>>()
            .map_err(FetchError::AnchorCertificate)?;
        let url = with_version(&source.download_url);
        let directory = verify(&download(&url, MAX_DIRECTORY_BYTES).await?, &certificates)?;
        self.judge(&directory)?;
        let shared = part::find(&directory, SHARED_PARAMETERS, &self.anchor.instance)?;
        let private = part::find(&directory, PRIVATE_PARAMETERS, &self.anchor.instance)?;
        let expires_at = directory.expires_at;
        // Parts that have not changed are not downloaded again.
        if let Some(newest) = newest
            && newest.shared_hash == shared.hash
            && newest.private_hash == private.hash
        {
            let configuration = newest.configuration.renewed(expires_at);
            return Ok(Fetched {
                configuration,
                ..newest.clone()
            });
        }
        let (shared_bytes, private_bytes) =
            tokio::try_join!(shared.download(&url), private.download(&url))?;
        let shared_parameters = SharedParameters::parse(&shared_bytes)?;
        let private_parameters = PrivateParameters::parse(&private_bytes)?;
        self.judge_instance(SHARED_PARAMETERS, &shared_parameters.instance)?;
        self.judge_instance(PRIVATE_PARAMETERS, &private_parameters.instance)?;
        Ok(Fetched {
            configuration: GlobalConfiguration::new(
                shared_parameters,
                private_parameters,
                expires_at,
            )?,
            shared_hash: shared.hash,
            private_hash: private.hash,
        })
    }

    fn judge(&self, directory: &Directory) -> Result<(), FetchError> {
        if directory.version != CONFIGURATION_VERSION {
            return Err(FetchError::Version(directory.version));
        }
        if self.clock.now() >= directory.expires_at {
            let at = directory.expires_at;
            return Err(FetchError::Expired { at });
        }
        Ok(())
    }

    fn judge_instance(&self, part: &'static str, found: &str) -> Result<(), FetchError> {
        part::same_instance(part, found, &self.anchor.instance)
    }
}

async fn download(url: &str, limit: usize) -> Result<bytes::Bytes, FetchError> {
    let failed = |source| FetchError::Download {
        url: url.to_owned(),
        source,
    };
    let request = http::Request::get(url).body(bytes::Bytes::new());
    let request = request.map_err(|error| failed(error.into()))?;
    let bounds = Bounds {
        max_answer_bytes: limit,
        within: ANSWER_TIMEOUT,
    };
    let answer = sim_http_client::once(request, bounds)
        .await
        .map_err(failed)?;
    if answer.status != http::StatusCode::OK {
        return Err(FetchError::Status {
            url: url.to_owned(),
            status: answer.status.as_u16(),
        });
    }
    Ok(answer.body)
}

/// The directory's URL with the version that is asked for.
fn with_version(url: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}version={CONFIGURATION_VERSION}")
}

/// An error and its causes in one line.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
