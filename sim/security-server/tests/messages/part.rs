//! One part of the country: its `run` in a task of this process.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longer than anything here takes, shorter than anybody's patience.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A part that runs until it is drained, or dropped.
pub(crate) struct Part<Summary> {
    task: JoinHandle<Summary>,
    shutdown: Option<oneshot::Sender<()>>,
}

/// What a part's `run` is told instead of a real shutdown signal.
pub(crate) type Shutdown = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl<Summary: Send + 'static> Part<Summary> {
    /// Starts a part and waits until it is ready.
    pub(crate) async fn start<Ready, Error, Run, Running>(run: Run) -> (Self, Ready)
    where
        Ready: Send + 'static,
        Error: Debug + Send + 'static,
        Run: FnOnce(Box<dyn FnOnce(Ready) + Send>, Shutdown) -> Running,
        Running: Future<Output = Result<Summary, Error>> + Send + 'static,
    {
        let (shutdown, stopped) = oneshot::channel();
        let (announce, ready) = oneshot::channel();
        let running = run(
            Box::new(move |told| {
                let _ = announce.send(told);
            }),
            Box::pin(async {
                let _ = stopped.await;
            }),
        );
        let task = tokio::spawn(async { running.await.unwrap() });
        let mut part = Self {
            task,
            shutdown: Some(shutdown),
        };
        match tokio::time::timeout(DEADLINE, ready).await.unwrap() {
            Ok(ready) => (part, ready),
            Err(_) => panic!("a part did not start: {:?}", (&mut part.task).await.err()),
        }
    }

    /// Asks the part to end, without waiting for it.
    pub(crate) fn ask_to_end(&mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
    }

    /// Ends the part at once.
    pub(crate) fn abort(&self) {
        self.task.abort();
    }

    /// Ends the part at once, and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        self.abort();
        let ended = (&mut self.task).await;
        assert!(ended.is_err_and(|error| error.is_cancelled()));
    }

    /// Ends the part in order.
    pub(crate) async fn drain(mut self) -> Summary {
        self.ask_to_end();
        self.ended().await
    }

    /// Waits for the end of a part that was asked to end.
    pub(crate) async fn ended(&mut self) -> Summary {
        let ended = tokio::time::timeout(DEADLINE, &mut self.task);
        ended.await.unwrap().unwrap()
    }
}

impl<Summary> Drop for Part<Summary> {
    fn drop(&mut self) {
        // One that was drained has ended already.
        self.task.abort();
    }
}

/// Waits until `attempt` gives something; fails the test where it never does.
pub(crate) async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = attempt().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting)
        .await
        .expect("it happens soon")
}
