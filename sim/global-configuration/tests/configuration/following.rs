//! A client that runs: it follows changes, and keeps what it has when a download fails.

use std::time::Duration;

use sim_clock::Clock;
use sim_global_configuration::{ConfigurationClient, ConfigurationHandle};

use crate::country::{self, member, server};
use crate::published::{DEADLINE, DIRECTORY_PATH, Published, REFRESH, SHARED_PATH, country_of};

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
