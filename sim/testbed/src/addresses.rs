//! Loopback addresses for the security servers of one country.
//!
//! Each server has an address of its own, and all share one message port and one OCSP port, as
//! X-Road peers do. The block of addresses is drawn per run, so that two runs coexist.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use rand::RngExt as _;

/// X-Road's port between security servers.
pub const MESSAGE_PORT: u16 = 5500;
/// X-Road's port for OCSP responses.
pub const OCSP_PORT: u16 = 5577;
/// Blocks that are tried before giving up.
const MAX_ATTEMPTS: usize = 64;
/// Security servers one country can have: one block of addresses.
pub const MAX_SECURITY_SERVERS: usize = 250;

/// No block of addresses was free.
#[derive(Debug, thiserror::Error)]
#[error(
    "found no free loopback addresses for {count} security servers on ports {MESSAGE_PORT} and \
     {OCSP_PORT}: {source}"
)]
pub struct NoAddresses {
    count: usize,
    source: io::Error,
}

/// One address for each of `count` security servers, on which both ports are free.
pub fn draw(count: usize) -> Result<Vec<IpAddr>, NoAddresses> {
    let mut random = rand::rng();
    let mut latest = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..MAX_ATTEMPTS {
        // 127.0 is left to everybody else.
        let (block, row) = (random.random_range(16..=250), random.random_range(0..=255));
        let addresses: Vec<IpAddr> = (1..=count.min(MAX_SECURITY_SERVERS))
            .map(|host| {
                Ipv4Addr::new(127, block, row, u8::try_from(host).unwrap_or(u8::MAX)).into()
            })
            .collect();
        match addresses.iter().try_for_each(|address| probe(*address)) {
            Ok(()) => return Ok(addresses),
            Err(error) => latest = error,
        }
    }
    Err(NoAddresses {
        count,
        source: latest,
    })
}

/// A port of the loopback address that is free now, for whoever must be known before they are up.
pub fn free_port() -> io::Result<SocketAddr> {
    free_port_of(Ipv4Addr::LOCALHOST.into())
}

/// A port of `address` that is free now.
pub fn free_port_of(address: IpAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(SocketAddr::new(address, 0))?.local_addr()
}

fn probe(address: IpAddr) -> io::Result<()> {
    for port in [MESSAGE_PORT, OCSP_PORT] {
        TcpListener::bind(SocketAddr::new(address, port))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_countries_get_different_addresses_while_both_run() {
        let first = draw(2).expect("loopback has room");
        let _held: Vec<_> = first
            .iter()
            .map(|address| TcpListener::bind((*address, MESSAGE_PORT)).expect("was free"))
            .collect();
        let second = draw(2).expect("loopback has room");
        assert!(first.iter().all(|address| !second.contains(address)));
    }
}
