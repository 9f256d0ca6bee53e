//! Certification authority, OCSP responder, time-stamping authority, and who says which of them are
//! trusted.
//!
//! Each is a service of its own that speaks its real protocol over HTTP:
//!
//! * [`authority`] issues and revokes certificates of the four [`Profile`]s, keeps its key and its
//!   register in a folder, and answers what became of a serial number;
//! * [`ocsp`] answers RFC 6960 requests, by POST and GET, from what the authority knows;
//! * [`time_stamping`] answers RFC 3161 requests;
//! * [`trust_list`] publishes the signed list of those that people's signatures rest on.
//!
//! [`enrolment`] is the client side: whoever needs a certificate asks the authority with it. The
//! formats themselves are `sim-evidence`'s. Nothing here knows what a message is.

pub mod authority;
pub mod enrolment;
mod listener;
pub mod ocsp;
mod profile;
pub mod time_stamping;
pub mod trust_list;

pub use profile::Profile;
