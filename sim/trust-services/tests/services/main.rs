//! The three trust services over real sockets, held against OpenSSL's own tools.

mod certificates;
#[cfg(test)]
mod country;
mod ocsp;
mod people;
mod time_stamps;
