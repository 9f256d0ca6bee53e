//! Several questions asked at once: p-values adjusted so that one of many does not look like news
//! by chance.
//!
//! Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979. Nothing is
//! assumed of how the questions hang together: throughput and response time often say the same.

/// The adjusted p-values, in the order given. Where nothing has changed, the chance that any of
/// them is at most α is at most α.
#[must_use]
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut greatest = 0.0_f64;
    for (step, &index) in order.iter().enumerate() {
        let open = (p_values.len() - step) as f64;
        // A larger p never ends up below a smaller one.
        greatest = greatest.max(p_values[index] * open).min(1.0);
        adjusted[index] = greatest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(p_values: &[f64], expected: &[f64]) {
        let adjusted = adjusted(p_values);
        assert_eq!(adjusted.len(), expected.len());
        for (got, wanted) in adjusted.iter().zip(expected) {
            assert!((got - wanted).abs() < 1e-12, "{adjusted:?}");
        }
    }

    #[test]
    fn worked_by_hand() {
        check(&[], &[]);
        check(&[0.03], &[0.03]);
        // 4 x 0.005, 3 x 0.01, 2 x 0.03, then 0.04 lifted to what stands before it.
        check(&[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
        check(&[0.5, 0.6], &[1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn never_below_the_p_value_nor_above_bonferroni(
            p_values in prop::collection::vec(0.0..=1.0_f64, 0..12),
        ) {
            let all = p_values.len() as f64;
            for (adjusted, p) in adjusted(&p_values).iter().zip(&p_values) {
                prop_assert!(adjusted >= p && *adjusted <= (p * all).min(1.0) + 1e-12);
            }
        }
    }
}
