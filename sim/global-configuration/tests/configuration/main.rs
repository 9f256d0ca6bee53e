//! The configuration from its documents to its download, held against OpenSSL and Python.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod country;
mod directory;
mod documents;
mod download;
mod following;
mod other_tools;
mod published;
mod snapshot;
mod web_server;
