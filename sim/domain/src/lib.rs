//! X-Road identifiers, messages, faults and access rules as types that cannot be wrong. No I/O.
