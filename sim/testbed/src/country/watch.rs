//! Listens to the parts while the workload runs.

use std::task::Poll;

use sim_metrics::{CitizensResult, LoadResult};
use tokio::sync::watch;

use crate::node::{Node, NodeError};

/// Passes on what the load generator says until its last words; `stop` asks it for them early.
pub(super) async fn follow(
    node: &mut Node,
    stop: impl Future<Output = ()>,
    progress: &mut (dyn FnMut(&loadgen::Progress) + Send),
) -> Result<LoadResult, NodeError> {
    let mut stop = std::pin::pin!(stop);
    let mut stopped = false;
    loop {
        tokio::select! {
            event = node.next_event() => match event? {
                Some((name, content)) if name == "progress" => {
                    if let Ok(told) = serde_json::from_value(content) {
                        progress(&told);
                    }
                }
                Some((name, content)) if name == "drained" => {
                    let text = content.to_string();
                    return serde_json::from_value(content).map_err(|error| NodeError::Protocol {
                        name: node.name().to_owned(),
                        text: format!("{text}: {error}"),
                    });
                }
                Some(_) => {}
                None => return Err(node.early_end().await),
            },
            () = &mut stop, if !stopped => {
                stopped = true;
                node.ask_to_end();
            }
        }
    }
}

/// Passes on what the citizens say until their last words, who have a time of their own; `stopped`
/// asks them for them early.
pub(super) async fn follow_citizens(
    node: &mut Node,
    mut stopped: watch::Receiver<bool>,
    progress: &mut (dyn FnMut(&loadgen_citizens::Progress) + Send),
) -> Result<CitizensResult, NodeError> {
    let mut is_stopping = false;
    loop {
        tokio::select! {
            event = node.next_event() => match event? {
                Some((name, content)) if name == "drained" => {
                    let text = content.to_string();
                    return serde_json::from_value(content).map_err(|error| NodeError::Protocol {
                        name: node.name().to_owned(),
                        text: format!("{text}: {error}"),
                    });
                }
                Some((name, content)) if name == "progress" => {
                    if let Ok(told) = serde_json::from_value(content) {
                        progress(&told);
                    }
                }
                Some(_) => {}
                None => return Err(node.early_end().await),
            },
            asked = stopped.wait_for(|stopped| *stopped), if !is_stopping => {
                is_stopping = true;
                if asked.is_ok() {
                    node.ask_to_end();
                }
            }
        }
    }
}

/// Waits for the first of `nodes` to end on its own; for ever, where none does.
pub(super) async fn first_to_end(nodes: &mut [Node]) -> NodeError {
    let mut ends: Vec<_> = nodes
        .iter_mut()
        .map(|node| Box::pin(node.early_end()))
        .collect();
    std::future::poll_fn(|context| {
        ends.iter_mut()
            .map(|end| end.as_mut().poll(context))
            .find(Poll::is_ready)
            .unwrap_or(Poll::Pending)
    })
    .await
}
