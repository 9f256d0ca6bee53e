//! What the accounting costs itself: it is on and off in turn, and the processor time of the whole
//! process for an exchange is compared.
//!
//! Slices come as on, off, off, on: whatever drifts steadily meanwhile falls out. An exchange that
//! straddles two slices counts where it began, which hides some of the difference: as much as an
//! exchange is long against a slice.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sim_metrics::stages::AccountingCost;

use super::Stages;
use super::accounts::micros;

/// How long the accounting is on, or off.
const SLICE: Duration = Duration::from_millis(100);
/// The slices of one comparison: whether the accounting is on.
const PATTERN: [bool; 4] = [true, false, false, true];
/// Exchanges without which a pair of slices says nothing.
const MIN_EXCHANGES: u64 = 100;
/// Comparisons at the beginning that do not count: the first holds what the server did before it
/// was asked anything, opens the connections and fills the caches, with the accounting on.
const WARM_UP: u32 = 1;

/// Processor time of the process, and exchanges begun.
#[derive(Clone, Copy, Default)]
struct Spent {
    cpu: Duration,
    exchanges: u64,
}

/// The slices so far.
pub(super) struct Comparison {
    /// As the slice began that runs now.
    at: Spent,
    slice: usize,
    /// Comparisons that still do not count.
    warming_up: u32,
    /// Of the comparison that runs now, off and on.
    current: [Spent; 2],
    /// Of all that are complete.
    whole: [Spent; 2],
    /// Logarithms of on by off, one for each: where the machine does other work besides, quotients
    /// themselves scatter further up than down, and their mean would be too great.
    log_ratios: Vec<f64>,
}

/// Turns the accounting on and off in turn, for ever.
pub(crate) async fn alternate(stages: Arc<Stages>) {
    loop {
        tokio::time::sleep(SLICE).await;
        let spent = Spent {
            cpu: stages.clock.process_cpu(),
            exchanges: stages.begun.sum(),
        };
        let is_on = stages.comparison.lock().next(spent);
        stages.is_on.store(is_on, Ordering::Relaxed);
    }
}

// === impl Comparison ===

impl Comparison {
    /// The first slice begins, with the accounting on.
    pub(super) fn new(cpu: Duration) -> Self {
        Self {
            at: Spent { cpu, exchanges: 0 },
            slice: 0,
            warming_up: WARM_UP,
            current: [Spent::default(); 2],
            whole: [Spent::default(); 2],
            log_ratios: Vec::new(),
        }
    }

    /// Ends a slice with what was spent until now; whether the accounting is on in the next.
    fn next(&mut self, spent: Spent) -> bool {
        self.current[usize::from(PATTERN[self.slice])].add(&spent.since(&self.at));
        self.at = spent;
        self.slice = (self.slice + 1) % PATTERN.len();
        if self.slice == 0 {
            self.compare();
        }
        PATTERN[self.slice]
    }

    fn compare(&mut self) {
        let [off, on] = std::mem::take(&mut self.current);
        let is_busy = off.exchanges.min(on.exchanges) >= MIN_EXCHANGES;
        if !is_busy || off.cpu.min(on.cpu).is_zero() {
            return;
        }
        if self.warming_up > 0 {
            self.warming_up -= 1;
            return;
        }
        self.log_ratios.push((on.each_us() / off.each_us()).ln());
        self.whole[0].add(&off);
        self.whole[1].add(&on);
    }

    /// What came of it; none where nothing could be compared.
    pub(super) fn cost(&self) -> Option<AccountingCost> {
        if self.log_ratios.is_empty() {
            return None;
        }
        let count = self.log_ratios.len() as f64;
        let mean = self.log_ratios.iter().sum::<f64>() / count;
        let squares = self.log_ratios.iter().map(|ratio| (ratio - mean).powi(2));
        // With a single comparison nothing is known of its error.
        let variance = squares.sum::<f64>() / (count - 1.0).max(1.0);
        let [off, on] = &self.whole;
        Some(AccountingCost {
            comparisons: self.log_ratios.len() as u64,
            cpu_us_on: on.each_us(),
            cpu_us_off: off.each_us(),
            overhead: mean.exp_m1(),
            standard_error: (variance / count).sqrt(),
        })
    }
}

// === impl Spent ===

impl Spent {
    fn since(&self, earlier: &Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(earlier.cpu),
            exchanges: self.exchanges.saturating_sub(earlier.exchanges),
        }
    }

    fn add(&mut self, more: &Self) {
        self.cpu += more.cpu;
        self.exchanges += more.exchanges;
    }

    fn each_us(&self) -> f64 {
        micros(self.cpu) / self.exchanges.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slices of so many exchanges, each at the microseconds that `cost` gives for on and off.
    fn slices(number: usize, exchanges: u64, cost: impl Fn(usize, bool) -> u64) -> Comparison {
        let mut comparison = Comparison::new(Duration::ZERO);
        let mut spent = Spent::default();
        let mut is_on = true;
        for slice in 0..number {
            let each = Duration::from_micros(cost(slice, is_on));
            spent.cpu += each * u32::try_from(exchanges).unwrap();
            spent.exchanges += exchanges;
            is_on = comparison.next(spent);
        }
        comparison
    }

    #[test]
    fn the_cost_is_what_on_takes_more_than_off() {
        let cost = slices(40, 600, |_, is_on| if is_on { 202 } else { 200 }).cost();
        let cost = cost.expect("nine comparisons and the warm-up");
        assert_eq!(cost.comparisons, 9);
        assert!((cost.overhead - 0.01).abs() < 1e-9, "{cost:?}");
        assert!(cost.standard_error < 1e-9, "{cost:?}");
        assert!((cost.cpu_us_on - 202.0).abs() < 1e-6, "{cost:?}");
    }

    #[test]
    fn what_drifts_steadily_falls_out() {
        let cost = slices(40, 600, |slice, _| 200 + slice as u64).cost();
        let cost = cost.expect("nine comparisons");
        assert!(cost.overhead.abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn what_comes_first_does_not_count() {
        let cost = slices(12, 600, |slice, _| if slice == 0 { 5_000 } else { 200 }).cost();
        let cost = cost.expect("two comparisons");
        assert!(cost.overhead.abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn idle_slices_and_unfinished_comparisons_say_nothing() {
        assert_eq!(slices(40, 1, |_, _| 200).cost(), None);
        assert_eq!(slices(3, 600, |_, _| 200).cost(), None);
    }
}
