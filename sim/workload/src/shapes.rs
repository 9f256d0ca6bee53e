//! Courses of a rate that people know by name: an ordinary day, and the last day of a deadline.
//!
//! A [`Shape`] says only how the hours of a day stand to each other; a mean rate and the length
//! of a day make points of a [`RateProfile`](crate::RateProfile) of it.

use std::iter;
use std::time::Duration;

use thiserror::Error;

use crate::rate::RatePoint;

/// Hours of a day, and of every shape.
const HOURS: usize = 24;

/// Share of the day in the busiest hour where a scenario names none: three times the mean, the
/// rule of thumb for office hours.
pub const BUSY_HOUR: f64 = 3.0 / HOURS as f64;

/// Greatest share of a day that an hour can have; a steeper one would be a spike, which has steps
/// of its own.
pub const MAX_BUSY_HOUR: f64 = 0.6;

/// Halvings of the interval in which the steepness of a day is sought: to the last digit.
const BISECTIONS: u32 = 60;
/// Steepest day that is sought: next to nothing is left beside the busiest hour.
const MAX_STEEPNESS: f64 = 400.0;

/// An ordinary working day at a public service, from midnight: how busy the middle of each hour is
/// against the busiest. People look before work, most before noon, less at lunch and little in the
/// evening; machines keep the night from being empty.
const WORKING_DAY: [f64; HOURS] = [
    0.10, 0.07, 0.06, 0.05, 0.06, 0.09, 0.17, 0.36, 0.68, 0.93, 1.00, 0.97, 0.80, 0.84, 0.91, 0.85,
    0.70, 0.52, 0.41, 0.37, 0.34, 0.30, 0.23, 0.15,
];

/// The last day of a deadline, from the opening: as Estonia's election of March 2023 had it over
/// six days, where the first hour had 66 % of the busiest, the hour before the last 73 %, the
/// quietest 0.4 %, and the busiest 4.45 times the mean
/// (ERR News 1608922796; the hours between are filled in evenly).
const DEADLINE: [f64; HOURS + 1] = [
    0.66, 0.50, 0.34, 0.26, 0.23, 0.21, 0.20, 0.19, 0.19, 0.17, 0.10, 0.05, 0.02, 0.006, 0.004,
    0.004, 0.006, 0.02, 0.07, 0.15, 0.24, 0.36, 0.52, 0.73, 1.00,
];

/// How the hours of a day stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// An ordinary working day, from midnight.
    Diurnal {
        /// Share of the day in its busiest hour: above 1/24, at most [`MAX_BUSY_HOUR`].
        busy_hour: f64,
    },
    /// The last day of a deadline: a spike as it opens, a quiet night, a spike as it closes.
    DeadlineDay,
}

/// A shape that no day has: its busiest hour is not between an even day and [`MAX_BUSY_HOUR`].
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error(
    "an hour with {:.1} % of the day is not the busiest of 24: it has above 4.2 % and at most {} %",
    .0 * 100.0, MAX_BUSY_HOUR * 100.0
)]
pub struct ShapeError(pub f64);

// === impl Shape ===

impl Shape {
    /// The shape over `days` days of the length `day`, with `mean` arrivals a second on average:
    /// the points of a [`RateProfile`](crate::RateProfile).
    ///
    /// # Errors
    ///
    /// Where the busiest hour is not one.
    pub fn points(self, mean: f64, day: Duration, days: u32) -> Result<Vec<RatePoint>, ShapeError> {
        let line = self.line()?;
        let all: f64 = line.windows(2).map(area).sum();
        let point = |number: u32, (hours, level): (f64, f64)| RatePoint {
            at: day * number + day.mul_f64(hours / HOURS as f64),
            per_second: mean * level * HOURS as f64 / all,
        };
        let days = (0..days).flat_map(|number| line.iter().map(move |&at| point(number, at)));
        Ok(days.collect())
    }

    /// How many people are there at once over one day of the length `day`, `most` at its busiest and
    /// never nobody: after each time another number, reached by then.
    ///
    /// # Errors
    ///
    /// Where the busiest hour is not one.
    pub fn crowd(self, most: u32, day: Duration) -> Result<Vec<(Duration, u32)>, ShapeError> {
        let line = self.line()?;
        let busiest = line.iter().map(|(_, level)| *level).fold(0.0, f64::max);
        let people = |hours: f64| {
            let share = level_at(&line, hours) / busiest;
            (f64::from(most) * share).round().max(1.0) as u32
        };
        // Seconds are the shortest steps that a crowd is told in.
        let steps = (HOURS as u64).min(day.as_secs()).max(1) as u32;
        let at = |step: u32| f64::from(step) / f64::from(steps);
        let parts = (0..=steps).map(|step| {
            let part = at(step);
            (day.mul_f64(part), people(part * HOURS as f64))
        });
        Ok(parts.collect())
    }

    /// Hours since the day began, and how busy it is then.
    fn line(self) -> Result<Vec<(f64, f64)>, ShapeError> {
        Ok(match self {
            Self::DeadlineDay => (0_u32..).map(f64::from).zip(DEADLINE).collect(),
            Self::Diurnal { busy_hour } => working_day(steepness(busy_hour)?),
        })
    }
}

/// How busy it is after so many hours, on the line between the points around them.
fn level_at(line: &[(f64, f64)], hours: f64) -> f64 {
    let around = line
        .windows(2)
        .find(|pair| hours <= pair[1].0)
        .unwrap_or(&line[line.len() - 2..]);
    let ((from, before), (to, after)) = (around[0], around[1]);
    let part = ((hours - from) / (to - from)).clamp(0.0, 1.0);
    (after - before).mul_add(part, before)
}

/// The working day with its differences stretched: 0 makes it even.
fn working_day(steepness: f64) -> Vec<(f64, f64)> {
    let levels = WORKING_DAY.map(|level| level.powf(steepness));
    let midnight = f64::midpoint(levels[0], levels[HOURS - 1]);
    let middles = (0_u32..).map(|hour| f64::from(hour) + 0.5).zip(levels);
    let begins = iter::once((0.0, midnight));
    let ends = iter::once((HOURS as f64, midnight));
    begins.chain(middles).chain(ends).collect()
}

/// How steep the working day has to be for its busiest hour to have this share.
fn steepness(busy_hour: f64) -> Result<f64, ShapeError> {
    let busiest = |steepness| {
        let day = working_day(steepness);
        // From half an hour before its middle to half an hour after: three quarters of its own
        // level, and an eighth of each neighbour's.
        let hours = day[1..=HOURS].windows(3);
        let hours = hours.map(|of| of[1].1.mul_add(0.75, (of[0].1 + of[2].1) * 0.125));
        hours.fold(0.0, f64::max) / day.windows(2).map(area).sum::<f64>()
    };
    let is_possible = busy_hour > 1.0 / HOURS as f64 && busy_hour <= MAX_BUSY_HOUR;
    if !is_possible || busiest(MAX_STEEPNESS) < busy_hour {
        return Err(ShapeError(busy_hour));
    }
    let (mut low, mut high) = (0.0, MAX_STEEPNESS);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if busiest(middle) < busy_hour {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// The area below the line from one point to the next.
fn area(pair: &[(f64, f64)]) -> f64 {
    (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::RateProfile;

    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn profile(shape: Shape, mean: f64, day: Duration, days: u32) -> RateProfile {
        let points = shape.points(mean, day, days).expect("there is such a day");
        RateProfile::through(&points).expect("its rates are sane")
    }

    /// Arrivals of each hour.
    fn hourly(profile: &RateProfile) -> Vec<f64> {
        let hour = DAY / 24;
        let until = |hours| profile.count_until(hour * hours);
        (0..24).map(|at| until(at + 1) - until(at)).collect()
    }

    fn busiest(hours: &[f64]) -> f64 {
        hours.iter().copied().fold(0.0, f64::max)
    }

    #[test]
    fn the_busiest_hour_has_the_share_it_was_given_and_the_day_its_volume() {
        for busy_hour in [0.05, BUSY_HOUR, 0.3, 0.4, 0.6] {
            let profile = profile(Shape::Diurnal { busy_hour }, 10.0, DAY, 1);
            let hours = hourly(&profile);
            let all: f64 = hours.iter().sum();
            assert!((all - 864_000.0).abs() < 1e-3, "{all}");
            let share = busiest(&hours) / all;
            assert!((share - busy_hour).abs() < 1e-9, "{share} for {busy_hour}");
            // Ten to eleven in the morning, whatever the share.
            assert!((hours[10] - busiest(&hours)).abs() < 1e-6, "{hours:?}");
        }
    }

    #[test]
    fn a_crowd_follows_the_day_and_never_goes_home() {
        let crowd = Shape::DeadlineDay
            .crowd(200, Duration::from_secs(48))
            .unwrap();
        assert_eq!(crowd.len(), HOURS + 1);
        assert_eq!(crowd[0], (Duration::ZERO, 132));
        assert_eq!(crowd[HOURS], (Duration::from_secs(48), 200));
        assert_eq!(crowd[14], (Duration::from_secs(28), 1));
        let short = Shape::DeadlineDay
            .crowd(10, Duration::from_millis(2_500))
            .unwrap();
        assert_eq!(short.len(), 3);
        let office = Shape::Diurnal {
            busy_hour: BUSY_HOUR,
        };
        let office = office.crowd(100, Duration::from_secs(3_600)).unwrap();
        let most = office.iter().map(|(_, people)| *people).max();
        assert!((95..=100).contains(&most.unwrap()), "{office:?}");
        assert!(Shape::Diurnal { busy_hour: 0.01 }.crowd(1, DAY).is_err());
    }

    #[test]
    fn a_deadline_day_opens_and_closes_with_a_spike_and_has_a_quiet_night() {
        let profile = profile(Shape::DeadlineDay, 1.0, DAY, 1);
        let highest = profile.highest_rate();
        assert!((highest - 4.45).abs() < 0.03, "{highest}");
        let at_hour = |hour: f64| profile.rate_at(DAY.mul_f64(hour / 24.0)) / highest;
        assert!((at_hour(0.0) - 0.66).abs() < 1e-9);
        assert!((at_hour(14.5) - 0.004).abs() < 1e-9);
        assert!(at_hour(23.999_999) > 0.99);
    }

    #[test]
    fn days_follow_each_other_and_may_be_short() {
        let minute = Duration::from_secs(60);
        let days = profile(Shape::DeadlineDay, 100.0, minute, 3);
        assert_eq!(days.end(), Some(3 * minute));
        assert_eq!(days.arrivals(), Some(18_000));
        let first = days.count_until(minute);
        assert!((first - 6_000.0).abs() < 1e-6, "{first}");
    }

    #[test]
    fn hours_that_cannot_be_the_busiest() {
        for busy_hour in [0.0, 1.0 / 24.0, 0.61, f64::NAN] {
            let refused = Shape::Diurnal { busy_hour }.points(1.0, DAY, 1);
            assert!(
                matches!(refused, Err(ShapeError(_))),
                "{busy_hour}: {refused:?}"
            );
        }
    }
}
