//! How much runs of one build differ among themselves.
//!
//! Means and standard deviations follow one odd run wherever it goes; medians do not. The spread
//! told here is what the standard deviation would be without odd runs.
//!
//! Sources: P. J. Rousseeuw, C. Croux, "Alternatives to the Median Absolute Deviation", 1993; for
//! few figures, C. Croux, P. J. Rousseeuw, "Time-Efficient Algorithms for Two Highly Robust
//! Estimators of Scale", 1992.

/// The median absolute deviation of normal figures, times this, is their standard deviation.
const NORMAL: f64 = 1.482_6;

/// The deviation of few figures is too small in the mean; this much, for 2 to 9 of them.
const FEW: [f64; 8] = [1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107];

/// The middle figure, or the mean of the two in the middle; absent where there is none.
#[must_use]
pub fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    let middle = sorted.len() / 2;
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(sorted[middle - 1], upper))
}

/// The robust standard deviation, in the figures' unit: from the median absolute deviation.
/// Absent for fewer than two figures.
#[must_use]
pub fn spread(figures: &[f64]) -> Option<f64> {
    if figures.len() < 2 {
        return None;
    }
    let middle = median(figures)?;
    let deviations: Vec<f64> = figures
        .iter()
        .map(|figure| (figure - middle).abs())
        .collect();
    let count = figures.len();
    let of_few = FEW
        .get(count - 2)
        .copied()
        .unwrap_or_else(|| count as f64 / (count as f64 - 0.8));
    Some(median(&deviations)? * NORMAL * of_few)
}

/// The robust coefficient of variation: [`spread`] as a part of the median. Absent where the
/// median is not above zero.
#[must_use]
pub fn relative_spread(figures: &[f64]) -> Option<f64> {
    let middle = median(figures).filter(|&middle| middle > 0.0)?;
    Some(spread(figures)? / middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_few() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(spread(&[3.0]), None);
        assert_eq!(relative_spread(&[0.0, 0.0, 0.0]), None);
    }

    #[test]
    fn one_odd_run_changes_little() {
        let quiet = [98.0, 99.0, 100.0, 101.0, 102.0, 103.0, 97.0];
        let mut odd = quiet;
        odd[4] = 900.0;
        let (quiet, odd) = (relative_spread(&quiet), relative_spread(&odd));
        // Deviations 0, 1, 1, 2, 2, 3, 3: the middle one is 2.
        assert!(
            (quiet.unwrap() - 0.02 * NORMAL * 1.2).abs() < 0.004,
            "{quiet:?}"
        );
        assert!(odd.unwrap() < 2.0 * quiet.unwrap(), "{odd:?}");
    }
}
