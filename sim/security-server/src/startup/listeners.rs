//! The sockets of one server, and what is answered on each.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use super::{Ready, StartError};
use crate::config::SecurityServerConfig;
use crate::identity::Identity;
use crate::serve::{Connection, ListenerOptions, plain, serve};
use crate::server::SecurityServer;
use crate::stages::Stages;
use crate::stages::streams::{Layer, Metered};
use crate::transport::ocsp_channel;
use crate::transport::tls::{Acceptor, InternalCredential, IsRegistered};

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
    pub(super) async fn bind(config: &SecurityServerConfig) -> Result<Self, StartError> {
        let client_tls = match config.client_tls_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self {
            client: bind(config.client_listen).await?,
            client_tls,
            message: bind(SocketAddr::new(config.address, config.message_port)).await?,
            ocsp: bind(SocketAddr::new(config.address, config.ocsp_port)).await?,
            admin: bind(config.admin_listen).await?,
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
        let peer_tls =
            Acceptor::for_security_servers(&identity.tls_credentials(), is_registered(server))
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
        let options = |name| options(server, name);
        let mut serving = JoinSet::new();
        let consume = {
            let server = Arc::clone(server);
            move |request, connection| Arc::clone(&server).consume(request, connection)
        };
        if let Some((listener, tls)) = client_tls {
            let stages = Arc::clone(&server.stages);
            let secure = move |stream| encrypted(tls.clone(), stream, Arc::clone(&stages));
            let (options, consume) = (options("client TLS"), consume.clone());
            serving.spawn(serve(listener, options, ended.clone(), secure, consume));
        }
        let stages = Arc::clone(&server.stages);
        let metered = move |stream| {
            let stream = Metered::new(stream, Layer::Plain, &stages);
            std::future::ready(Ok((stream, Connection::default())))
        };
        serving.spawn(serve(
            self.client,
            options("client"),
            ended.clone(),
            metered,
            consume,
        ));
        // Other servers keep their connections between messages.
        let peer_options = ListenerOptions {
            head_timeout: Duration::from_millis(server.limits.peer_timeout_ms),
            ..options("message")
        };
        let stages = Arc::clone(&server.stages);
        let secure = move |stream| encrypted(peer_tls.clone(), stream, Arc::clone(&stages));
        let provide = {
            let server = Arc::clone(server);
            move |request, connection| Arc::clone(&server).provide(request, connection)
        };
        serving.spawn(serve(
            self.message,
            peer_options,
            ended.clone(),
            secure,
            provide,
        ));
        let statuses = {
            let server = Arc::clone(server);
            move |request, _| std::future::ready(server.answer_status(&request))
        };
        serving.spawn(serve(
            self.ocsp,
            options("OCSP"),
            ended.clone(),
            plain,
            statuses,
        ));
        let administer = {
            let server = Arc::clone(server);
            move |request, _| std::future::ready(server.administer(&request))
        };
        serving.spawn(serve(
            self.admin,
            options("admin"),
            ended.clone(),
            plain,
            administer,
        ));
        Ok(serving)
    }
}

impl SecurityServer {
    /// Answers a request on the OCSP port: only this server's authentication certificate is
    /// anybody's business.
    fn answer_status<B>(
        &self,
        request: &http::Request<B>,
    ) -> http::Response<http_body_util::Full<bytes::Bytes>> {
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

async fn encrypted(
    tls: Acceptor,
    stream: TcpStream,
    stages: Arc<Stages>,
) -> io::Result<(Metered<TlsStream<Metered<TcpStream>>>, Connection)> {
    let stream = Metered::new(stream, Layer::BelowTls, &stages);
    let (stream, peer_certificate) = tls.accept(stream).await?;
    let stream = Metered::new(stream, Layer::Encrypted, &stages);
    let connection = Connection {
        tls: true,
        peer_certificate,
    };
    Ok((stream, connection))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    listener.local_addr().map_err(|source| StartError::Listen {
        address: unknown,
        source,
    })
}
