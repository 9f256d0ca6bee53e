//! How large questions are: a number of people, always the same or spread.

use serde::{Deserialize, Serialize};

/// The standard normal distribution's 99 % quantile: so many standard deviations above the median
/// lies the 99th percentile of what is log-normal.
const Z_99: f64 = 2.326_347_874_040_841;

/// How many national IDs a question has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sizes {
    /// Always so many.
    Fixed(u64),
    /// Every number from the one to the other as often.
    Uniform {
        /// The least; at least 1.
        from: u64,
        /// The most.
        to: u64,
    },
    /// Log-normal, as sizes of messages mostly are: many small ones and few large ones.
    LogNormal {
        /// Half the questions have no more; at least 1.
        median: u64,
        /// 99 of 100 have no more; above the median.
        p99: u64,
    },
}

// === impl Sizes ===

impl Sizes {
    /// The size that the share `p` (above 0, below 1) of all questions does not exceed; at least 1.
    #[must_use]
    pub fn quantile(self, p: f64) -> u64 {
        let size = match self {
            Self::Fixed(size) => return size.max(1),
            // Each of the numbers has the same share, the ends too.
            Self::Uniform { from, to } => {
                let width = (to.saturating_sub(from) + 1) as f64;
                return from + ((p * width) as u64).min(to.saturating_sub(from));
            }
            Self::LogNormal { median, p99 } => {
                let (median, p99) = (median as f64, p99 as f64);
                let sigma = (p99 / median).ln() / Z_99;
                median * (sigma * normal_quantile(p)).exp()
            }
        };
        (size.round() as u64).max(1)
    }

    /// The mean size of `count` questions that are spread evenly over the distribution.
    #[must_use]
    pub fn mean(self, count: u32) -> f64 {
        let share = |place: u32| (f64::from(place) + 0.5) / f64::from(count);
        let sum: f64 = (0..count)
            .map(|place| self.quantile(share(place)) as f64)
            .sum();
        sum / f64::from(count.max(1))
    }

    /// The least and the most that [`Sizes::quantile`] gives for `count` questions that are spread
    /// evenly over the distribution.
    #[must_use]
    pub fn range(self, count: u64) -> (u64, u64) {
        let half = 0.5 / count.max(1) as f64;
        (self.quantile(half), self.quantile(1.0 - half))
    }
}

/// The standard normal distribution's quantile function, by Acklam's rational approximation
/// (relative error below 1.2e-9); 0 < `p` < 1.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    const TAIL: f64 = 0.02425;
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    if p < TAIL {
        tail(p)
    } else if p > 1.0 - TAIL {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_distribution() {
        // Tables of the standard normal distribution.
        for (p, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_964),
            (0.01, -2.326_348),
            (0.999, 3.090_232),
        ] {
            assert!((normal_quantile(p) - expected).abs() < 1e-6, "{p}");
        }
        let sizes = Sizes::LogNormal {
            median: 3,
            p99: 500,
        };
        assert_eq!((sizes.quantile(0.5), sizes.quantile(0.99)), (3, 500));
        assert_eq!(sizes.quantile(1e-9), 1, "nobody asks about nobody");
        let sizes = Sizes::Uniform { from: 2, to: 5 };
        let all: Vec<u64> = (0..8)
            .map(|i| sizes.quantile((f64::from(i) + 0.5) / 8.0))
            .collect();
        assert_eq!(all, [2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(Sizes::Fixed(7).range(10), (7, 7));
        assert_eq!((sizes.range(4), sizes.mean(100)), ((2, 5), 3.5));
    }
}
