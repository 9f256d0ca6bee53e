//! Signature documents, hash chains, time-stamp tokens, OCSP responses and ASiC-E containers: making and verifying them.
