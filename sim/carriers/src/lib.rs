//! What people prove with who they are, and simulated people behind it.
//!
//! One part serves, over plain HTTP:
//!
//! - `/mid-api`: **Mobile-ID**, the public REST protocol (SK-EID/MID, version 5);
//! - `/smart-id-rp/v2`: **Smart-ID**, the public relying-party protocol, version 2, and of
//!   `/smart-id-rp/v3` the flows that begin with a notification;
//! - `/id-card`: a simulated reader into which anybody's **ID-card** can be put;
//! - `/phones`: what stands on the phones now, for a person in the room who plays somebody.
//!
//! Behind them are simulated people: they take a while to enter a PIN, refuse, mistype or have the
//! phone off, by a distribution. Everybody has two certificates on every carrier, one to prove who
//! they are and one to sign; keys follow from the seed, and certificates are asked for on first use.
//!
//! What differs from the real thing: keys are P-256 everywhere (Smart-ID's are split RSA keys of
//! 6,144 bits), and they follow from a seed, which no real key may. HTTP is plain, and relying
//! parties are not known by their addresses.
//!
//! | module | what |
//! |---|---|
//! | `app` | the routes |
//! | `mobile_id`, `smart_id`, `id_card` | the protocols |
//! | `phones` | the pages for people in the room |
//! | `sessions` | what waits for a person, and for how long |
//! | `outcome` | what becomes of it, and what each protocol calls that |
//! | `behaviour` | what simulated people do |
//! | `people` | who has which key and certificate |
//! | `keys` | keys from the seed |
//! | `digest` | what is sent to be signed |
//! | `verification_code` | the four digits that a person compares |

mod app;
mod behaviour;
mod config;
mod digest;
mod error;
mod id_card;
mod keys;
mod mobile_id;
mod outcome;
mod people;
mod phones;
mod sessions;
mod smart_id;
mod verification_code;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use config::{CarriersConfig, PhoneBehaviour, RelyingParty, Troubles};
pub use error::Error;
pub use sessions::Summary;
pub use verification_code::{of_mobile_id, of_smart_id};

/// How long requests under way may take once the carriers are told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// What is known once the carriers listen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// The address bound.
    pub listen: SocketAddr,
    /// `http://` and the address, nothing behind the port.
    pub url: String,
}

/// Serves until `shutdown` resolves; whoever polls a session then is told that it runs still.
///
/// # Errors
///
/// See [`Error`].
pub async fn run(
    config: CarriersConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let state = Arc::new(app::Carriers::new(&config)?);
    let bind = |source| Error::Bind {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(bind)?;
    let listen = listener.local_addr().map_err(bind)?;
    tracing::info!(%listen, "the carriers listen");
    ready(Ready {
        listen,
        url: format!("http://{listen}"),
    });
    let sessions = Arc::clone(&state.sessions);
    let (closing, (stopping, stopped)) = (Arc::clone(&sessions), oneshot::channel());
    let server = axum::serve(listener, app::app(state)).with_graceful_shutdown(async move {
        shutdown.await;
        closing.close();
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
        served = server => served.map_err(Error::Serve)?,
        () = limit => tracing::warn!("connections were still open when the drain limit was over"),
    }
    Ok(sessions.summary())
}
