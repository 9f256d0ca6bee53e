//! A security server that is killed, and comes back as it was.

use std::io;
use std::path::{Path, PathBuf};

use sim_security_server::config::SecurityServerConfig;

use super::{Country, CountryError};
use crate::node::{Node, NodeKind};

impl Country {
    /// Kills a security server as a crash would: its open messages are lost, its log stays
    /// unsealed. Nothing serves at its addresses until [`Self::restart`].
    ///
    /// # Errors
    /// Where there is no server with this code.
    pub async fn kill(&mut self, server: &str) -> Result<(), CountryError> {
        self.security_server(server)?.kill().await;
        Ok(())
    }

    /// Starts a security server that was killed with the configuration, keys and log that it had;
    /// returns once it serves again, at the same addresses.
    ///
    /// # Errors
    /// Where there is no server with this code, or it does not come up.
    pub async fn restart(&mut self, server: &str) -> Result<(), CountryError> {
        let program = self.program.clone();
        let before = self
            .servers
            .iter()
            .find(|running| running.id.code() == server);
        let before = before.map(|running| running.ready.clone());
        let before = before.ok_or_else(|| CountryError::NoSuchServer(server.to_owned()))?;
        let node = self.security_server(server)?;
        let folder = node.folder();
        let mut config = read_config(&folder.join("config.json"))?;
        // Whoever connected before connects to the same ports again.
        config.client_listen = before.client_listen;
        config.client_tls_listen = before.client_tls_listen;
        config.admin_listen = before.admin_listen;
        *node = Node::start(&program, NodeKind::SecurityServer, server, &folder, &config)?;
        let _: sim_security_server::Ready = node.ready().await?;
        Ok(())
    }

    fn security_server(&mut self, code: &str) -> Result<&mut Node, CountryError> {
        let mut nodes = self.nodes.iter_mut();
        nodes
            .find(|node| node.kind() == NodeKind::SecurityServer && node.name() == code)
            .ok_or_else(|| CountryError::NoSuchServer(code.to_owned()))
    }
}

fn read_config(path: &Path) -> Result<SecurityServerConfig, CountryError> {
    let failed = |source| CountryError::PartConfiguration {
        path: PathBuf::from(path),
        source,
    };
    let text = std::fs::read(path).map_err(failed)?;
    serde_json::from_slice(&text).map_err(|error| failed(io::Error::other(error)))
}
