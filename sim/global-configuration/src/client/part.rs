//! One file of the configuration: finding it in the directory, downloading it, judging it.

use bytes::Bytes;
use http::Uri;

use super::{FetchError, download};
use crate::signed_directory::{Directory, PartHash};
use crate::xml::MAX_DOCUMENT_BYTES;

/// A part of the directory that is to be used.
pub(super) struct Part<'a> {
    name: &'static str,
    location: &'a str,
    pub(super) hash: PartHash,
}

/// The only part called `name`, which must be of `instance`.
pub(super) fn find<'a>(
    directory: &'a Directory,
    name: &'static str,
    instance: &str,
) -> Result<Part<'a>, FetchError> {
    let parts = directory.parts.iter();
    let parts: Vec<_> = parts
        .filter(|part| part.content_identifier == name)
        .collect();
    let [part] = parts[..] else {
        let found = parts.len();
        return Err(FetchError::PartCount { part: name, found });
    };
    same_instance(name, part.instance.as_deref().unwrap_or_default(), instance)?;
    Ok(Part {
        name,
        location: &part.location,
        hash: part.hash,
    })
}

/// That a part called `part` is of the instance the anchor is for.
pub(super) fn same_instance(
    part: &'static str,
    found: &str,
    expected: &str,
) -> Result<(), FetchError> {
    if found == expected {
        return Ok(());
    }
    Err(FetchError::Instance {
        part,
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

impl Part<'_> {
    /// Downloads the part from the server that gave the directory at `directory_url`, and compares
    /// its hash.
    pub(super) async fn download(&self, directory_url: &str) -> Result<Bytes, FetchError> {
        let part = self.name;
        let url = resolve(directory_url, self.location).ok_or_else(|| FetchError::Location {
            part,
            location: self.location.to_owned(),
        })?;
        let content = download(&url, MAX_DOCUMENT_BYTES).await?;
        if !self.hash.matches(&content) {
            return Err(FetchError::PartHash { part });
        }
        Ok(content)
    }
}

/// A part's location is a path at the same server, or a whole URL.
fn resolve(directory_url: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") {
        return Some(location.to_owned());
    }
    if !location.starts_with('/') || location.starts_with("//") {
        return None;
    }
    let base: Uri = directory_url.parse().ok()?;
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    Some(format!("{scheme}://{authority}{location}"))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_location_is_a_path_at_the_server_or_a_url() {
        let check = |location: &str, expected: Option<&str>| {
            let url = resolve("http://cs:80/internalconf?version=6", location);
            assert_eq!(url.as_deref(), expected, "{location}");
        };
        check(
            "/V6/1/shared-params.xml",
            Some("http://cs:80/V6/1/shared-params.xml"),
        );
        check("http://other/x", Some("http://other/x"));
        check("//other/x", None);
        check("x", None);
        check("file:///etc/passwd", None);
        check("", None);
    }
}
