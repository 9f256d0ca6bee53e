//! Binding, serving and draining, the same for the three services.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// No request to a trust service is longer, in bytes.
pub(crate) const MAX_REQUEST_LEN: usize = 16 * 1024;
/// How long requests under way may take once a service is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// A service could not open or keep its listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The address is taken or not of this machine.
    #[error("listen on {address}")]
    Bind {
        /// What the configuration says.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The operating system closed the listener.
    #[error("accept connections")]
    Accept(#[source] io::Error),
}

/// Binds `address`, and says which port it got.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenerError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound
        .await
        .map_err(|source| ListenerError::Bind { address, source })
}

/// Serves until `shutdown` resolves and what is under way is answered, or [`DRAIN_LIMIT`] is over.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ListenerError> {
    let (stopping, stopped) = oneshot::channel();
    let app = app.layer(DefaultBodyLimit::max(MAX_REQUEST_LEN));
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        // Nobody listens any more when the server has ended by itself.
        stopping.send(()).ok();
    });
    let limit = async {
        if stopped.await.is_ok() {
            tokio::time::sleep(DRAIN_LIMIT).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = server => served.map_err(ListenerError::Accept),
        () = limit => {
            tracing::warn!("connections were still open when the drain limit was over");
            Ok(())
        }
    }
}
