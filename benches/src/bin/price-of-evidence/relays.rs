//! A pair of nginx relays before a service: plain HTTP, mutual TLS between them, plain HTTP.
//!
//! Their configurations are files in `benches/nginx/`; here they get addresses, certificates and
//! a folder, and are ended again, whatever happens.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use procfs::process::all_processes;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustix::process::{Pid, Signal, kill_process};
use sim_clock::Clock;
use sim_testbed::addresses::{self, MESSAGE_PORT};
use sim_testbed::observe::Watched;
use tokio::net::TcpStream;
use tokio::time::sleep;

const CLIENT_RELAY: &str = include_str!("../../../nginx/client-relay.conf");
const PROVIDER_RELAY: &str = include_str!("../../../nginx/provider-relay.conf");

/// Where distributions put nginx that do not have it on every user's path.
const SYSTEM_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];
/// How long a relay may take to come up, and between two looks whether it has.
const READY_TIMEOUT: Duration = Duration::from_secs(10);
const READY_PAUSE: Duration = Duration::from_millis(5);
/// Connections and open files beyond those of exchanges in flight.
const SPARE: u32 = 64;

/// Two running relays. Dropping them ends them.
pub(crate) struct Relays {
    client: Relay,
    provider: Relay,
}

/// A running nginx: a master process and its one worker.
struct Relay {
    name: &'static str,
    listen: SocketAddr,
    master: Child,
    worker: i32,
}

/// What an nginx is started with.
struct Setup<'a> {
    nginx: &'a Path,
    folder: PathBuf,
    authority: &'a Authority,
    in_flight: u32,
}

/// Who vouches for both relays.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate_pem: String,
}

/// The nginx that would be started; none where it is not installed.
pub(crate) fn find_nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file())
}

/// What nginx says of its version: `nginx/1.22.1`.
pub(crate) fn version(nginx: &Path) -> Result<String> {
    let output = Command::new(nginx)
        .arg("-v")
        .output()
        .with_context(|| format!("cannot start {}", nginx.display()))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let version = told.trim().rsplit(' ').next().unwrap_or("nginx");
    Ok(version.to_owned())
}

// === impl Relays ===

impl Relays {
    /// Starts both before the service at `service`, `http://` and an address; `folder` gets their
    /// files.
    pub(crate) async fn start(
        nginx: &Path,
        folder: &Path,
        service: &str,
        in_flight: u32,
    ) -> Result<Self> {
        let [client, provider] = addresses::draw(2)?[..] else {
            bail!("two addresses were asked for");
        };
        let authority = Authority::new()?;
        let setup = |name| Setup {
            nginx,
            folder: folder.join(name),
            authority: &authority,
            in_flight,
        };
        let service = service.trim_start_matches("http://");
        let listen = SocketAddr::new(provider, MESSAGE_PORT);
        let provider = setup("provider-relay");
        let provider = provider.start("provider-relay", PROVIDER_RELAY, listen, service);
        let provider = provider.await?;
        let listen = SocketAddr::new(client, MESSAGE_PORT);
        let client = setup("client-relay");
        let peer = provider.listen.to_string();
        let client = client.start("client-relay", CLIENT_RELAY, listen, &peer);
        let client = client.await?;
        Ok(Self { client, provider })
    }

    /// Where clients connect: `http://` and an address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.client.listen)
    }

    /// All processes of both.
    pub(crate) fn processes(&self) -> Vec<Watched> {
        [&self.client, &self.provider]
            .into_iter()
            .flat_map(Relay::processes)
            .collect()
    }
}

// === impl Setup ===

impl Setup<'_> {
    async fn start(
        &self,
        name: &'static str,
        template: &str,
        listen: SocketAddr,
        peer: &str,
    ) -> Result<Relay> {
        let in_folder = || format!("cannot write to {}", self.folder.display());
        fs::create_dir_all(&self.folder).with_context(in_folder)?;
        let (certificate_pem, key_pem) = self.authority.issue(name)?;
        let configuration = self.configuration(template, listen, peer);
        for (file, text) in [
            ("ca.pem", &self.authority.certificate_pem),
            ("certificate.pem", &certificate_pem),
            ("key.pem", &key_pem),
            ("relay.conf", &configuration),
        ] {
            fs::write(self.folder.join(file), text).with_context(in_folder)?;
        }
        let errors = self.folder.join("error.log");
        let master = Command::new(self.nginx)
            .arg("-p")
            .arg(&self.folder)
            .args(["-c", "relay.conf", "-e"])
            .arg(&errors)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", self.nginx.display()))?;
        let mut relay = Relay {
            name,
            listen,
            master,
            worker: 0,
        };
        if let Err(error) = relay.wait_until_ready().await {
            let errors = fs::read_to_string(&errors).unwrap_or_default();
            bail!("{name}: {error:#}\n{}", errors.trim());
        }
        Ok(relay)
    }

    fn configuration(&self, template: &str, listen: SocketAddr, peer: &str) -> String {
        let connections = 2 * self.in_flight + SPARE;
        template
            .replace("@LISTEN@", &listen.to_string())
            .replace("@PEER@", peer)
            .replace("@PEER_NAME@", "provider-relay")
            .replace("@IN_FLIGHT@", &self.in_flight.to_string())
            .replace("@CONNECTIONS@", &connections.to_string())
            .replace("@FILES@", &(connections + SPARE).to_string())
    }
}

// === impl Relay ===

impl Relay {
    /// Waits until it takes connections and there is somebody to serve them.
    async fn wait_until_ready(&mut self) -> Result<()> {
        let clock = Clock::wall();
        let deadline = clock.monotonic() + READY_TIMEOUT;
        loop {
            if let Some(status) = self.master.try_wait()? {
                bail!("nginx ended early ({status})");
            }
            if let Some(worker) = self.find_worker()?
                && TcpStream::connect(self.listen).await.is_ok()
            {
                self.worker = worker;
                return Ok(());
            }
            if clock.monotonic() > deadline {
                bail!("nginx did not come up within {READY_TIMEOUT:?}");
            }
            sleep(READY_PAUSE).await;
        }
    }

    fn find_worker(&self) -> Result<Option<i32>> {
        let master = i32::try_from(self.master.id())?;
        let mut children = all_processes()?
            // Processes that end meanwhile are of no interest.
            .filter_map(|process| process.ok()?.stat().ok())
            .filter(|process| process.ppid == master);
        Ok(children.next().map(|worker| worker.pid))
    }

    fn processes(&self) -> [Watched; 2] {
        let watched = |role, process_id| Watched {
            name: format!("{} {role}", self.name),
            kind: "nginx".to_owned(),
            process_id,
        };
        let master = i32::try_from(self.master.id()).unwrap_or_default();
        [watched("master", master), watched("worker", self.worker)]
    }
}

impl Drop for Relay {
    /// Asks the master to end, which ends its worker first: killed, it would leave it behind.
    fn drop(&mut self) {
        if let Ok(None) = self.master.try_wait() {
            let asked = kill_process(Pid::from_child(&self.master), Signal::TERM);
            if asked.is_err() || self.master.wait().is_err() {
                tracing::warn!(relay = self.name, "nginx could not be ended");
            }
        }
    }
}

// === impl Authority ===

impl Authority {
    fn new() -> Result<Self> {
        // P-256 is what the library makes unless told otherwise, as in a security server.
        let key = KeyPair::generate()?;
        let mut params = named("relay-authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self {
            params,
            key,
            certificate_pem,
        })
    }

    /// A certificate for a relay called `name`, and its key; both PEM.
    fn issue(&self, name: &str) -> Result<(String, String)> {
        let key = KeyPair::generate()?;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = named(name)?.signed_by(&key, &issuer)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

/// For a certificate of `name`. It is also the subject's, since a certificate whose subject has its
/// issuer's name counts as issued by itself.
fn named(name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use procfs::process::Process;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nyes!";

    /// Answers one connection's first request, and returns it.
    async fn answer(service: TcpListener) -> String {
        let (mut stream, _) = service.accept().await.unwrap();
        let mut request = vec![0; 4_096];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(ANSWER).await.unwrap();
        request.truncate(length);
        String::from_utf8(request).unwrap()
    }

    #[tokio::test]
    async fn requests_pass_unchanged_and_nobody_stays_behind() {
        let nginx = find_nginx().expect("nginx: apt-get install nginx-light");
        let folder = tempfile::tempdir().unwrap();
        let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", service.local_addr().unwrap());
        let relays = Relays::start(&nginx, folder.path(), &url, 2).await.unwrap();
        let processes = relays.processes();
        assert_eq!(processes.len(), 4);

        let asked = tokio::spawn(answer(service));
        let mut stream = TcpStream::connect(relays.client.listen).await.unwrap();
        let request = "POST /liveness HTTP/1.1\r\nhost: somebody\r\nx-road-id: 7\r\n\
                       content-length: 3\r\n\r\nwho";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"yes!") {
            let read = stream.read_buf(&mut answer).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("POST /liveness HTTP/1.1\r\n"), "{asked}");
        assert!(asked.ends_with("\r\n\r\nwho"), "{asked}");
        let lower = asked.to_lowercase();
        assert!(lower.contains("host: somebody\r\n"), "{asked}");
        assert!(lower.contains("x-road-id: 7\r\n"), "{asked}");

        drop(relays);
        for process in processes {
            let gone = Process::new(process.process_id).is_err();
            assert!(gone, "{} still runs", process.name);
        }
    }

    #[test]
    fn every_blank_of_the_configurations_is_filled_in() {
        let authority = Authority::new().unwrap();
        let setup = Setup {
            nginx: Path::new("nginx"),
            folder: PathBuf::new(),
            authority: &authority,
            in_flight: 64,
        };
        for template in [CLIENT_RELAY, PROVIDER_RELAY] {
            let listen = SocketAddr::from(([127, 1, 2, 3], 5500));
            let filled = setup.configuration(template, listen, "127.1.2.4:5500");
            assert!(!filled.contains('@'), "{filled}");
            assert!(filled.contains("keepalive 64;"), "{filled}");
        }
    }
}
