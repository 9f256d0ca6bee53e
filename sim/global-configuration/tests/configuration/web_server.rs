//! A web server on a real socket whose files a test can change.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use sim_global_configuration::signed_directory::{Directory, DirectorySigner, compose};
use tokio::net::TcpListener;

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Serves files by path and query.
pub(crate) struct WebServer {
    address: SocketAddr,
    files: Files,
    requests: Arc<Mutex<Vec<String>>>,
}

impl WebServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            files: Files::default(),
            requests: Arc::default(),
        };
        let state = (Arc::clone(&server.files), Arc::clone(&server.requests));
        let router = Router::new().fallback(answer).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// Where the signed directory is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/internalconf", self.address)
    }

    pub(crate) fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        self.files
            .lock()
            .unwrap()
            .insert(path.to_owned(), content.into());
    }

    pub(crate) fn put_directory(&self, directory: &Directory, signer: &DirectorySigner) {
        self.put("/internalconf?version=6", compose(directory, signer));
    }

    pub(crate) fn remove(&self, path: &str) {
        self.files
            .lock()
            .unwrap()
            .remove(path)
            .expect("the file is there");
    }

    /// How often `path` was asked for.
    pub(crate) fn requests(&self, path: &str) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| *request == path).count()
    }
}

type Shared = (Files, Arc<Mutex<Vec<String>>>);

async fn answer(State((files, requests)): State<Shared>, uri: Uri) -> (StatusCode, Vec<u8>) {
    requests.lock().unwrap().push(uri.to_string());
    match files.lock().unwrap().get(&uri.to_string()) {
        Some(content) => (StatusCode::OK, content.clone()),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    }
}
