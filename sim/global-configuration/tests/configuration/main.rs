//! The configuration from its documents to its download, held against OpenSSL and Python.

mod client;
mod country;
mod directory;
mod documents;
mod snapshot;
mod web_server;
