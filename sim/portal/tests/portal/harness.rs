//! A running portal and what is around it.

use sim_portal::{PortalConfig, Ready, Summary, run};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::browser::{Browser, Page};
use crate::fakes::Fakes;

/// A portal that runs.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) fakes: Fakes,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Summary>,
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut PortalConfig)) -> Self {
        let fakes = Fakes::start().await;
        let mut config = fakes.config();
        change(&mut config);
        let (tell, ready) = oneshot::channel::<Ready>();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let tell = |ready| tell.send(ready).unwrap();
            let shutdown = async move {
                stopped.await.ok();
            };
            run(config, tell, shutdown).await.unwrap()
        });
        Self {
            url: format!("http://{}", ready.await.unwrap().listen),
            fakes,
            stop,
            task,
        }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Logs in the whole way, and returns the page that it ended on.
    pub(crate) async fn log_in(&self, browser: &mut Browser) -> Page {
        browser.visit(&self.at("/login?return=/")).await
    }

    /// A browser with somebody logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        let mut browser = Browser::default();
        let page = self.log_in(&mut browser).await;
        assert!(page.text.contains("logged-in-person"), "{}", page.text);
        browser
    }

    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        self.task.await.unwrap()
    }
}
