//! How the rate of arrivals goes over time.
//!
//! A [`RateProfile`] is a line through points of time and rate. The count of arrivals until a time
//! is the area below it, and the time at which the count reaches a value has a closed form in
//! every piece: a deadline never depends on the one before it, so neither rounding nor delay adds
//! up. (Inversion of the cumulative rate: Çinlar, Introduction to Stochastic Processes, 1975,
//! section 4.7.)

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Highest rate accepted: a deadline a nanosecond.
pub const MAX_RATE_PER_S: f64 = 1e9;

/// Lowest rate accepted of a constant load: an arrival in about eleven days.
pub const MIN_RATE_PER_S: f64 = 1e-6;

/// Most points of a profile.
pub const MAX_POINTS: usize = 1_000_000;

/// How the rate of arrivals goes over time.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile {
    /// In order of time, without gaps, never empty.
    pieces: Vec<Piece>,
    /// Absent: the last piece goes on for ever.
    end: Option<End>,
}

/// A part of the profile in which the rate changes steadily.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Seconds since the beginning at which it begins.
    from_s: f64,
    /// Arrivals before that.
    before: f64,
    /// Arrivals a second as it begins.
    per_second: f64,
    /// By how much that changes in a second.
    slope: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    at: Duration,
    /// Arrivals until then.
    arrivals: f64,
}

/// A rate, or a course of rates, that nobody can offer.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum RateError {
    /// A constant rate that is not sane.
    #[error("a rate of {0} a second is not between {MIN_RATE_PER_S} and {MAX_RATE_PER_S}")]
    OutOfBounds(f64),
    /// A rate on the way that is not sane; zero is.
    #[error("point {point}: a rate of {per_second} a second is not between 0 and {MAX_RATE_PER_S}")]
    PointOutOfBounds {
        /// Its number, from 1.
        point: usize,
        /// Its rate.
        per_second: f64,
    },
    /// Time goes back.
    #[error("point {point} is before point {}", .point - 1)]
    GoesBack {
        /// Its number, from 1.
        point: usize,
    },
    /// The first point is not at zero.
    #[error("the first point is not at the beginning")]
    BeginsLate,
    /// Fewer than two points.
    #[error("{0} points make no course of rates: it takes two")]
    TooFew(usize),
    /// More than [`MAX_POINTS`].
    #[error("{0} points are more than {MAX_POINTS}")]
    TooMany(usize),
    /// There is not one arrival below the whole line.
    #[error("the whole course brings {0:.3} arrivals: not one")]
    NoArrivals(f64),
}

/// A point of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePoint {
    /// Since the beginning.
    pub at: Duration,
    /// Arrivals a second.
    pub per_second: f64,
}

/// A course of rates as it stands in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Course {
    /// The same at all times, without end.
    Constant {
        /// Arrivals a second.
        per_second: f64,
    },
    /// A line through points; it ends with the last.
    Through {
        /// See [`RateProfile::through`].
        points: Vec<RatePoint>,
    },
}

// === impl Course ===

impl Course {
    /// Made ready for use.
    ///
    /// # Errors
    ///
    /// Where nobody can offer it.
    pub fn profile(&self) -> Result<RateProfile, RateError> {
        match self {
            Self::Constant { per_second } => RateProfile::constant(*per_second),
            Self::Through { points } => RateProfile::through(points),
        }
    }
}

// === impl RateProfile ===

impl RateProfile {
    /// The same rate at all times, without end.
    ///
    /// # Errors
    ///
    /// Refuses rates outside [`MIN_RATE_PER_S`] to [`MAX_RATE_PER_S`], and NaN.
    pub fn constant(per_second: f64) -> Result<Self, RateError> {
        if !(MIN_RATE_PER_S..=MAX_RATE_PER_S).contains(&per_second) {
            return Err(RateError::OutOfBounds(per_second));
        }
        let piece = Piece {
            from_s: 0.0,
            before: 0.0,
            per_second,
            slope: 0.0,
        };
        Ok(Self {
            pieces: vec![piece],
            end: None,
        })
    }

    /// The line through `points`, the first of which is at zero. Two points at the same time are a
    /// step. The load ends with the last.
    ///
    /// # Errors
    ///
    /// [`RateError`] says which point is wrong, or that nothing would ever arrive.
    pub fn through(points: &[RatePoint]) -> Result<Self, RateError> {
        check(points)?;
        let mut pieces = Vec::with_capacity(points.len() - 1);
        let mut before = 0.0;
        for pair in points.windows(2) {
            let (from_s, to_s) = (pair[0].at.as_secs_f64(), pair[1].at.as_secs_f64());
            let lasts_s = to_s - from_s;
            if lasts_s <= 0.0 {
                continue;
            }
            let (first, last) = (pair[0].per_second, pair[1].per_second);
            pieces.push(Piece {
                from_s,
                before,
                per_second: first,
                slope: (last - first) / lasts_s,
            });
            before += f64::midpoint(first, last) * lasts_s;
        }
        if before.round() < 1.0 {
            return Err(RateError::NoArrivals(before));
        }
        let at = points[points.len() - 1].at;
        let end = Some(End {
            at,
            arrivals: before,
        });
        Ok(Self { pieces, end })
    }

    /// When the load ends by itself; absent where it goes on for ever.
    #[must_use]
    pub fn end(&self) -> Option<Duration> {
        self.end.map(|end| end.at)
    }

    /// Arrivals of the whole profile, to the nearest; absent where it goes on for ever.
    #[must_use]
    pub fn arrivals(&self) -> Option<u64> {
        self.end.map(|end| end.arrivals.round() as u64)
    }

    /// Expected count of arrivals until `at`.
    #[must_use]
    pub fn count_until(&self, at: Duration) -> f64 {
        let at = self.end.map_or(at, |end| at.min(end.at)).as_secs_f64();
        let piece = self.piece(|piece| piece.from_s <= at);
        let into = at - piece.from_s;
        piece.before + into * (piece.per_second + piece.slope * into / 2.0)
    }

    /// Arrivals a second at `at`; none after the end.
    #[must_use]
    pub fn rate_at(&self, at: Duration) -> f64 {
        if self.end.is_some_and(|end| at >= end.at) {
            return 0.0;
        }
        let piece = self.piece(|piece| piece.from_s <= at.as_secs_f64());
        let into = at.as_secs_f64() - piece.from_s;
        piece.per_second + piece.slope * into
    }

    /// Highest rate on the way.
    #[must_use]
    pub fn highest_rate(&self) -> f64 {
        let ends = self.end.map(|end| end.at.as_secs_f64());
        let until = self.pieces.iter().skip(1).map(|next| Some(next.from_s));
        let until = until.chain([ends]);
        let highest = self.pieces.iter().zip(until).map(|(piece, until)| {
            let lasts = until.map_or(0.0, |until| until - piece.from_s);
            piece.per_second.max(piece.per_second + piece.slope * lasts)
        });
        highest.fold(0.0, f64::max)
    }

    /// When the expected count of arrivals reaches `position`; the end where it never does.
    #[must_use]
    pub fn time_of(&self, position: f64) -> Duration {
        if let Some(end) = self.end.filter(|end| position >= end.arrivals) {
            return end.at;
        }
        let piece = self.piece(|piece| piece.before <= position);
        let seconds = piece.from_s + piece.seconds_to(position - piece.before);
        let time = Duration::from_nanos((seconds * 1e9) as u64);
        self.end.map_or(time, |end| time.min(end.at))
    }

    /// The last piece of which `holds` is true; it is of the first.
    fn piece(&self, holds: impl Fn(&Piece) -> bool) -> &Piece {
        let after = self.pieces.partition_point(holds);
        &self.pieces[after.saturating_sub(1)]
    }
}

// === impl Piece ===

impl Piece {
    /// How long after its beginning `count` more have arrived: the root of
    /// `slope/2 · t² + per_second · t = count`, in the form that loses no digits where the slope is
    /// small.
    fn seconds_to(&self, count: f64) -> f64 {
        let root = (self.per_second * self.per_second + 2.0 * self.slope * count)
            .max(0.0)
            .sqrt();
        let sum = self.per_second + root;
        if sum > 0.0 { 2.0 * count / sum } else { 0.0 }
    }
}

fn check(points: &[RatePoint]) -> Result<(), RateError> {
    match points.len() {
        0 | 1 => return Err(RateError::TooFew(points.len())),
        2..=MAX_POINTS => {}
        _ => return Err(RateError::TooMany(points.len())),
    }
    if !points[0].at.is_zero() {
        return Err(RateError::BeginsLate);
    }
    for (number, point) in (1..).zip(points) {
        if !(0.0..=MAX_RATE_PER_S).contains(&point.per_second) {
            return Err(RateError::PointOutOfBounds {
                point: number,
                per_second: point.per_second,
            });
        }
    }
    match points.windows(2).position(|pair| pair[1].at < pair[0].at) {
        Some(index) => Err(RateError::GoesBack { point: index + 2 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(list: &[(u64, f64)]) -> Vec<RatePoint> {
        let point = |&(at_s, per_second): &(u64, f64)| RatePoint {
            at: Duration::from_secs(at_s),
            per_second,
        };
        list.iter().map(point).collect()
    }

    fn through(list: &[(u64, f64)]) -> Result<RateProfile, RateError> {
        RateProfile::through(&points(list))
    }

    #[test]
    fn a_ramp_is_inverted_in_closed_form() {
        // From 0 to 100 a second in 10 s: 5 t² arrivals until t.
        let ramp = through(&[(0, 0.0), (10, 100.0)]).unwrap();
        assert_eq!(ramp.arrivals(), Some(500));
        for (count, seconds) in [(0.0, 0.0), (5.0, 1.0), (125.0, 5.0), (405.0, 9.0)] {
            let time = ramp.time_of(count).as_secs_f64();
            assert!((time - seconds).abs() < 1e-8, "{count} at {time}");
            let back = ramp.count_until(Duration::from_secs_f64(seconds));
            assert!((back - count).abs() < 1e-8, "{back}");
        }
        assert_eq!(ramp.time_of(1e9), Duration::from_secs(10));
        assert!((ramp.rate_at(Duration::from_secs(4)) - 40.0).abs() < 1e-9);
        assert!(ramp.rate_at(Duration::from_secs(10)).abs() < 1e-9);
        assert!((ramp.highest_rate() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_spike_has_steps_and_a_pause_has_no_arrivals() {
        let spike = [
            (0, 10.0),
            (10, 10.0),
            (10, 0.0),
            (20, 0.0),
            (20, 50.0),
            (22, 50.0),
        ];
        let spike = through(&spike).unwrap();
        assert_eq!(spike.arrivals(), Some(200));
        assert_eq!(spike.time_of(99.0), Duration::from_millis(9_900));
        // The hundredth comes right after the pause.
        assert_eq!(spike.time_of(100.0), Duration::from_secs(20));
        assert_eq!(spike.time_of(101.0), Duration::from_millis(20_020));
        assert!((spike.count_until(Duration::from_secs(15)) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_course_that_nobody_can_offer_says_why() {
        assert_eq!(through(&[(0, 1.0)]), Err(RateError::TooFew(1)));
        assert_eq!(through(&[(1, 1.0), (2, 1.0)]), Err(RateError::BeginsLate));
        assert_eq!(
            through(&[(0, 1.0), (5, 1.0), (4, 1.0)]),
            Err(RateError::GoesBack { point: 3 })
        );
        assert_eq!(
            through(&[(0, 1.0), (5, -1.0)]),
            Err(RateError::PointOutOfBounds {
                point: 2,
                per_second: -1.0
            })
        );
        assert_eq!(
            through(&[(0, 0.0), (5, 0.0)]),
            Err(RateError::NoArrivals(0.0))
        );
        for rate in [0.0, -1.0, 1e10, f64::INFINITY, f64::NAN] {
            assert!(RateProfile::constant(rate).is_err(), "{rate}");
        }
    }

    proptest! {
        #[test]
        fn time_and_count_are_inverse(
            rates in proptest::collection::vec(0.0_f64..1e4, 2..12),
            step_ms in 1_u64..100_000,
            share in 0.0_f64..1.0,
        ) {
            let points: Vec<_> = (0..).zip(&rates).map(|(index, &per_second)| RatePoint {
                at: Duration::from_millis(index * step_ms),
                per_second,
            }).collect();
            let Ok(profile) = RateProfile::through(&points) else { return Ok(()) };
            let all = profile.count_until(profile.end().unwrap());
            prop_assert_eq!(profile.arrivals(), Some(all.round() as u64));
            let position = share * all;
            let time = profile.time_of(position);
            let back = profile.count_until(time);
            // A nanosecond of the highest rate, and the digits of the sum.
            let slack = 1e-8 * profile.highest_rate() + 1e-9 * all;
            prop_assert!((back - position).abs() <= slack, "{} against {}", back, position);
        }
    }
}
