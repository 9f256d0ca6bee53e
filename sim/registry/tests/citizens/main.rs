//! What registries do for citizens, run for real: data that agree, reads that are written down,
//! consents, and refusals.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

mod all_kinds;
mod consents;
mod country;
mod demand;
mod descriptions;
mod inquiries;
mod offices;
mod principles;
mod schemathesis;
