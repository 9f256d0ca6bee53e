//! Ctrl-C, heard for as long as the program runs; a request to terminate counts as the same.

use std::thread;

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Exit;

/// Whether somebody wants the program to end.
#[derive(Clone)]
pub(crate) struct Interrupt {
    heard: watch::Receiver<bool>,
}

// === impl Interrupt ===

impl Interrupt {
    /// Listens from now on. The first signal is for the command to act on; a second one ends the
    /// program at once, and its parts see their lifeline close and end on their own.
    pub(crate) fn listen() -> Result<Self> {
        let (heard_by_command, heard) = watch::channel(false);
        // On a thread of its own, for the command may be busy with the audit.
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (mut interrupt, mut terminate) = {
            let _inside = runtime.enter();
            (
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            )
        };
        let listen = async move {
            for already_heard in [false, true] {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if already_heard {
                    end_at_once();
                }
                // A command that is over has nobody left who could hear.
                let _ = heard_by_command.send(true);
            }
        };
        thread::Builder::new()
            .name("interrupt".to_owned())
            .spawn(move || runtime.block_on(listen))
            .context("cannot listen for Ctrl-C")?;
        Ok(Self { heard })
    }

    /// Has the first signal been heard?
    pub(crate) fn is_heard(&self) -> bool {
        *self.heard.borrow()
    }

    /// Resolves once the first signal has been heard.
    pub(crate) async fn heard(&self) {
        let mut heard = self.heard.clone();
        if heard.wait_for(|heard| *heard).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "who asks twice does not want to wait for `main`"
)]
fn end_at_once() {
    std::process::exit(Exit::Interrupted as i32);
}
