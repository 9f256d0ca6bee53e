//! Times at doctors: the same every day, ahead of now by the clock, whatever day the people are of.

use sim_clock::UtcTime;
use sim_population::iso_date;

/// Days ahead for which slots are offered, and slots of a day.
const DAYS: i64 = 5;
const SLOTS: [&str; 8] = [
    "09:00", "09:20", "09:40", "10:00", "10:20", "13:00", "13:20", "13:40",
];
/// What is compared of a time, in bytes: `2026-02-06T09:20`.
const TO_MINUTES: usize = 16;

/// What is offered: from tomorrow on, so that nobody is offered what is over when they have chosen.
pub(super) fn offered(now: UtcTime) -> impl Iterator<Item = String> {
    of_days(now, 1..=DAYS)
}

/// Whether it is written as slots are, of whatever day.
pub(super) fn is_time(slot: &str) -> bool {
    slot.len() == TO_MINUTES && UtcTime::parse_rfc3339(&format!("{slot}:00Z")).is_some()
}

/// Whether a slot can be booked: also one of today that is ahead, which was offered before midnight.
pub(super) fn is_bookable(slot: &str, now: UtcTime) -> bool {
    let minute = now.rfc3339_seconds();
    slot > &minute[..TO_MINUTES] && of_days(now, 0..=DAYS).any(|known| known == slot)
}

fn of_days(now: UtcTime, days: std::ops::RangeInclusive<i64>) -> impl Iterator<Item = String> {
    let today = now.to_offset_date_time().date();
    days.flat_map(move |days| {
        let day = iso_date::to_text(today + time::Duration::days(days));
        SLOTS.iter().map(move |slot| format!("{day}T{slot}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        UtcTime::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn slots_begin_tomorrow_and_are_the_same_all_day() {
        let morning: Vec<String> = offered(at("2026-02-27T00:00:00Z")).collect();
        let night: Vec<String> = offered(at("2026-02-27T23:59:59Z")).collect();
        assert_eq!(morning, night);
        assert_eq!(morning.len(), 5 * SLOTS.len());
        assert_eq!(morning[0], "2026-02-28T09:00");
        assert_eq!(morning[39], "2026-03-04T13:40");
        assert!(morning.is_sorted());
    }

    #[test]
    fn a_time_is_a_day_and_a_minute() {
        assert!(is_time("2026-02-28T09:01"));
        for bad in [
            "",
            "2026-02-31T09:00",
            "2026-02-28",
            "2026-02-28T09:01:00",
            "x",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn what_was_offered_can_be_booked_until_it_begins() {
        let first = offered(at("2026-02-27T23:59:59Z")).next().unwrap();
        assert!(is_bookable(&first, at("2026-02-27T23:59:59Z")));
        assert!(is_bookable(&first, at("2026-02-28T08:59:59Z")));
        assert!(!is_bookable(&first, at("2026-02-28T09:00:00Z")));
        for never in [
            "",
            "2026-02-28T09:01",
            "2026-02-31T09:00",
            "2026-03-20T09:00",
            "x",
        ] {
            assert!(!is_bookable(never, at("2026-02-27T12:00:00Z")), "{never}");
        }
    }
}
