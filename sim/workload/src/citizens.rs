//! What citizens come to the portal for, with which carrier, and how long they think.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution that 99 of 100 stay below.
const Z99: f64 = 2.326_347_874_040_841;

/// What somebody proves with who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carrier {
    /// A card with a certificate, shown over TLS.
    IdCard,
    /// A key in the SIM of a phone.
    MobileId,
    /// A key in an app on a phone.
    SmartId,
}

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Journey {
    /// To log in and out again.
    Visit,
    /// To see what the registries hold of them.
    Look,
    /// To see who looked at their data.
    Track,
    /// To apply for a benefit, with a signed application.
    Apply,
    /// To book an appointment with a doctor.
    Book,
    /// To declare their income, with a signed declaration.
    Declare,
    /// To found a company, as an e-resident where there are any.
    Found,
    /// To let an assistant act for them, in bursts of small calls.
    Assist,
    /// To open their health data to an insurer by consent, and to close them again.
    Consent,
}

/// How long people take: half of them no longer than the median, 99 of 100 no longer than the p99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    /// Milliseconds.
    pub median_ms: u64,
    /// Milliseconds; above the median.
    pub p99_ms: u64,
}

/// What people come for, with what, and how long they think.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenPlan {
    /// What they come for, each with its weight; at least one.
    pub journeys: Vec<(Journey, u32)>,
    /// What they log in with, each with its weight; at least one.
    pub carriers: Vec<(Carrier, u32)>,
    /// How long they look at a page before they go on.
    pub think: Taking,
}

// === impl Carrier ===

impl Carrier {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::IdCard, Self::MobileId, Self::SmartId];

    /// Its name in files and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdCard => "id-card",
            Self::MobileId => "mobile-id",
            Self::SmartId => "smart-id",
        }
    }
}

// === impl Journey ===

impl Journey {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Visit,
        Self::Look,
        Self::Track,
        Self::Apply,
        Self::Book,
        Self::Declare,
        Self::Found,
        Self::Assist,
        Self::Consent,
    ];

    /// Its name in files and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Look => "look",
            Self::Track => "track",
            Self::Apply => "apply",
            Self::Book => "book",
            Self::Declare => "declare",
            Self::Found => "found",
            Self::Assist => "assist",
            Self::Consent => "consent",
        }
    }
}

// === impl Taking ===

impl Taking {
    /// What somebody takes who is slower than the share `quantile` (above 0, below 1) of all:
    /// log-normal, as times that people take are.
    #[must_use]
    pub fn quantile(self, quantile: f64) -> Duration {
        let median = self.median_ms as f64;
        let sigma = (self.p99_ms as f64 / median).ln() / Z99;
        let ms = median * (sigma * normal_quantile(quantile)).exp();
        Duration::from_secs_f64((ms / 1_000.0).clamp(0.0, 3_600.0))
    }
}

/// Where a share `p` of the normal distribution lies below, to three digits: by bisection of the
/// logistic-like tail that Abramowitz and Stegun (*Handbook of Mathematical Functions*, 26.2.23)
/// approximate.
fn normal_quantile(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 0.010_328f64.mul_add(t, 0.802_853).mul_add(t, 2.515_517);
    let denominator = 0.001_308f64
        .mul_add(t, 0.189_269)
        .mul_add(t, 1.432_788)
        .mul_add(t, 1.0);
    let z = t - numerator / denominator;
    if p < 0.5 { -z } else { z }
}

// === impl CitizenPlan ===

impl CitizenPlan {
    /// What somebody comes for whose lot (any number) this is.
    ///
    /// # Panics
    ///
    /// Where there is no journey with a weight.
    #[must_use]
    pub fn journey(&self, lot: u64) -> Journey {
        drawn(&self.journeys, lot)
    }

    /// What somebody logs in with whose lot (any number) this is.
    ///
    /// # Panics
    ///
    /// Where there is no carrier with a weight.
    #[must_use]
    pub fn carrier(&self, lot: u64) -> Carrier {
        drawn(&self.carriers, lot)
    }
}

fn drawn<T: Copy>(of: &[(T, u32)], lot: u64) -> T {
    let total: u64 = of.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut left = lot % total;
    for (choice, weight) in of {
        let weight = u64::from(*weight);
        if left < weight {
            return *choice;
        }
        left -= weight;
    }
    unreachable!("what is drawn lies below the sum of the weights")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_fall_by_weight() {
        let plan = CitizenPlan {
            journeys: vec![(Journey::Look, 3), (Journey::Apply, 0), (Journey::Track, 1)],
            carriers: vec![(Carrier::SmartId, 1)],
            think: Taking {
                median_ms: 1,
                p99_ms: 2,
            },
        };
        let drawn: Vec<Journey> = (0..8).map(|lot| plan.journey(lot)).collect();
        let looks = drawn.iter().filter(|journey| **journey == Journey::Look);
        assert_eq!(looks.count(), 6);
        assert!(!drawn.contains(&Journey::Apply));
        assert_eq!(plan.carrier(u64::MAX), Carrier::SmartId);
    }

    #[test]
    fn times_have_their_median_and_p99() {
        let taking = Taking {
            median_ms: 4_000,
            p99_ms: 30_000,
        };
        let near = |quantile, expected: f64| {
            let found = taking.quantile(quantile).as_secs_f64();
            assert!(
                (found / expected - 1.0).abs() < 0.005,
                "{quantile}: {found}"
            );
        };
        near(0.5, 4.0);
        near(0.99, 30.0);
        near(0.01, 16.0 / 30.0);
        assert!(taking.quantile(0.0) > Duration::ZERO);
        assert!(taking.quantile(1.0) < Duration::from_secs(3_601));
    }
}
