//! A running authority, responder and time-stamper, and the tools to question them with.

use std::fs;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::{Certificate, CertificationAuthority};
use sim_evidence::keys::{KeyType, MemberKey};
use sim_trust_services::authority::{self, CaConfig};
use sim_trust_services::ocsp::{self, OcspConfig};
use sim_trust_services::time_stamping::{self, TsaConfig};
use sim_trust_services::{Profile, enrolment};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const TOKEN: &str = "enrolment token of the tests";
const DEADLINE: Duration = Duration::from_secs(20);

/// A service that runs until it is told to stop.
pub(crate) struct Running<R, S> {
    pub(crate) ready: R,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<S>,
}

/// The services of one test, each on a port of its own.
pub(crate) struct Country {
    pub(crate) runtime: Runtime,
    pub(crate) folder: TempDir,
    pub(crate) ca: Running<authority::Ready, authority::Summary>,
}

/// What OpenSSL said.
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) text: String,
}

pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) fn member() -> MemberId {
    MemberId::new("EE", "GOV", "70000310").unwrap()
}

impl Country {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = start_ca(&runtime, folder.path());
        fs::write(folder.path().join("ca.pem"), &ca.ready.certificate_pem).unwrap();
        Self {
            runtime,
            folder,
            ca,
        }
    }

    /// Stops the authority, and starts it again in the same folder.
    pub(crate) fn restart_ca(&mut self) -> authority::Summary {
        let again = start_ca(&self.runtime, self.folder.path());
        let before = std::mem::replace(&mut self.ca, again);
        before.stop(&self.runtime)
    }

    pub(crate) fn stop_ca(self) -> (Runtime, TempDir, authority::Summary) {
        let summary = self.ca.stop(&self.runtime);
        (self.runtime, self.folder, summary)
    }

    pub(crate) fn start_ocsp(
        &self,
        change: impl FnOnce(&mut OcspConfig),
    ) -> Running<ocsp::Ready, ocsp::Summary> {
        let mut config: OcspConfig = serde_json::from_value(serde_json::json!({
            "listen": any_port(), "ca_url": self.ca.ready.url, "enrolment_token": TOKEN,
        }))
        .unwrap();
        change(&mut config);
        start(&self.runtime, |ready, stop| async move {
            ocsp::run(config, ready, stop).await.unwrap()
        })
    }

    pub(crate) fn start_tsa(
        &self,
        change: impl FnOnce(&mut TsaConfig),
    ) -> Running<time_stamping::Ready, time_stamping::Summary> {
        let mut config: TsaConfig = serde_json::from_value(serde_json::json!({
            "listen": any_port(), "ca_url": self.ca.ready.url, "enrolment_token": TOKEN,
        }))
        .unwrap();
        change(&mut config);
        let tsa = start(&self.runtime, |ready, stop| async move {
            time_stamping::run(config, ready, stop).await.unwrap()
        });
        fs::write(
            self.folder.path().join("tsa.pem"),
            &tsa.ready.certificate_pem,
        )
        .unwrap();
        tsa
    }

    /// Enrols the test member, and writes the certificate to a file named after the profile.
    pub(crate) fn enrol(&self, profile: Profile) -> (MemberKey, Certificate) {
        let (member, key_type) = (member(), KeyType::EcP256);
        let enrolled =
            enrolment::enrol_member(&self.ca.ready.url, TOKEN, profile, &member, key_type);
        let (key, certificate) = self.wait(enrolled).unwrap();
        self.write(&format!("{profile}.pem"), certificate.to_pem().as_bytes());
        (key, certificate)
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime
            .block_on(async { tokio::time::timeout(DEADLINE, future).await.unwrap() })
    }

    pub(crate) fn ca_certificate(&self) -> Certificate {
        Certificate::from_pem(&self.ca.ready.certificate_pem).unwrap()
    }

    /// The authority as verifiers know it: no responder is listed.
    pub(crate) fn approved(&self) -> CertificationAuthority {
        CertificationAuthority {
            certificate: self.ca_certificate(),
            ocsp_responders: Vec::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &[u8]) {
        fs::write(self.path(name), contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Runs `openssl` in the test's folder.
    pub(crate) fn openssl(&self, arguments: &str) -> Said {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("openssl is installed");
        let text = [output.stdout, output.stderr].concat();
        Said {
            success: output.status.success(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }
}

impl<R, S> Running<R, S> {
    pub(crate) fn stop(self, runtime: &Runtime) -> S {
        self.stop.send(()).unwrap();
        runtime.block_on(async {
            tokio::time::timeout(DEADLINE, self.ended)
                .await
                .unwrap()
                .unwrap()
        })
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn accepts(&self, words: &str) {
        assert!(
            self.success && self.text.contains(words),
            "wanted `{words}`:\n{}",
            self.text
        );
    }

    #[track_caller]
    pub(crate) fn refuses(&self, words: &str) {
        assert!(
            !self.success && self.text.contains(words),
            "wanted `{words}`:\n{}",
            self.text
        );
    }
}

fn start_ca(runtime: &Runtime, folder: &Path) -> Running<authority::Ready, authority::Summary> {
    let config: CaConfig = serde_json::from_value(serde_json::json!({
        "listen": any_port(), "instance": "EE", "name": "Test CA", "enrolment_token": TOKEN,
        "folder": folder.join("ca"),
    }))
    .unwrap();
    start(runtime, |ready, stop| async move {
        authority::run(config, ready, stop).await.unwrap()
    })
}

pub(crate) fn start<R, S, F>(
    runtime: &Runtime,
    run: impl FnOnce(Box<dyn FnOnce(R) + Send>, Box<dyn Future<Output = ()> + Send + Unpin>) -> F,
) -> Running<R, S>
where
    R: Send + 'static,
    S: Send + 'static,
    F: Future<Output = S> + Send + 'static,
{
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    let ready = Box::new(move |ready| assert!(tell.send(ready).is_ok()));
    let stopped = Box::new(Box::pin(async move {
        stopped.await.ok();
    }));
    let ended = runtime.spawn(run(ready, stopped));
    let ready = runtime
        .block_on(async { tokio::time::timeout(DEADLINE, told).await.unwrap() })
        .expect("the service starts");
    Running { ready, stop, ended }
}

/// One HTTP/1.1 exchange by hand: status line and headers, and the body.
pub(crate) fn http(
    address: SocketAddr,
    request_line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut request = format!(
        "{request_line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec())
        .unwrap()
        .to_lowercase();
    (head, answer[end + 4..].to_vec())
}
