//! A central server over a real socket: what it publishes, what it takes, what it refuses.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod country;
mod management;
mod publication;
mod running;
