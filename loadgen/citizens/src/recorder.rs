//! Response times of pages and outcomes of journeys.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sim_clock::Clock;
use sim_metrics::{CitizensResult, Histogram, JourneyResult, Questions, StepResult};
use sim_workload::Journey;

use crate::Progress;
use crate::journeys::Ending;

/// Failures of which the text is kept.
const MAX_EXAMPLES: usize = 20;

/// What all citizens write down.
pub(crate) struct Recorder {
    clock: Clock,
    began: Instant,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    steps: BTreeMap<&'static str, Histogram>,
    journeys: BTreeMap<&'static str, JourneyResult>,
    /// Logins that came to nothing, by the carrier's word.
    not_logged_in: BTreeMap<String, u64>,
    begun: u64,
    questions: Questions,
    examples: Vec<String>,
}

// === impl Recorder ===

impl Recorder {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            began: clock.monotonic(),
            books: Mutex::new(Books::default()),
        }
    }

    pub(crate) fn begin(&self) {
        self.books.lock().begun += 1;
    }

    /// A page came whole after so long.
    pub(crate) fn page(&self, step: &'static str, took: Duration) {
        let mut books = self.books.lock();
        let histogram = books.steps.entry(step).or_default();
        histogram.record(took);
    }

    pub(crate) fn end(&self, journey: Journey, ending: &Ending) {
        let mut books = self.books.lock();
        let text = {
            let result = books.journeys.entry(journey.as_str()).or_default();
            match ending {
                Ending::Done => {
                    result.completed += 1;
                    None
                }
                Ending::NotLoggedIn(_) => {
                    result.not_logged_in += 1;
                    None
                }
                Ending::Wrong(what) => {
                    result.wrong += 1;
                    Some(format!("{}: {what}", journey.as_str()))
                }
                Ending::Failed(what) => {
                    result.failed += 1;
                    Some(format!("{}: {what}", journey.as_str()))
                }
            }
        };
        if let Ending::NotLoggedIn(word) = ending {
            *books.not_logged_in.entry(word.clone()).or_default() += 1;
        }
        if let Some(text) = text
            && books.examples.len() < MAX_EXAMPLES
        {
            books.examples.push(text);
        }
    }

    /// A look was asked about, and there was an answer.
    pub(crate) fn question(&self, is_justified: bool) {
        let questions = &mut self.books.lock().questions;
        if is_justified {
            questions.justified += 1;
        } else {
            questions.unjustified += 1;
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let books = self.books.lock();
        let sum = |pick: fn(&JourneyResult) -> u64| books.journeys.values().map(pick).sum();
        Progress {
            seconds: (self.clock.monotonic() - self.began).as_secs_f64(),
            begun: books.begun,
            completed: sum(|journey| journey.completed),
            failed: sum(|journey| journey.failed + journey.wrong),
            not_logged_in: sum(|journey| journey.not_logged_in),
        }
    }

    pub(crate) fn result(&self) -> CitizensResult {
        let books = self.books.lock();
        let mut all = Histogram::new();
        for histogram in books.steps.values() {
            all.merge(histogram);
        }
        let steps = books.steps.iter().map(|(step, histogram)| StepResult {
            step: (*step).to_owned(),
            response_time: histogram.summary(),
        });
        let journeys = books
            .journeys
            .iter()
            .map(|(journey, result)| JourneyResult {
                journey: (*journey).to_owned(),
                ..result.clone()
            });
        CitizensResult {
            seconds: (self.clock.monotonic() - self.began).as_secs_f64(),
            begun: books.begun,
            journeys: journeys.collect(),
            steps: steps.collect(),
            pages: all.summary(),
            not_logged_in: books.not_logged_in.clone(),
            questions: books.questions,
            examples: books.examples.clone(),
        }
    }
}
