//! One published configuration: two documents and the signed directory over them.

use bytes::Bytes;
use sim_clock::UtcTime;
use sim_global_configuration::shared_parameters::SharedParametersError;
use sim_global_configuration::signed_directory::{
    CONFIGURATION_VERSION, Directory, DirectoryPart, DirectorySigner, PRIVATE_PARAMETERS, PartHash,
    SHARED_PARAMETERS, compose,
};

use crate::country::Country;
use crate::registrations::Registrations;

/// File name of the shared parameters.
const SHARED_FILE: &str = "shared-params.xml";
/// File name of the private parameters.
const PRIVATE_FILE: &str = "private-params.xml";

/// What clients are given.
#[derive(Debug)]
pub(crate) struct Publication {
    /// Names the folder of the documents; never used twice.
    pub(crate) stamp: String,
    pub(crate) published_at: UtcTime,
    pub(crate) expires_at: UtcTime,
    /// The signed directory, whose first line is the content type.
    pub(crate) directory: Bytes,
    shared: Bytes,
    private: Bytes,
}

impl Publication {
    /// Publishes `registrations` at `now`; `number` tells publications of one millisecond apart.
    pub(crate) fn new(
        country: &Country,
        registrations: &Registrations,
        signer: &DirectorySigner,
        now: UtcTime,
        number: u64,
    ) -> Result<Self, SharedParametersError> {
        let shared = Bytes::from(country.shared_parameters(registrations).to_xml()?);
        let private = Bytes::from(country.private_parameters().to_xml());
        let stamp = stamp(now, number);
        let expires_at = now.plus(country.settings().expire());
        let part = |identifier: &str, file: &str, content: &Bytes| DirectoryPart {
            content_identifier: identifier.to_owned(),
            instance: Some(country.instance().to_owned()),
            location: format!("/V{CONFIGURATION_VERSION}/{stamp}/{file}"),
            file_name: None,
            hash: PartHash::of(content),
        };
        let directory = Directory {
            expires_at,
            version: CONFIGURATION_VERSION,
            parts: vec![
                part(SHARED_PARAMETERS, SHARED_FILE, &shared),
                part(PRIVATE_PARAMETERS, PRIVATE_FILE, &private),
            ],
        };
        Ok(Self {
            directory: compose(&directory, signer).into(),
            stamp,
            published_at: now,
            expires_at,
            shared,
            private,
        })
    }

    /// The document called `name`.
    pub(crate) fn file(&self, name: &str) -> Option<Bytes> {
        match name {
            SHARED_FILE => Some(self.shared.clone()),
            PRIVATE_FILE => Some(self.private.clone()),
            _ => None,
        }
    }

    /// The value of the directory's `Content-Type`, which is its first line.
    pub(crate) fn content_type(&self) -> &str {
        let line = self.directory.split(|byte| *byte == b'\r').next();
        line.and_then(|line| std::str::from_utf8(line).ok())
            .and_then(|line| line.strip_prefix("Content-Type: "))
            .unwrap_or("multipart/related")
    }
}

/// Digits of the time to the millisecond, and six of `number`: the shape of X-Road's stamps.
fn stamp(now: UtcTime, number: u64) -> String {
    const NUMBERS: u64 = 1_000_000;
    let mut digits = now.rfc3339_millis();
    digits.retain(|character| character.is_ascii_digit());
    format!("{digits}{:06}", number % NUMBERS)
}
