//! Planted falsehoods, for the tests that must notice them.
//!
//! A register without [`Lies`] never comes here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use sim_population::Date;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::config::Lies;
use crate::error::Error;

/// How long an answer waits for another to be exchanged with.
///
/// Where nobody else asks meanwhile, waiting on would stop a load generator that has one request
/// in flight.
const SWAP_PATIENCE: Duration = Duration::from_millis(250);

/// Tells falsehoods at the configured rates and counts them.
#[derive(Debug)]
pub(crate) struct Liar {
    lies: Lies,
    /// The day that the living are said to have died on.
    false_death_day: Date,
    persons: AtomicU64,
    false_answers: AtomicU64,
    swaps: Mutex<Swaps>,
}

#[derive(Debug, Default)]
struct Swaps {
    requests: u64,
    /// Exchanges that have fallen due and not happened yet.
    due: u64,
    /// Answers that went to a request they do not belong to.
    swapped: u64,
    /// The answer that waits to be exchanged.
    waiting: Option<Waiting>,
    /// The latest answer that went where it belongs.
    latest: Option<Bytes>,
}

#[derive(Debug)]
struct Waiting {
    answer: Bytes,
    other: oneshot::Sender<Bytes>,
}

impl Liar {
    /// `None` where there is nothing to lie about. The living are reported to have died on
    /// `false_death_day`.
    pub(crate) fn new(lies: Lies, false_death_day: Date) -> Result<Option<Self>, Error> {
        for (key, every) in [
            ("false_answer_every", lies.false_answer_every),
            ("swap_answers_every", lies.swap_answers_every),
        ] {
            if every == Some(0) {
                return Err(Error::Lies { key });
            }
        }
        Ok((lies != Lies::default()).then(|| Self {
            lies,
            false_death_day,
            persons: AtomicU64::new(0),
            false_answers: AtomicU64::new(0),
            swaps: Mutex::default(),
        }))
    }

    /// What to report of the next registered person asked about.
    pub(crate) fn report(&self, died_on: Option<Date>) -> Option<Date> {
        let Some(every) = self.lies.false_answer_every else {
            return died_on;
        };
        let person = self.persons.fetch_add(1, Ordering::Relaxed) + 1;
        if !person.is_multiple_of(every) {
            return died_on;
        }
        self.false_answers.fetch_add(1, Ordering::Relaxed);
        match died_on {
            Some(_) => None,
            None => Some(self.false_death_day),
        }
    }

    /// The answer to give to a request whose true answer is `answer`.
    ///
    /// An exchange falls due at every Nth request. The next answer that `names` anybody then waits
    /// for a request with a different answer and is given to that one, which gives its own in
    /// return: two equal answers exchanged would be no falsehood. Where nobody comes, the latest
    /// different answer is given once more.
    pub(crate) async fn exchange(&self, answer: Bytes, names: bool) -> Bytes {
        let Some(every) = self.lies.swap_answers_every else {
            return answer;
        };
        let other = {
            let mut swaps = self.swaps.lock();
            swaps.requests += 1;
            swaps.due += u64::from(swaps.requests.is_multiple_of(every));
            if let Some(theirs) = swaps.give_to_waiting(&answer) {
                return theirs;
            }
            if swaps.due == 0 || swaps.waiting.is_some() || !names {
                swaps.latest = Some(answer.clone());
                return answer;
            }
            let (sender, receiver) = oneshot::channel();
            swaps.waiting = Some(Waiting {
                answer: answer.clone(),
                other: sender,
            });
            receiver
        };
        if let Ok(Ok(other)) = timeout(SWAP_PATIENCE, other).await {
            return other;
        }
        self.swaps.lock().give_latest(answer)
    }

    /// Persons reported wrongly.
    pub(crate) fn false_answers(&self) -> u64 {
        self.false_answers.load(Ordering::Relaxed)
    }

    /// Answers given to a request they do not belong to.
    pub(crate) fn swapped_answers(&self) -> u64 {
        self.swaps.lock().swapped
    }
}

// === impl Swaps ===

impl Swaps {
    /// Exchanges `answer` with the one that waits, where that differs and is still wanted.
    fn give_to_waiting(&mut self, answer: &Bytes) -> Option<Bytes> {
        let waiting = self.waiting.take_if(|waiting| waiting.answer != *answer)?;
        waiting.other.send(answer.clone()).ok()?;
        self.swapped += 2;
        self.due -= 1;
        Some(waiting.answer)
    }

    /// Ends the waiting of `answer`: the latest answer instead, where that differs.
    fn give_latest(&mut self, answer: Bytes) -> Bytes {
        self.waiting = None;
        match self.latest.clone().filter(|latest| *latest != answer) {
            Some(latest) => {
                self.swapped += 1;
                self.due -= 1;
                latest
            }
            None => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sim_population::iso_date;

    use super::*;

    fn liar(lies: Lies) -> Liar {
        Liar::new(lies, iso_date::parse("2026-02-04").unwrap())
            .unwrap()
            .unwrap()
    }

    fn swapping(every: u64) -> Liar {
        liar(Lies {
            swap_answers_every: Some(every),
            ..Lies::default()
        })
    }

    #[test]
    fn nothing_to_lie_about_and_impossible_rates() {
        let day = iso_date::parse("2026-02-04").unwrap();
        assert!(Liar::new(Lies::default(), day).unwrap().is_none());
        let zero = Lies {
            swap_answers_every: Some(0),
            ..Lies::default()
        };
        assert_eq!(
            Liar::new(zero, day).unwrap_err().to_string(),
            "`swap_answers_every` counts from 1"
        );
    }

    #[test]
    fn every_third_person_is_reported_wrongly() {
        let liar = liar(Lies {
            false_answer_every: Some(3),
            ..Lies::default()
        });
        let died = iso_date::parse("2026-01-20");
        let told: Vec<_> = [None, died, None, None, None, died]
            .map(|on| liar.report(on))
            .into();
        let lie = iso_date::parse("2026-02-04");
        assert_eq!(told, [None, died, lie, None, None, None]);
        assert_eq!(liar.false_answers(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn two_waiting_answers_are_exchanged() {
        let liar = Arc::new(swapping(2));
        let ask = |text: &'static str, names| {
            let liar = Arc::clone(&liar);
            tokio::spawn(async move { liar.exchange(Bytes::from(text), names).await })
        };
        assert_eq!(ask("none", false).await.unwrap(), "none");
        // The second request makes an exchange due; it names nobody, so a later one waits.
        assert_eq!(ask("none", false).await.unwrap(), "none");
        let waiting = ask("Aino", true);
        tokio::task::yield_now().await;
        assert_eq!(ask("none", false).await.unwrap(), "Aino");
        assert_eq!(waiting.await.unwrap(), "none");
        assert_eq!(liar.swapped_answers(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn equal_answers_are_not_exchanged() {
        let liar = Arc::new(swapping(1));
        let first = {
            let liar = Arc::clone(&liar);
            tokio::spawn(async move { liar.exchange(Bytes::from("Aino"), true).await })
        };
        tokio::task::yield_now().await;
        assert_eq!(liar.exchange(Bytes::from("Aino"), true).await, "Aino");
        assert_eq!(first.await.unwrap(), "Aino");
        assert_eq!(liar.swapped_answers(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_alone_gets_an_earlier_answer() {
        let liar = swapping(2);
        assert_eq!(liar.exchange(Bytes::from("none"), false).await, "none");
        assert_eq!(liar.exchange(Bytes::from("Aino"), true).await, "none");
        assert_eq!(liar.exchange(Bytes::from("Ants"), true).await, "Ants");
        assert_eq!(liar.swapped_answers(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_went_away_is_not_exchanged_with() {
        let liar = Arc::new(swapping(1));
        let gone = {
            let liar = Arc::clone(&liar);
            tokio::spawn(async move { liar.exchange(Bytes::from("Aino"), true).await })
        };
        tokio::task::yield_now().await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        assert_eq!(liar.exchange(Bytes::from("none"), false).await, "none");
        assert_eq!(liar.swapped_answers(), 0);
    }
}
