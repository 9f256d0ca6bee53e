//! YAML to a valid scenario, with diagnostics that point.
