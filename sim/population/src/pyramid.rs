//! The age pyramid: how many of each age and sex there are, and how many of those have died.
//!
//! The curves follow Gompertz's law (mortality grows exponentially with age) with parameters near
//! those of a European country today. They give a realistic shape, not statistics: women outlive
//! men, and the dead are older than the living.

use std::ops::RangeInclusive;

use time::Date;

use crate::id_scheme::Sex;
use crate::plan::Ages;

/// Age of the youngest, in completed years at the reference date.
const YOUNGEST: i32 = 64;
/// Ages there are: 64 to 100.
const AGES: usize = 37;
/// Women of each age, relative to 1,000 at the youngest.
const WOMEN: [u64; AGES] = [
    1000, 992, 983, 973, 963, 951, 938, 924, 909, 892, 874, 854, 832, 808, 783, 756, 727, 695, 662,
    627, 590, 552, 512, 470, 428, 386, 343, 301, 260, 221, 184, 149, 118, 91, 68, 49, 33,
];
/// Men of each age, on the same scale.
const MEN: [u64; AGES] = [
    800, 785, 769, 751, 733, 714, 693, 671, 649, 625, 600, 574, 546, 518, 489, 460, 429, 398, 367,
    336, 305, 275, 245, 216, 188, 162, 138, 115, 94, 76, 60, 46, 35, 25, 18, 12, 8,
];
/// Yearly deaths of women per 10,000 of each age.
const MORTALITY_OF_WOMEN: [u64; AGES] = [
    80, 89, 99, 110, 122, 135, 150, 167, 185, 206, 229, 254, 282, 313, 348, 386, 429, 477, 530,
    588, 653, 726, 806, 895, 994, 1104, 1227, 1362, 1513, 1681, 1867, 2074, 2303, 2558, 2841, 3156,
    3505,
];
/// Yearly deaths of men per 10,000 of each age.
const MORTALITY_OF_MEN: [u64; AGES] = [
    190, 206, 224, 244, 265, 288, 313, 340, 369, 401, 436, 473, 514, 559, 607, 660, 717, 779, 846,
    920, 999, 1086, 1180, 1282, 1393, 1513, 1644, 1787, 1941, 2109, 2292, 2490, 2705, 2940, 3194,
    3470, 3771,
];

/// Those of one sex born within the twelve months that make one age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cohort {
    /// Their sex.
    pub(crate) sex: Sex,
    /// Julian day number of the first birth day.
    pub(crate) first_day: i32,
    /// Birth days: 365 or 366.
    pub(crate) days: u32,
    weight: u64,
    mortality: u64,
}

/// Everybody: the first age of a band, its people per 10,000 of all, and yearly deaths per 100,000
/// of them; a shape that gives some 11.8 deaths a year per 1,000 people, near Estonia's.
const BANDS: [(i32, u64, u64); 9] = [
    (0, 1_600, 15),
    (15, 1_500, 60),
    (30, 2_200, 160),
    (45, 1_400, 400),
    (55, 1_250, 950),
    (65, 1_150, 2_000),
    (75, 630, 5_200),
    (85, 240, 13_500),
    (95, 30, 27_000),
];
/// Ages there are of everybody: 0 to 100.
pub(crate) const ALL_AGES: u32 = 101;

/// What an age weighs and how it dies, women and men.
struct OfAge {
    age: i32,
    weights: [u64; 2],
    mortality: [u64; 2],
}

fn pensioners() -> Vec<OfAge> {
    let ages = (YOUNGEST..).enumerate().take(AGES);
    ages.map(|(at, age)| OfAge {
        age,
        weights: [WOMEN[at], MEN[at]],
        mortality: [MORTALITY_OF_WOMEN[at], MORTALITY_OF_MEN[at]],
    })
    .collect()
}

fn everybody() -> Vec<OfAge> {
    let ages = 0..ALL_AGES as i32;
    ages.map(|age| {
        let band = BANDS.iter().rposition(|(first, ..)| *first <= age);
        let band = band.expect("the first band begins with 0");
        let (first, people, deaths) = BANDS[band];
        let next = BANDS.get(band + 1).map_or(ALL_AGES as i32, |next| next.0);
        let width = u64::from((next - first).unsigned_abs());
        // Of 100 newborn 49 are girls; women are ever more of the old.
        let women = 49 + u64::from((age - 40).max(0).unsigned_abs()) * 2 / 5;
        OfAge {
            age,
            weights: [people * women / width, people * (100 - women) / width],
            // Men die about twice as often as women of their age.
            mortality: [deaths * 7 / 10, deaths * 14 / 10],
        }
    })
    .collect()
}

/// The cohorts of a reference date, from the youngest on, women first; `None` where the calendar
/// does not reach that far back.
pub(crate) fn cohorts(reference_date: Date, ages: Ages) -> Option<Vec<Cohort>> {
    let ages = match ages {
        Ages::Pensioners => pensioners(),
        Ages::All => everybody(),
    };
    let mut cohorts = Vec::with_capacity(2 * ages.len());
    for OfAge {
        age,
        weights,
        mortality,
    } in ages
    {
        let last_day = years_before(reference_date, age)?.to_julian_day();
        let first_day = years_before(reference_date, age + 1)?.to_julian_day() + 1;
        let days = u32::try_from(last_day - first_day + 1).ok()?;
        let [women, men] = weights;
        let [of_women, of_men] = mortality;
        for (sex, weight, mortality) in [(Sex::Female, women, of_women), (Sex::Male, men, of_men)] {
            cohorts.push(Cohort {
                sex,
                first_day,
                days,
                weight,
                mortality,
            });
        }
    }
    Some(cohorts)
}

/// How many of `people` belong to each of `cohorts`, where a birth day has `serials` IDs.
///
/// The cohorts must have room for all.
pub(crate) fn sizes(cohorts: &[Cohort], people: u64, serials: u32) -> Vec<u64> {
    let weights: Vec<u64> = cohorts.iter().map(|cohort| cohort.weight).collect();
    let room: Vec<u64> = cohorts
        .iter()
        .map(|cohort| cohort.capacity(serials))
        .collect();
    apportion(people, &weights, &room)
}

/// How many of `deceased` belong to each of `cohorts`, whose `sizes` are not exceeded.
pub(crate) fn deaths(cohorts: &[Cohort], sizes: &[u64], deceased: u64) -> Vec<u64> {
    let weights: Vec<u64> = cohorts
        .iter()
        .zip(sizes)
        .map(|(cohort, size)| cohort.mortality * size)
        .collect();
    apportion(deceased, &weights, sizes)
}

/// Shares `total` out by weight, exactly, with at most `room[i]` for each.
///
/// Rounding the running sums instead of the shares keeps the total exact and spreads what little
/// there is evenly; what finds no room goes to those who have some, again by weight.
fn apportion(total: u64, weights: &[u64], room: &[u64]) -> Vec<u64> {
    debug_assert!(total <= room.iter().sum());
    let mut shares = vec![0; weights.len()];
    let mut left = total;
    while left > 0 {
        let open = |at: usize, shares: &[u64]| {
            if shares[at] < room[at] {
                weights[at]
            } else {
                0
            }
        };
        let sum: u128 = (0..weights.len())
            .map(|at| u128::from(open(at, &shares)))
            .sum();
        debug_assert!(sum > 0, "whoever has room has weight");
        let (mut running, mut given, mut placed) = (0_u128, 0_u64, 0_u64);
        for at in 0..weights.len() {
            running += u128::from(open(at, &shares));
            let due = u64::try_from(u128::from(left) * running / sum).unwrap_or(left);
            let share = (due - given).min(room[at] - shares[at]);
            shares[at] += share;
            placed += share;
            given = due;
        }
        left -= placed;
    }
    shares
}

/// The same day `years` earlier; 28 February for a 29 February that is not there.
fn years_before(date: Date, years: i32) -> Option<Date> {
    let year = date.year() - years;
    date.replace_year(year)
        .or_else(|_| Date::from_calendar_date(year, date.month(), 28))
        .ok()
}

impl Cohort {
    /// National IDs there are for this cohort.
    pub(crate) fn capacity(&self, serials: u32) -> u64 {
        u64::from(self.days) * u64::from(serials)
    }

    /// Whether all its birth days are among `days`, as Julian day numbers.
    pub(crate) fn lies_in(&self, days: &RangeInclusive<i32>) -> bool {
        let last_day = self.first_day.saturating_add_unsigned(self.days - 1);
        days.contains(&self.first_day) && days.contains(&last_day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn cohorts_follow_each_other_without_gap_also_on_a_leap_day() {
        for reference in [
            date!(2026 - 02 - 05),
            date!(2024 - 02 - 29),
            date!(2023 - 12 - 31),
        ] {
            let pensioners = cohorts(reference, Ages::Pensioners).unwrap();
            assert_eq!(pensioners.len(), 2 * AGES);
            let all = cohorts(reference, Ages::All).unwrap();
            assert_eq!(all.len(), 2 * ALL_AGES as usize);
            assert_eq!(
                all[0].first_day + all[0].days as i32,
                reference.to_julian_day() + 1
            );
            for cohorts in [pensioners, all] {
                follow_each_other(&cohorts);
            }
        }
    }

    fn follow_each_other(cohorts: &[Cohort]) {
        for (younger, older) in cohorts.iter().zip(&cohorts[2..]) {
            let after = older.first_day + i32::try_from(older.days).unwrap();
            assert_eq!(after, younger.first_day);
            assert!((365..=366).contains(&older.days));
        }
    }

    /// The parts of all people and the deaths a year per 1,000 are near Estonia's of 2024.
    #[test]
    fn a_country_is_as_old_and_dies_as_a_european_one() {
        let cohorts = cohorts(date!(2024 - 01 - 01), Ages::All).unwrap();
        let people = 1_374_687;
        let sizes = sizes(&cohorts, people, 1_000);
        let permille = |ages: std::ops::Range<usize>| {
            let sum: u64 = sizes[2 * ages.start..2 * ages.end].iter().sum();
            sum * 1_000 / people
        };
        assert!(
            (155..=165).contains(&permille(0..15)),
            "{}",
            permille(0..15)
        );
        assert!(
            (195..=215).contains(&permille(65..101)),
            "{}",
            permille(65..101)
        );
        let dead: u64 = cohorts
            .iter()
            .zip(&sizes)
            .map(|(cohort, size)| cohort.mortality * size)
            .sum();
        let per_mille = dead as f64 / 1e5 / people as f64 * 1e3;
        assert!((11.0..12.5).contains(&per_mille), "{per_mille}");
        let women: u64 = sizes.iter().step_by(2).sum();
        assert!(
            (515..=540).contains(&(women * 1_000 / people)),
            "{women} women"
        );
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_total_and_find_room(
            parts in prop::collection::vec((1_u64..1_000, 0_u64..50), 1..20),
            fraction in 0.0_f64..=1.0,
        ) {
            let (weights, room): (Vec<u64>, Vec<u64>) = parts.into_iter().unzip();
            let total = (room.iter().sum::<u64>() as f64 * fraction) as u64;
            let shares = apportion(total, &weights, &room);
            prop_assert_eq!(shares.iter().sum::<u64>(), total);
            prop_assert!(shares.iter().zip(&room).all(|(share, room)| share <= room));
        }
    }

    #[test]
    fn shares_follow_the_weights() {
        assert_eq!(apportion(10, &[1, 3, 1], &[9, 9, 9]), [2, 6, 2]);
        assert_eq!(apportion(10, &[1, 3, 1], &[9, 4, 9]), [3, 4, 3]);
    }
}
