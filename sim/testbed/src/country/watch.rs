//! Listens to the parts while the workload runs.

use std::task::Poll;

use serde::de::DeserializeOwned;

use crate::node::{Node, NodeError};

/// Passes on what a part says of its progress until its last words; `stop` asks it for them early.
pub(super) async fn follow<Progress: DeserializeOwned, LastWords: DeserializeOwned>(
    node: &mut Node,
    stop: impl Future<Output = ()>,
    mut progress: impl FnMut(&Progress) + Send,
) -> Result<LastWords, NodeError> {
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
