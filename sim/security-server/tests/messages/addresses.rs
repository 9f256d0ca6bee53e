//! Loopback addresses of a country's own.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use rand::RngExt as _;

/// The port of every security server's messages.
pub(crate) const MESSAGE_PORT: u16 = 5500;
/// The port of every security server's OCSP responses.
pub(crate) const OCSP_PORT: u16 = 5577;
/// Held on an address that no server uses, so that no other country takes the block.
const LOCK_HOST: u8 = 254;

/// A block of 127.0.0.0/8 that belongs to one country as long as this lives.
pub(crate) struct Block {
    prefix: [u8; 3],
    _lock: TcpListener,
}

impl Block {
    /// Draws blocks until one is free.
    pub(crate) fn draw() -> Self {
        let mut random = rand::rng();
        loop {
            // 127.0 is left to everybody else, the upper part to runs that are no tests.
            let prefix = [
                127,
                random.random_range(1..=15),
                random.random_range(0..=255),
            ];
            if let Ok(lock) = TcpListener::bind((address(prefix, LOCK_HOST), MESSAGE_PORT)) {
                let _lock = lock;
                return Self { prefix, _lock };
            }
        }
    }

    /// The address of the server with this number.
    pub(crate) fn host(&self, number: u8) -> IpAddr {
        address(self.prefix, number)
    }
}

fn address([a, b, c]: [u8; 3], host: u8) -> IpAddr {
    Ipv4Addr::new(a, b, c, host).into()
}
