//! The signed configuration: content, verification, and the client that downloads it.
