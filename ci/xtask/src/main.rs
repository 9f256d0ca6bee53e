//! Every check a person or CI runs.

fn main() {}
