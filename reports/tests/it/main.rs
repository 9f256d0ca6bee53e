//! Tests of the page: what it says of typical runs, and what no record may make of it.

mod comparison;
mod extremes;
mod fixture;
mod fragment;
mod parts;
mod robust;
mod words;
