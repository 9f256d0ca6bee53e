//! People by index from a seed, and the truth to check answers against.
