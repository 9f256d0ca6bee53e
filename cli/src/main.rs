//! The binary `roadtest`.

fn main() {}
