//! The message log as its users see it: appending, failing disks, kills, time-stamps, evidence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod appending;
mod at_once;
mod authority;
mod cuts;
mod evidence;
mod failing_disk;
mod kill;
mod stamping;
mod support;
mod writing;
