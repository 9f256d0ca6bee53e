//! The registries and their services, on an embedded store.
