//! Which rate to try next: doubling until one is too much, then halving what is left between, then
//! a longer run at the highest that held.

/// Steps of the search that confirm or take back, at most.
const MAX_CONFIRMATIONS: u32 = 4;

/// A search under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    bounds: Bounds,
    /// Highest that held.
    held: Option<f64>,
    /// Lowest that did not.
    broke: Option<f64>,
    confirmations: u32,
    /// The rate that is to be confirmed, once the search is near enough.
    confirming: Option<f64>,
    confirmed: Option<f64>,
}

/// Between what, and how near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The first rate that is tried.
    pub(crate) from: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    /// The answer's relative error.
    pub(crate) precision: f64,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Try(f64),
    /// Longer than a try.
    Confirm(f64),
    /// The highest confirmed rate; none where not even the lowest held.
    Over(Option<f64>),
}

// === impl Plan ===

impl Plan {
    pub(crate) const fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            held: None,
            broke: None,
            confirmations: 0,
            confirming: None,
            confirmed: None,
        }
    }

    pub(crate) fn next(&mut self) -> Step {
        if let Some(rate) = self.confirmed {
            return Step::Over(Some(rate));
        }
        let Bounds {
            from,
            lowest,
            highest,
            precision,
        } = self.bounds;
        let (held, broke) = match (self.held, self.broke) {
            (None, None) => return Step::Try(from),
            (Some(held), None) if held >= highest => return self.confirm(held),
            (Some(held), None) => return Step::Try((held * 2.0).min(highest)),
            (None, Some(broke)) if broke <= lowest => return Step::Over(None),
            (None, Some(broke)) => return Step::Try((broke / 2.0).max(lowest)),
            (Some(held), Some(broke)) => (held, broke),
        };
        if broke / held <= 1.0 + precision {
            return self.confirm(held);
        }
        // As far from one as from the other, as ratios.
        Step::Try((held * broke).sqrt())
    }

    fn confirm(&mut self, rate: f64) -> Step {
        if self.confirmations == MAX_CONFIRMATIONS {
            return Step::Over(None);
        }
        self.confirming = Some(rate);
        Step::Confirm(rate)
    }

    /// The step at `rate` held, or did not.
    pub(crate) fn learn(&mut self, rate: f64, has_held: bool) {
        let was_confirming = self.confirming.take().is_some();
        match (was_confirming, has_held) {
            (true, true) => self.confirmed = Some(rate),
            (true, false) => {
                // A short try was lucky: a little lower, and confirmed at once.
                self.confirmations += 1;
                self.broke = Some(rate);
                self.held = Some(rate / (1.0 + self.bounds.precision));
            }
            (false, true) => self.held = Some(self.held.map_or(rate, |held| held.max(rate))),
            (false, false) => self.broke = Some(self.broke.map_or(rate, |broke| broke.min(rate))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        from: 100.0,
        lowest: 1.0,
        highest: 100_000.0,
        precision: 0.05,
    };

    /// Searches where a rate holds up to `limit`, and confirms up to `lasting`.
    fn search(limit: f64, lasting: f64) -> (Option<f64>, u32) {
        let mut plan = Plan::new(BOUNDS);
        for steps in 1..60 {
            match plan.next() {
                Step::Try(rate) => plan.learn(rate, rate <= limit),
                Step::Confirm(rate) => plan.learn(rate, rate <= lasting),
                Step::Over(found) => return (found, steps),
            }
        }
        panic!("the search does not end");
    }

    #[test]
    fn the_limit_is_found_in_few_steps() {
        let (found, steps) = search(6_998.0, 6_998.0);
        let found = found.expect("there is one");
        assert!((6_665.0..=6_998.0).contains(&found), "{found}");
        assert!(steps <= 15, "{steps}");
    }

    #[test]
    fn what_holds_only_for_a_while_is_taken_back() {
        let (found, _) = search(1_000.0, 930.0);
        assert!((850.0..=930.0).contains(&found.expect("a lower one")));
        assert_eq!(search(1_000.0, 1.0).0, None, "nothing near holds for long");
    }

    #[test]
    fn bounds_are_answers_too() {
        assert_eq!(search(0.5, 0.5).0, None);
        assert_eq!(search(1e9, 1e9).0, Some(100_000.0));
    }

    proptest! {
        #[test]
        fn the_answer_is_below_the_limit_and_near_it(limit in 1.0_f64..100_000.0) {
            let found = search(limit, limit).0.expect("the lowest holds");
            prop_assert!(found <= limit && found * 1.06 >= limit, "{} for {}", found, limit);
        }
    }
}
