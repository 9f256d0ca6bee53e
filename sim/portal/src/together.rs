//! Waiting for many at once, without a task for each.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// What each of `futures` gives, in their order; all are under way at the same time.
///
/// For tens of futures: each wake-up looks at all that are not done.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    poll_fn(move |context| {
        let mut is_done = true;
        for (future, slot) in waiting.iter_mut().zip(&mut done) {
            if slot.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Some(output),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done {
            Poll::Ready(std::mem::take(&mut done).into_iter().flatten().collect())
        } else {
            Poll::Pending
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn all_are_under_way_at_the_same_time() {
        let (tell, told) = oneshot::channel();
        let mut told = Some(told);
        let mut tell = Some(tell);
        // The first waits for the second, which would never begin if they went one by one.
        let futures = [1, 2].map(|number| {
            let (told, tell) = if number == 1 {
                (told.take(), None)
            } else {
                (None, tell.take())
            };
            async move {
                if let Some(told) = told {
                    told.await.unwrap();
                }
                if let Some(tell) = tell {
                    tell.send(()).unwrap();
                }
                number
            }
        });
        assert_eq!(all(futures).await, [1, 2]);
    }
}
