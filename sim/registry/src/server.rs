//! Starts a register, takes connections, and drains.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_population::Population;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use crate::config::{Kind, RegistryConfig};
use crate::demand::Demand;
use crate::error::Error;
use crate::lies::Liar;
use crate::office::Office;
use crate::register::{FILE_NAME, Register};
use crate::service::Service;

/// Connections at a time; further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 4_096;
/// Connections that were made and not yet taken.
const MAX_WAITING_CONNECTIONS: u32 = 4_096;
/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How long requests under way may take to end once the register is told to stop.
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);
/// Rest after a connection could not be accepted (too many open files, most likely).
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// A register that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Where it really listens.
    pub listen: SocketAddr,
    /// Persons registered.
    pub people: u64,
    /// Milliseconds that filling the register took.
    pub fill_ms: u64,
}

/// What a register has done when it stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Liveness requests answered.
    pub answered: u64,
    /// National IDs they named.
    pub persons: u64,
    /// Requests refused, of any kind.
    pub refused: u64,
    /// Persons reported wrongly, as planted.
    pub false_answers: u64,
    /// Answers given to a request they do not belong to, as planted.
    pub swapped_answers: u64,
    /// Requests that waited as a service demand says.
    pub simulated_waits: u64,
    /// How long they waited together, in milliseconds.
    pub simulated_wait_ms: u64,
}

/// Fills a register, serves it until `shutdown` resolves, and lets requests under way end.
///
/// `ready` is called once everybody is registered and the address is bound.
///
/// # Errors
///
/// [`Error`] where the register could not start; once it is ready it only stops when told.
pub async fn run(
    config: RegistryConfig,
    ready: impl FnOnce(Ready),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Summary, Error> {
    let clock = Clock::wall();
    let population = Population::new(config.population.seed, config.population.plan.clone())?;
    let people = population.len();
    let scheme = population.plan().id_scheme;
    let last_day = population.plan().reference_date.previous_day();
    let liar = Liar::new(
        config.lies,
        last_day.unwrap_or(population.plan().reference_date),
    )?;
    let demand = config.service_demand;
    let demand = demand.map(|taking| Demand::new(taking, config.population.seed));
    let demand = demand.transpose()?;
    // Bound before the filling, so that an address that is taken is told at once.
    let address = config.listen;
    let listener = bind(address).map_err(|source| Error::Listen { address, source })?;
    let listen = listener
        .local_addr()
        .map_err(|source| Error::Listen { address, source })?;

    let start = clock.monotonic();
    let office = match &config.citizens {
        Some(side) => Some(Office::open(
            config.kind,
            side,
            config.population.seed,
            population.clone(),
            &config.database,
        )?),
        None => None,
    };
    let register = match config.kind {
        Kind::PopulationRegister => Some(filled(config.database, population).await?),
        _ => None,
    };
    let fill_ms = clock.monotonic().duration_since(start).as_millis();
    let fill_ms = u64::try_from(fill_ms).unwrap_or(u64::MAX);
    tracing::info!(%listen, people, fill_ms, "register filled");
    let service = Arc::new(Service::new(
        register,
        office,
        liar,
        demand,
        scheme,
        config.kind,
    ));
    ready(Ready {
        listen,
        people,
        fill_ms,
    });

    serve(listener, &service, shutdown).await;
    service.close();
    Ok(summary(&service))
}

/// A socket that holds more than `TcpListener::bind` would: whoever is turned away because many
/// come at once tries again only after a second.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(MAX_WAITING_CONNECTIONS)
}

/// Fills the register on a thread of its own: the runtime's belongs to the sockets.
async fn filled(folder: PathBuf, population: Population) -> Result<Register, Error> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("fill".to_owned())
        .spawn(move || {
            // Nobody receives where the start was given up; then there is nobody to tell.
            let _ = sender.send(fill(folder, &population));
        })
        .map_err(Error::Thread)?;
    receiver.await.expect("the thread sends before it ends")
}

fn fill(folder: PathBuf, population: &Population) -> Result<Register, Error> {
    let file = folder.join(FILE_NAME);
    let prepared =
        std::fs::create_dir_all(&folder).and_then(|()| match std::fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
    prepared.map_err(|source| Error::Folder { folder, source })?;
    Register::fill(&file, population).map_err(Error::Fill)
}

async fn serve(
    listener: TcpListener,
    service: &Arc<Service>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let (stream, permit) = accepted;
        spawn_connection(stream, permit, Arc::clone(service), &connections);
    }
    // Whoever comes now is refused at once, instead of waiting for an answer that never comes.
    drop(listener);
    if timeout(DRAIN_PATIENCE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests under way were broken off");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let permit = Arc::clone(room)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                sleep(ACCEPT_REST).await;
            }
        }
    }
}

fn spawn_connection(
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
    service: Arc<Service>,
    connections: &GracefulShutdown,
) {
    // Answers are short and complete: waiting to fill a segment only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "failed to set TCP_NODELAY");
    }
    let answering = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.reply(request).await) }
    });
    // No time limit for heads: it would also close the idle connections that a security server
    // keeps for the next request. The number of connections is the limit.
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answering);
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = watched.await {
            tracing::debug!(%error, "connection ended early");
        }
    });
}

fn summary(service: &Service) -> Summary {
    let (answered, persons, refused) = service.counts();
    let (simulated_waits, simulated_wait_ms) = service.waits();
    Summary {
        answered,
        persons,
        refused,
        false_answers: service.liar().map_or(0, Liar::false_answers),
        swapped_answers: service.liar().map_or(0, Liar::swapped_answers),
        simulated_waits,
        simulated_wait_ms,
    }
}
