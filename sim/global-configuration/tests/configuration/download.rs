//! One download over a real socket: what is accepted, and what is refused at which step.

use sim_clock::{Clock, UtcTime};
use sim_global_configuration::signed_directory::{
    DirectoryError, PRIVATE_PARAMETERS, SHARED_PARAMETERS,
};
use sim_global_configuration::{ConfigurationClient, FetchError};
use sim_http_client::HttpClientError;

use crate::country::{self, server, subsystem};
use crate::published::{DIRECTORY_PATH, PRIVATE_PATH, Published, REFRESH, SHARED_PATH, country_of};

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
        source: HttpClientError::TooLarge(limit),
        ..
    } = &refusal
    else {
        panic!("{refusal:?}");
    };
    assert_eq!(*limit, 262_144);
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
