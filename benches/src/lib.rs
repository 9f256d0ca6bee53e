//! What the benchmarks measure: ordinary functions on prepared data, one module a subject.
//!
//! A subject is prepared by its constructor and does its work in methods that return what they
//! computed, so that the same body serves a benchmark (`benches/*.rs`), a test here, which holds
//! the result against what is right, and a program that counts instructions. Nothing here reads
//! time. [`country`] and [`exchange`] make the data that the subjects share.
//!
//! Preparing panics where it fails: without its data a benchmark has nothing to say.

pub mod audit;
pub mod country;
pub mod exchange;
pub mod hash_tree;
pub mod head_codec;
pub mod http1;
pub mod log_append;
pub mod multipart;
pub mod names_and_paths;
pub mod population;
pub mod signing;
pub mod verifying;
