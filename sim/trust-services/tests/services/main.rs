//! The three trust services over real sockets, held against OpenSSL's own tools.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

mod certificates;
#[cfg(test)]
mod country;
mod ocsp;
mod people;
mod time_stamps;
mod trust_lists;
