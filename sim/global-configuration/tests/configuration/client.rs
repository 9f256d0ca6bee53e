//! The client over a real socket: what it accepts, what it refuses and at which step, and what it
//! does when a download fails.

use std::time::Duration;

use sim_clock::{Clock, UtcTime};
use sim_global_configuration::signed_directory::{
    Directory, DirectoryError, DirectorySigner, PRIVATE_PARAMETERS, SHARED_PARAMETERS,
};
use sim_global_configuration::{
    Anchor, ConfigurationClient, ConfigurationHandle, FetchError, GlobalConfiguration, HttpError,
};

use crate::country::{self, member, server, subsystem};
use crate::web_server::WebServer;

const SHARED_PATH: &str = "/V6/1/shared-params.xml";
const PRIVATE_PATH: &str = "/V6/1/private-params.xml";
const DIRECTORY_PATH: &str = "/internalconf?version=6";
/// How long a condition may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(20);
/// So short that tests need not wait, so long that the client sleeps in between.
const REFRESH: Duration = Duration::from_millis(20);

/// A country's web server, with everything in place.
struct Published {
    web: WebServer,
    signer: DirectorySigner,
    shared: Vec<u8>,
    private: Vec<u8>,
}

impl Published {
    async fn new() -> Self {
        let published = Self {
            web: WebServer::start().await,
            signer: country::signer(),
            shared: country::shared().to_xml().unwrap().into_bytes(),
            private: country::private().to_xml().into_bytes(),
        };
        published.publish(&published.directory());
        published
    }

    fn directory(&self) -> Directory {
        country::directory(&self.shared, &self.private, country::soon())
    }

    fn publish(&self, directory: &Directory) {
        self.web.put(SHARED_PATH, self.shared.clone());
        self.web.put(PRIVATE_PATH, self.private.clone());
        self.web.put_directory(directory, &self.signer);
    }

    fn anchor(&self) -> Anchor {
        country::anchor(&self.web.url(), &self.signer)
    }

    fn client(&self) -> ConfigurationClient {
        ConfigurationClient::new(self.anchor(), Clock::wall(), REFRESH)
    }

    async fn fetch(&self) -> Result<GlobalConfiguration, FetchError> {
        self.client().fetch_once().await
    }

    /// What a client says to the directory after `change`.
    async fn refusal(&self, change: impl FnOnce(&mut Directory)) -> FetchError {
        let mut directory = self.directory();
        change(&mut directory);
        self.publish(&directory);
        self.fetch().await.unwrap_err()
    }
}

/// Waits until the handle's last download failed for a reason with `words` in it.
async fn wait_for_failure(handle: &ConfigurationHandle, words: &str) {
    let failed = async {
        while !handle
            .last_failure()
            .is_some_and(|failure| failure.contains(words))
        {
            tokio::time::sleep(REFRESH).await;
        }
    };
    let outcome = tokio::time::timeout(DEADLINE, failed).await;
    assert!(
        outcome.is_ok(),
        "{words:?} was expected, not {:?}",
        handle.last_failure()
    );
}

#[tokio::test]
async fn a_published_configuration_arrives() {
    let published = Published::new().await;
    let directory = published.directory();
    published.publish(&directory);
    let configuration = published.fetch().await.unwrap();
    assert_eq!(*configuration.shared, country_of(&published.shared));
    assert_eq!(*configuration.private, country::private());
    assert_eq!(configuration.expires_at, directory.expires_at);
    assert!(configuration.serves(&server("1"), &subsystem("1", "pensions")));
}

fn country_of(document: &[u8]) -> sim_global_configuration::SharedParameters {
    sim_global_configuration::SharedParameters::parse(document).unwrap()
}

#[tokio::test]
async fn a_second_source_is_tried() {
    let published = Published::new().await;
    let mut anchor = published.anchor();
    let mut dead = anchor.sources[0].clone();
    dead.download_url = "http://127.0.0.1:1/internalconf".to_owned();
    anchor.sources.insert(0, dead);
    let client = ConfigurationClient::new(anchor, Clock::wall(), REFRESH);
    client.fetch_once().await.unwrap();
}

#[tokio::test]
async fn an_expired_directory_is_refused() {
    let published = Published::new().await;
    let at = UtcTime::from_millis(1_000_000_000_000);
    let refusal = published
        .refusal(|directory| directory.expires_at = at)
        .await;
    assert!(
        matches!(refusal, FetchError::Expired { at: found } if found == at),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn the_clients_own_clock_decides_on_expiry() {
    let published = Published::new().await;
    let ahead = Clock::wall_shifted(3_600_000);
    let client = ConfigurationClient::new(published.anchor(), ahead, REFRESH);
    let refusal = client.fetch_once().await.unwrap_err();
    assert!(matches!(refusal, FetchError::Expired { .. }), "{refusal:?}");
}

#[tokio::test]
async fn another_key_is_refused() {
    let mut published = Published::new().await;
    let anchor = published.anchor();
    published.signer = country::signer();
    published.publish(&published.directory());
    let client = ConfigurationClient::new(anchor, Clock::wall(), REFRESH);
    let refusal = client.fetch_once().await.unwrap_err();
    let unknown = matches!(
        &refusal,
        FetchError::Directory(DirectoryError::UnknownCertificate)
    );
    assert!(unknown, "{refusal:?}");
}

#[tokio::test]
async fn another_instance_or_version_is_refused() {
    let published = Published::new().await;
    let foreign = Some("FI".to_owned());
    let refusal = published
        .refusal(|directory| directory.parts[0].instance = foreign)
        .await;
    assert!(
        matches!(&refusal, FetchError::Instance { found, .. } if found == "FI"),
        "{refusal:?}"
    );
    let refusal = published
        .refusal(|directory| directory.parts[1].instance = None)
        .await;
    assert!(
        matches!(&refusal, FetchError::Instance { found, .. } if found.is_empty()),
        "{refusal:?}"
    );
    let refusal = published.refusal(|directory| directory.version = 5).await;
    assert!(matches!(refusal, FetchError::Version(5)), "{refusal:?}");
}

#[tokio::test]
async fn a_document_of_another_instance_is_refused_even_when_signed_for() {
    let mut published = Published::new().await;
    let mut private = country::private();
    private.instance = "FI".to_owned();
    published.private = private.to_xml().into_bytes();
    let refusal = published.refusal(|_| {}).await;
    let expected =
        matches!(&refusal, FetchError::Instance { part, .. } if *part == PRIVATE_PARAMETERS);
    assert!(expected, "{refusal:?}");
}

#[tokio::test]
async fn parts_missing_doubled_or_misplaced_are_refused() {
    let published = Published::new().await;
    let refusal = published
        .refusal(|directory| drop(directory.parts.remove(0)))
        .await;
    let expected = matches!(
        refusal,
        FetchError::PartCount {
            part: SHARED_PARAMETERS,
            found: 0
        }
    );
    assert!(expected, "{refusal:?}");
    let refusal = published
        .refusal(|directory| directory.parts.push(directory.parts[0].clone()))
        .await;
    let expected = matches!(
        refusal,
        FetchError::PartCount {
            part: SHARED_PARAMETERS,
            found: 2
        }
    );
    assert!(expected, "{refusal:?}");
    let elsewhere = "file:///etc/passwd".to_owned();
    let refusal = published
        .refusal(|directory| directory.parts[0].location = elsewhere)
        .await;
    assert!(
        matches!(refusal, FetchError::Location { .. }),
        "{refusal:?}"
    );
    let nowhere = "/V6/2/shared-params.xml".to_owned();
    let refusal = published
        .refusal(|directory| directory.parts[0].location = nowhere)
        .await;
    assert!(
        matches!(refusal, FetchError::Status { status: 404, .. }),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn a_changed_document_is_refused() {
    let published = Published::new().await;
    for (part, path) in [
        (SHARED_PARAMETERS, SHARED_PATH),
        (PRIVATE_PARAMETERS, PRIVATE_PATH),
    ] {
        published.publish(&published.directory());
        let mut changed = published.private.clone();
        *changed.last_mut().unwrap() ^= 1;
        published.web.put(path, changed);
        let refusal = published.fetch().await.unwrap_err();
        let expected = matches!(&refusal, FetchError::PartHash { part: found } if *found == part);
        assert!(expected, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_refused_even_when_signed_for() {
    let mut published = Published::new().await;
    published.shared = b"<conf/>".to_vec();
    let refusal = published.refusal(|_| {}).await;
    assert!(matches!(refusal, FetchError::Shared(_)), "{refusal:?}");
}

#[tokio::test]
async fn downloads_are_limited_in_size() {
    let published = Published::new().await;
    published.web.put(DIRECTORY_PATH, vec![b' '; 300 * 1024]);
    let refusal = published.fetch().await.unwrap_err();
    let FetchError::Download {
        source: HttpError::Body { reason, .. },
        ..
    } = &refusal
    else {
        panic!("{refusal:?}");
    };
    assert!(reason.contains("more than 262144 bytes"), "{reason}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let published = Published::new().await;
    let url = "http://127.0.0.1:1/internalconf";
    let anchor = country::anchor(url, &published.signer);
    let client = ConfigurationClient::new(anchor, Clock::wall(), REFRESH);
    let refusal = client.fetch_once().await.unwrap_err();
    assert_eq!(refusal.to_string(), format!("download {url}?version=6"));
}

#[tokio::test]
async fn a_running_client_follows_a_change() {
    let mut published = Published::new().await;
    let (handle, task) = published.client().spawn();
    let gone = member("2");
    let first = handle.wait_until(|configuration| configuration.shared.members.len() == 2);
    tokio::time::timeout(DEADLINE, first)
        .await
        .unwrap()
        .unwrap();
    let mut shared = country_of(&published.shared);
    shared.members.retain(|member| member.id != gone);
    shared.security_servers.truncate(1);
    published.shared = shared.to_xml().unwrap().into_bytes();
    published.publish(&published.directory());
    let changed = handle.wait_until(|configuration| !configuration.knows_server(&server("2")));
    let changed = tokio::time::timeout(DEADLINE, changed)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.shared.members.len(), 1);
    assert_eq!(handle.last_failure(), None);
    task.abort();
}

#[tokio::test]
async fn a_failed_download_keeps_what_there_is() {
    let published = Published::new().await;
    let (handle, task) = published.client().spawn();
    tokio::time::timeout(DEADLINE, handle.wait_until(|_| true))
        .await
        .unwrap()
        .unwrap();
    let before = handle.current().unwrap();
    published.web.remove(DIRECTORY_PATH);
    wait_for_failure(&handle, "404").await;
    published.web.put(DIRECTORY_PATH, "nonsense");
    wait_for_failure(&handle, "read the directory").await;
    published
        .web
        .put_directory(&published.directory(), &country::signer());
    wait_for_failure(&handle, "unknown key").await;
    let after = handle.current().unwrap();
    assert_eq!(after.shared, before.shared);
    // It stays, and whoever uses it can see when its time is over.
    assert!(after.is_expired(after.expires_at));
    task.abort();
}

#[tokio::test]
async fn unchanged_documents_are_not_downloaded_again() {
    let published = Published::new().await;
    let (handle, task) = published.client().spawn();
    let first = handle.wait_until(|_| true);
    let first = tokio::time::timeout(DEADLINE, first)
        .await
        .unwrap()
        .unwrap();
    let mut directory = published.directory();
    directory.expires_at = directory.expires_at.plus(Duration::from_secs(60));
    published.publish(&directory);
    let renewed = handle.wait_until(|configuration| configuration.expires_at > first.expires_at);
    tokio::time::timeout(DEADLINE, renewed)
        .await
        .unwrap()
        .unwrap();
    assert!(published.web.requests(DIRECTORY_PATH) >= 2);
    assert_eq!(published.web.requests(SHARED_PATH), 1);
    task.abort();
}

#[tokio::test]
async fn a_client_waits_for_its_server_and_can_be_hurried() {
    let published = Published::new().await;
    published.web.remove(DIRECTORY_PATH);
    let slow = Duration::from_secs(3600);
    let client = ConfigurationClient::new(published.anchor(), Clock::wall(), slow);
    let (handle, task) = client.spawn();
    wait_for_failure(&handle, "404").await;
    assert!(handle.current().is_none());
    published.publish(&published.directory());
    // As long as there is none, it asks again much sooner than the refresh interval says.
    tokio::time::timeout(DEADLINE, handle.wait_until(|_| true))
        .await
        .unwrap()
        .unwrap();
    let later = country::soon().plus(Duration::from_secs(600));
    let mut directory = published.directory();
    directory.expires_at = later;
    published.publish(&directory);
    handle.refresh();
    let hurried = handle.wait_until(|configuration| configuration.expires_at == later);
    tokio::time::timeout(DEADLINE, hurried)
        .await
        .unwrap()
        .unwrap();
    task.abort();
}

#[tokio::test]
async fn waiting_ends_when_the_client_is_stopped() {
    let published = Published::new().await;
    let (handle, task) = published.client().spawn();
    task.abort();
    let never = handle.wait_until(|_| false);
    let outcome = tokio::time::timeout(DEADLINE, never).await.unwrap();
    assert!(outcome.is_err());
    let fixed = published.fetch().await.unwrap();
    let handle = ConfigurationHandle::fixed(fixed);
    assert!(handle.wait_until(|_| true).await.is_ok());
    assert!(handle.wait_until(|_| false).await.is_err());
}
