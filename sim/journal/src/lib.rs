//! Append-only segment files: framing, checksum, hash link, recovery.
