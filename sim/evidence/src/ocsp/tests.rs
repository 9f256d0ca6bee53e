//! Tests of `ocsp`.
