//! A register on a real socket: what it answers, refuses and exports, and how it lies and stops.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

mod exports;
mod falsehoods;
mod liveness;
mod operation;
mod running;
