//! The gateway: client proxy, server proxy, signer, access rights, message transport.
