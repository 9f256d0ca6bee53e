//! The sockets of one server, and what is answered on each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sim_http1::{Answer, RequestHead};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Ready, StartError};
use crate::config::SecurityServerConfig;
use crate::identity::Identity;
use crate::serve::{Door, ListenerOptions, serve};
use crate::server::SecurityServer;
use crate::transport::ocsp_channel;
use crate::transport::tls::{Acceptor, InternalCredential, IsRegistered};

/// Connections that were made and not yet taken, at each of the sockets.
const MAX_WAITING_CONNECTIONS: u32 = 4_096;

/// The sockets of one server.
pub(super) struct Listeners {
    client: TcpListener,
    client_tls: Option<TcpListener>,
    message: TcpListener,
    ocsp: TcpListener,
    admin: TcpListener,
}

// === impl Listeners ===

impl Listeners {
    pub(super) fn bind(config: &SecurityServerConfig) -> Result<Self, StartError> {
        let client_tls = match config.client_tls_listen {
            Some(address) => Some(bind(address)?),
            None => None,
        };
        Ok(Self {
            client: bind(config.client_listen)?,
            client_tls,
            message: bind(SocketAddr::new(config.address, config.message_port))?,
            ocsp: bind(SocketAddr::new(config.address, config.ocsp_port))?,
            admin: bind(config.admin_listen)?,
        })
    }

    pub(super) fn announcement(&self, tls_certificate_pem: String) -> Result<Ready, StartError> {
        Ok(Ready {
            client_listen: local_address(&self.client)?,
            client_tls_listen: self.client_tls.as_ref().map(local_address).transpose()?,
            admin_listen: local_address(&self.admin)?,
            tls_certificate_pem,
        })
    }

    /// Starts one accepting task for each listener.
    pub(super) fn serve(
        self,
        server: &Arc<SecurityServer>,
        identity: &Identity,
        internal: &InternalCredential,
        ended: &watch::Receiver<bool>,
    ) -> Result<JoinSet<()>, StartError> {
        let peer_tls = Acceptor::for_security_servers(
            &identity.tls_credentials(),
            &server.tls_offer,
            is_registered(server),
        )
        .map_err(|error| StartError::Tls(error.to_string()))?;
        let client_tls = match self.client_tls {
            None => None,
            Some(listener) => {
                let tls = internal
                    .acceptor()
                    .map_err(|error| StartError::Tls(error.to_string()))?;
                Some((listener, tls))
            }
        };
        let mut serving = JoinSet::new();
        let mut open = |listener, options, door| {
            let server = Arc::clone(server);
            serving.spawn(serve(server, listener, options, ended.clone(), door));
        };
        let options = |name| options(server, name);
        if let Some((listener, tls)) = client_tls {
            open(listener, options("client TLS"), Door::ClientsTls(tls));
        }
        open(self.client, options("client"), Door::Clients);
        // Other servers keep their connections between messages.
        let peer_options = ListenerOptions {
            head_timeout: Duration::from_millis(server.limits.peer_timeout_ms),
            ..options("message")
        };
        open(self.message, peer_options, Door::Messages(peer_tls));
        open(self.ocsp, options("OCSP"), Door::Statuses);
        open(self.admin, options("admin"), Door::Administration);
        Ok(serving)
    }
}

impl SecurityServer {
    /// Answers a request on the OCSP port: only this server's authentication certificate is
    /// anybody's business.
    pub(crate) fn answer_status(&self, request: &RequestHead) -> Answer {
        let own = &self.authentication_certificate;
        ocsp_channel::answer(request, |hash| {
            hash.names(own).then(|| self.own_statuses.of(own)).flatten()
        })
    }
}

// === functions ===

fn options(server: &SecurityServer, name: &'static str) -> ListenerOptions {
    ListenerOptions {
        name,
        max_connections: server.limits.max_connections,
        head_timeout: Duration::from_millis(server.limits.client_read_timeout_ms),
    }
}

/// Whether a certificate is in the global configuration, at the moment of asking.
fn is_registered(server: &SecurityServer) -> IsRegistered {
    let configuration = server.configuration.clone();
    Arc::new(move |sha256| {
        configuration
            .current()
            .is_some_and(|current| current.server_of_auth_certificate(sha256).is_some())
    })
}

/// A socket that takes what [`MAX_WAITING_CONNECTIONS`] says; what `TcpListener::bind` takes
/// overflows when many clients come at once, and who is turned away tries again after a second.
fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    let listen = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(MAX_WAITING_CONNECTIONS)
    };
    listen().map_err(|source| StartError::Listen { address, source })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    listener.local_addr().map_err(|source| StartError::Listen {
        address: unknown,
        source,
    })
}
