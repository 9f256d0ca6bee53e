//! Signature documents, hash chains, time-stamp tokens, OCSP responses and ASiC-E containers: making and verifying them.
//!
//! No sockets, files or threads: bytes in, bytes or a typed refusal out. Time is always a parameter.

pub mod certificate;
pub mod container;
pub mod der_reader;
pub mod der_writer;
pub mod digest;
pub mod hash_chain;
pub mod keys;
pub mod object_identifiers;
pub mod ocsp;
pub mod signature;
pub mod time_stamp;

#[cfg(test)]
mod test_country;
