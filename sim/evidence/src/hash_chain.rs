//! hash_chain
