//! Certification authority, OCSP responder and time-stamping authority.
