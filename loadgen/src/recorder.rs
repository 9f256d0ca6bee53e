//! What one worker counts and times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sim_metrics::{Histogram, Outcome, OutcomeCounts, WindowLoad};
use sim_workload::Question;

use crate::config::LoadWindow;
use crate::series::{Cell, Series};

/// Fault codes told apart; further ones are counted together.
const MAX_FAULT_CODES: usize = 200;

/// What further fault codes are counted as.
const OTHER_FAULT_CODES: &str = "(other)";

/// How an exchange went, in time since the load began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// Which of the asks it was.
    pub(crate) ask: usize,
    pub(crate) scheduled: Duration,
    pub(crate) started: Duration,
    /// When its answer was whole, or when it was given up.
    pub(crate) ended: Duration,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A whole answer, with a body of so many bytes.
    Answered(usize),
    /// Sent, and no whole answer.
    Unanswered,
    /// Never sent.
    NotSent,
}

/// Counts and times of one worker.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) totals: Totals,
    /// What came due before is not timed.
    warm_up: Duration,
    series: Arc<Series>,
    worker: usize,
    second: u64,
    cell: Cell,
}

/// Counts and times that add up over workers.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) fault_codes: BTreeMap<String, u64>,
    pub(crate) ids_asked: u64,
    pub(crate) deceased_named: u64,
    pub(crate) last_answer: Duration,
    /// Of those that completed, the ones whose answer came after the warm-up.
    pub(crate) measured: u64,
    pub(crate) response_time: Histogram,
    pub(crate) service_time: Histogram,
    pub(crate) start_delay: Histogram,
    /// Of each ask, in their order.
    pub(crate) asks: Vec<AskTotals>,
    /// Of each part of the load that has books of its own.
    pub(crate) windows: Vec<WindowTotals>,
}

/// Counts and times of a part of the load.
#[derive(Clone, Debug)]
pub(crate) struct WindowTotals {
    pub(crate) window: LoadWindow,
    pub(crate) started: u64,
    pub(crate) outcomes: OutcomeCounts,
    /// Answers that came in it, whenever they were asked for.
    pub(crate) answered: u64,
    pub(crate) response_time: Histogram,
    pub(crate) start_delay: Histogram,
}

/// Counts and times of one ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct AskTotals {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) outcomes: OutcomeCounts,
    pub(crate) ids_asked: u64,
    pub(crate) request_bytes: u64,
    pub(crate) answer_bytes: u64,
    pub(crate) response_time: Histogram,
}

// === impl Recorder ===

impl Recorder {
    /// For a load of so many kinds of questions.
    pub(crate) fn new(
        series: Arc<Series>,
        worker: usize,
        warm_up: Duration,
        asks: usize,
        windows: &[LoadWindow],
    ) -> Self {
        Self {
            totals: Totals {
                asks: vec![AskTotals::default(); asks],
                windows: windows.iter().copied().map(WindowTotals::new).collect(),
                ..Totals::default()
            },
            warm_up,
            series,
            worker,
            second: 0,
            cell: Cell::new(),
        }
    }

    /// An exchange begins. Where nobody paces the load, its beginning is also when it came due.
    pub(crate) fn start(
        &mut self,
        started: Duration,
        scheduled: Duration,
        question: &Question,
        paced: bool,
    ) {
        self.enter_second(started);
        self.totals.started += 1;
        self.totals.ids_asked += question.count;
        let ask = &mut self.totals.asks[question.ask];
        ask.started += 1;
        ask.ids_asked += question.count;
        ask.request_bytes += question.body.len() as u64;
        for window in &mut self.totals.windows {
            if window.contains(scheduled) {
                window.started += 1;
                window.start_delay.record(started.saturating_sub(scheduled));
            }
        }
        if scheduled >= self.warm_up {
            self.totals
                .start_delay
                .record(started.saturating_sub(scheduled));
        }
        if !paced {
            self.cell.offered += 1;
        }
    }

    /// An exchange has ended.
    pub(crate) fn end(&mut self, times: Times, ending: Ending, outcome: Outcome) {
        self.enter_second(times.ended);
        let totals = &mut self.totals;
        totals.outcomes.add(outcome);
        let ask = &mut totals.asks[times.ask];
        ask.outcomes.add(outcome);
        self.cell.errors += u64::from(outcome != Outcome::Ok);
        let response_time = times.ended.saturating_sub(times.scheduled);
        for window in &mut totals.windows {
            window.end(times, ending, outcome);
        }
        let is_timed = times.scheduled >= self.warm_up;
        if ending != Ending::NotSent {
            // Second by second the warm-up is seen as well.
            self.cell.record(response_time);
            if is_timed {
                totals.response_time.record(response_time);
                ask.response_time.record(response_time);
            }
        }
        if let Ending::Answered(bytes) = ending {
            totals.completed += 1;
            ask.completed += 1;
            ask.answer_bytes += bytes as u64;
            totals.measured += u64::from(times.ended >= self.warm_up);
            self.cell.completed += 1;
            let service_time = times.ended.saturating_sub(times.started);
            self.cell.record_service(service_time);
            if is_timed {
                totals.service_time.record(service_time);
            }
            totals.last_answer = totals.last_answer.max(times.ended);
        }
    }

    /// An answer carried this fault code.
    pub(crate) fn fault(&mut self, code: &str) {
        let codes = &mut self.totals.fault_codes;
        let code = if codes.len() < MAX_FAULT_CODES || codes.contains_key(code) {
            code
        } else {
            OTHER_FAULT_CODES
        };
        match codes.get_mut(code) {
            Some(count) => *count += 1,
            None => drop(codes.insert(code.to_owned(), 1)),
        }
    }

    /// Hands in the last second, and the totals.
    pub(crate) fn finish(mut self) -> Totals {
        self.hand_in(u64::MAX);
        self.totals
    }

    fn enter_second(&mut self, now: Duration) {
        if now.as_secs() > self.second {
            self.hand_in(now.as_secs());
        }
    }

    fn hand_in(&mut self, next_s: u64) {
        self.series
            .add(self.worker, self.second, &self.cell, next_s);
        self.cell.clear();
        self.second = next_s;
    }
}

// === impl Totals ===

impl Totals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.measured += other.measured;
        self.outcomes.merge(&other.outcomes);
        for (code, count) in &other.fault_codes {
            *self.fault_codes.entry(code.clone()).or_default() += count;
        }
        self.ids_asked += other.ids_asked;
        self.deceased_named += other.deceased_named;
        self.last_answer = self.last_answer.max(other.last_answer);
        self.response_time.merge(&other.response_time);
        self.service_time.merge(&other.service_time);
        self.start_delay.merge(&other.start_delay);
        self.asks.resize_with(other.asks.len(), AskTotals::default);
        for (ask, other) in self.asks.iter_mut().zip(&other.asks) {
            ask.merge(other);
        }
        if self.windows.is_empty() {
            self.windows.clone_from(&other.windows);
        } else {
            for (window, other) in self.windows.iter_mut().zip(&other.windows) {
                window.merge(other);
            }
        }
    }
}

// === impl WindowTotals ===

impl WindowTotals {
    fn new(window: LoadWindow) -> Self {
        Self {
            window,
            started: 0,
            outcomes: OutcomeCounts::default(),
            answered: 0,
            response_time: Histogram::new(),
            start_delay: Histogram::new(),
        }
    }

    fn contains(&self, at: Duration) -> bool {
        at >= Duration::from_millis(self.window.from_ms)
            && self
                .window
                .until_ms
                .is_none_or(|until| at < Duration::from_millis(until))
    }

    fn end(&mut self, times: Times, ending: Ending, outcome: Outcome) {
        if self.contains(times.scheduled) {
            self.outcomes.add(outcome);
            if ending != Ending::NotSent {
                self.response_time
                    .record(times.ended.saturating_sub(times.scheduled));
            }
        }
        if matches!(ending, Ending::Answered(_)) && self.contains(times.ended) {
            self.answered += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.outcomes.merge(&other.outcomes);
        self.answered += other.answered;
        self.response_time.merge(&other.response_time);
        self.start_delay.merge(&other.start_delay);
    }

    /// What is told of it; the load's last answer came at `last_answer`.
    pub(crate) fn told(&self, last_answer: Duration) -> WindowLoad {
        let from = Duration::from_millis(self.window.from_ms);
        let until = self.window.until_ms.map(Duration::from_millis);
        let ends = until.map_or(last_answer, |until| until.min(last_answer));
        let lasts = ends.saturating_sub(from).as_secs_f64();
        WindowLoad {
            from_s: from.as_secs_f64(),
            until_s: until.map(|until| until.as_secs_f64()),
            started: self.started,
            outcomes: self.outcomes,
            throughput_per_s: if lasts > 0.0 {
                self.answered as f64 / lasts
            } else {
                0.0
            },
            response_time: self.response_time.summary(),
            start_delay: self.start_delay.summary(),
        }
    }
}

// === impl AskTotals ===

impl AskTotals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.outcomes.merge(&other.outcomes);
        self.ids_asked += other.ids_asked;
        self.request_bytes += other.request_bytes;
        self.answer_bytes += other.answer_bytes;
        self.response_time.merge(&other.response_time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(scheduled_ms: u64, took_ms: u64) -> Times {
        let scheduled = Duration::from_millis(scheduled_ms);
        Times {
            ask: 0,
            scheduled,
            started: scheduled,
            ended: scheduled + Duration::from_millis(took_ms),
        }
    }

    #[test]
    fn a_part_of_the_load_has_books_of_what_came_due_in_it() {
        let window = LoadWindow {
            from_ms: 1_000,
            until_ms: Some(2_000),
        };
        let mut totals = WindowTotals::new(window);
        let answered = Ending::Answered(1);
        totals.end(times(999, 10), answered, Outcome::Ok);
        totals.end(times(1_000, 10), answered, Outcome::Ok);
        totals.end(times(1_999, 500), answered, Outcome::Refused);
        totals.end(times(1_500, 0), Ending::NotSent, Outcome::Failed);
        totals.end(times(2_000, 10), answered, Outcome::Ok);
        let mut other = WindowTotals::new(window);
        other.end(times(1_100, 30), Ending::Unanswered, Outcome::Unknown);
        totals.merge(&other);
        let told = totals.told(Duration::from_secs(9));
        assert_eq!((told.from_s, told.until_s), (1.0, Some(2.0)));
        let outcomes = told.outcomes;
        assert_eq!(
            (
                outcomes.ok,
                outcomes.refused,
                outcomes.failed,
                outcomes.unknown
            ),
            (1, 1, 1, 1)
        );
        assert_eq!(
            (told.response_time.count, told.response_time.max_us),
            (3, 500_000)
        );
        // Of the answers one came of an earlier question, and one came later.
        assert!((told.throughput_per_s - 2.0).abs() < 1e-9);
    }

    #[test]
    fn an_open_part_ends_with_the_last_answer() {
        let mut totals = WindowTotals::new(LoadWindow {
            from_ms: 5_000,
            until_ms: None,
        });
        for at in [5_000, 6_000, 7_000, 8_000] {
            totals.end(times(at, 1_000), Ending::Answered(1), Outcome::Ok);
        }
        let told = totals.told(Duration::from_secs(9));
        assert!((told.throughput_per_s - 1.0).abs() < 1e-9);
        assert_eq!(told.until_s, None);
    }
}
