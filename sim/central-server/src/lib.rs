//! Registrations; publishes the global configuration.
