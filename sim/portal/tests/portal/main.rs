//! A portal among small stand-ins for everything that it talks to, on real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod applying;
mod browser;
mod fakes;
mod harness;
mod log;
mod markup;

mod accessibility;
mod applications;
mod assistant;
mod attacks;
mod consents;
mod estonian;
mod forms;
mod home;
mod inquiries;
mod login;
mod me;
mod records;
mod scripts;
mod sessions;
mod signing;
mod tokens;
mod tracker;
