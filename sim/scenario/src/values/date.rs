//! Calendar days: `2025-01-05`.

use schemars::{Schema, json_schema};
use time::Date;
use time::macros::format_description;

use super::{Scalar, ValueError};

/// Years in which people live; national identification numbers know no others.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2099;

impl Scalar for Date {
    fn accepted() -> String {
        "a day such as `2025-01-05`, from 1900 to 2099".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let refused = || ValueError::new(format!("`{text}` is no day of the calendar"));
        let day = Self::parse(text, format_description!("[year]-[month]-[day]"));
        day.ok()
            .filter(|day| YEARS.contains(&day.year()))
            .ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_only() {
        let leap_day = <Date as Scalar>::parse("2024-02-29").expect("a leap year");
        assert_eq!((leap_day.year(), leap_day.ordinal()), (2024, 60));
        for text in [
            "2025-02-29",
            "05.01.2025",
            "2025-1-5",
            "1899-12-31",
            "2100-01-01",
            "today",
        ] {
            assert!(<Date as Scalar>::parse(text).is_err(), "{text}");
        }
    }
}
