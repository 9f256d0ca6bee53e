//! Whether two sets of figures differ by more than chance: the test of Mann and Whitney.
//!
//! It looks at ranks alone, so one odd run weighs no more than any other, and nothing is assumed
//! of how the figures are distributed. Two-sided: it asks for a difference in either direction.
//!
//! Sources: H. B. Mann, D. R. Whitney, "On a Test of Whether one of Two Random Variables is
//! Stochastically Larger than the Other", 1947. B. Streitberg, J. Röhmel, "Exact Distributions for
//! Permutation and Rank Tests", 1986, for exact figures where values are equal.

/// Figures of both sides together up to which the distribution is counted out; beyond, the normal
/// approximation is as good, and the count would take long.
const MAX_EXACT: usize = 40;

/// How likely sets as different as these are where nothing but chance divides them.
///
/// Up to 40 figures the distribution is exact, also where some are equal: these share
/// the mean of their ranks. Beyond, it is the normal approximation, corrected for equal figures
/// and for continuity. It is 1 where either side is empty.
#[must_use]
pub fn two_sided_p(left: &[f64], right: &[f64]) -> f64 {
    if left.is_empty() || right.is_empty() {
        return 1.0;
    }
    let ranks = Ranks::of(left, right);
    if ranks.doubled.len() <= MAX_EXACT {
        ranks.exact_p()
    } else {
        ranks.approximate_p()
    }
}

/// The least that [`two_sided_p`] can be for that many figures on each side: where one side lies
/// wholly beyond the other, which is 2 of all ways to divide them.
#[must_use]
pub fn least_p(left: usize, right: usize) -> f64 {
    // C(n, k) is the product of (n - k + i) / i.
    let ways = (1..=left).fold(1.0, |ways, i| ways * (right + i) as f64 / i as f64);
    (2.0 / ways).min(1.0)
}

/// Ranks of all figures together, doubled so that means of neighbours are whole.
struct Ranks {
    /// Of the left side's figures, then of the right side's.
    doubled: Vec<usize>,
    /// Figures of the left side.
    left: usize,
    /// Sizes of the groups of equal figures.
    groups: Vec<usize>,
}

// === impl Ranks ===

impl Ranks {
    fn of(left: &[f64], right: &[f64]) -> Self {
        let figures: Vec<f64> = left.iter().chain(right).copied().collect();
        let mut order: Vec<usize> = (0..figures.len()).collect();
        order.sort_by(|&a, &b| figures[a].total_cmp(&figures[b]));
        let mut doubled = vec![0; figures.len()];
        let mut groups = Vec::new();
        let mut from = 0;
        for group in order.chunk_by(|&a, &b| figures[a].total_cmp(&figures[b]).is_eq()) {
            // The mean of the ranks from + 1 to from + n is from + (n + 1) / 2.
            for &index in group {
                doubled[index] = 2 * from + group.len() + 1;
            }
            from += group.len();
            groups.push(group.len());
        }
        Self {
            doubled,
            left: left.len(),
            groups,
        }
    }

    /// Doubled sum of the left side's ranks.
    fn sum(&self) -> usize {
        self.doubled[..self.left].iter().sum()
    }

    /// What that sum is in the mean over all ways to divide the figures.
    fn mean(&self) -> usize {
        self.left * (self.doubled.len() + 1)
    }

    /// The share of all ways to divide the figures whose sum is as far from the mean.
    fn exact_p(&self) -> f64 {
        let width = self.doubled.iter().sum::<usize>() + 1;
        // ways[k * width + s]: ways to choose k figures whose doubled ranks add up to s.
        let mut ways = vec![0.0_f64; (self.left + 1) * width];
        ways[0] = 1.0;
        for (seen, &rank) in self.doubled.iter().enumerate() {
            for chosen in (1..=self.left.min(seen + 1)).rev() {
                let (before, after) = ways.split_at_mut(chosen * width);
                let fewer = &before[(chosen - 1) * width..][..width - rank];
                for (to, from) in after[rank..width].iter_mut().zip(fewer) {
                    *to += from;
                }
            }
        }
        let mean = self.mean();
        let distance = self.sum().abs_diff(mean);
        let counts = &ways[self.left * width..];
        let all: f64 = counts.iter().sum();
        let beyond = counts.iter().enumerate();
        let beyond = beyond.filter(|(sum, _)| sum.abs_diff(mean) >= distance);
        (beyond.map(|(_, count)| count).sum::<f64>() / all).min(1.0)
    }

    fn approximate_p(&self) -> f64 {
        let all = self.doubled.len() as f64;
        let left = self.left as f64;
        let ties: f64 = self.groups.iter().map(|&size| cube_less(size as f64)).sum();
        let variance = left * (all - left) / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
        if variance <= 0.0 {
            return 1.0;
        }
        let distance = self.sum().abs_diff(self.mean()) as f64 / 2.0;
        let z = (distance - 0.5).max(0.0) / variance.sqrt();
        erfc(z / std::f64::consts::SQRT_2).min(1.0)
    }
}

/// t³ − t, by which a group of t equal figures lessens the variance.
fn cube_less(size: f64) -> f64 {
    size * size * size - size
}

/// The complementary error function for arguments from zero, within 1.2e-7 of itself.
///
/// Source: W. H. Press and others, "Numerical Recipes in C", 2nd edition, section 6.2.
fn erfc(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let series = COEFFICIENTS.iter().rev().fold(0.0, |sum, c| sum * t + c);
    t * (series - x * x).exp()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(left: &[f64], right: &[f64], expected: f64) {
        for p in [two_sided_p(left, right), two_sided_p(right, left)] {
            assert!((p - expected).abs() < 1e-7, "{p}, not {expected}");
        }
    }

    /// Expected figures: scipy 1.17.1, `mannwhitneyu(left, right, method="exact")`.
    #[test]
    fn exact_where_no_figures_are_equal() {
        check(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 0.1);
        check(
            &[1.0, 2.0, 3.0, 4.0],
            &[5.0, 6.0, 7.0, 8.0],
            0.028_571_428_571,
        );
        check(
            &[1.1, 2.2, 3.3, 9.9, 4.4],
            &[5.5, 6.6, 0.7, 8.8, 7.7],
            0.547_619_047_619,
        );
        check(
            &[19.0, 22.0, 16.0, 29.0, 24.0],
            &[20.0, 11.0, 17.0, 12.0],
            0.111_111_111_111,
        );
        check(
            &[30.0, 14.0, 28.0, 36.0, 20.0, 46.0, 51.0],
            &[60.0, 40.0, 33.0, 59.0, 48.0, 21.0, 70.0],
            0.097_319_347_319,
        );
    }

    /// Expected figures: scipy 1.17.1, `mannwhitneyu` with
    /// `method=PermutationMethod(n_resamples=inf)`, which tries every division.
    #[test]
    fn exact_where_some_figures_are_equal() {
        check(
            &[1.0, 2.0, 2.0, 3.0, 4.0],
            &[2.0, 4.0, 5.0, 5.0, 6.0],
            0.087_301_587_302,
        );
        check(
            &[10.0, 10.0, 10.0, 11.0, 12.0, 13.0, 14.0],
            &[10.0, 12.0, 14.0, 15.0, 15.0, 16.0, 17.0],
            0.040_209_790_210,
        );
        check(
            &[0.0, 0.0, 0.0, 0.0, 0.0],
            &[0.0, 0.0, 1.0, 2.0, 0.0],
            0.444_444_444_444,
        );
        check(&[5.0; 6], &[5.0; 7], 1.0);
    }

    /// Expected figures: scipy 1.17.1, `mannwhitneyu(left, right, method="asymptotic")`, without
    /// and with figures that are equal.
    #[test]
    fn many_figures_are_approximated() {
        let left: Vec<f64> = (1..26).map(f64::from).collect();
        let right = |step: f64| -> Vec<f64> { (1..23).map(|i| f64::from(i) + step).collect() };
        check(&left, &right(4.5), 0.169_086_613_260);
        check(&left, &right(6.0), 0.044_942_909_073);
        check(&[5.0; 30], &[5.0; 30], 1.0);
    }

    #[test]
    fn nothing_is_told_of_nothing() {
        check(&[], &[1.0, 2.0], 1.0);
        assert_eq!(least_p(0, 4), 1.0);
    }

    #[test]
    fn the_least_p_is_that_of_sides_that_do_not_overlap() {
        for left in 1..12 {
            for right in 1..12 {
                let low: Vec<f64> = (0..left).map(f64::from).collect();
                let high: Vec<f64> = (0..right).map(|i| f64::from(100 + i)).collect();
                let least = least_p(low.len(), high.len());
                let p = two_sided_p(&low, &high);
                assert!((p - least).abs() < 1e-12, "{left}, {right}: {p}, {least}");
            }
        }
    }

    proptest! {
        #[test]
        fn sides_and_scale_do_not_matter(
            left in prop::collection::vec(0_u8..20, 1..12),
            right in prop::collection::vec(0_u8..20, 1..12),
        ) {
            let figures = |side: &[u8], scale: f64| -> Vec<f64> {
                side.iter().map(|&figure| f64::from(figure) * scale).collect()
            };
            let p = two_sided_p(&figures(&left, 1.0), &figures(&right, 1.0));
            prop_assert!((0.0..=1.0).contains(&p) && p > 0.0);
            prop_assert!((p - two_sided_p(&figures(&right, 1.0), &figures(&left, 1.0))).abs() < 1e-12);
            prop_assert!((p - two_sided_p(&figures(&left, 0.3), &figures(&right, 0.3))).abs() < 1e-12);
        }
    }
}
