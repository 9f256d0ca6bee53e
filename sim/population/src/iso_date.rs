//! Dates as `YYYY-MM-DD`, for `#[serde(with = "sim_population::iso_date")]` and for reading.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Reads `YYYY-MM-DD`; `None` where the text is anything else or the day does not exist.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    Date::parse(text, FORMAT).ok()
}

/// Writes a date of the years 0 to 9999.
#[must_use]
pub fn to_text(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// For serde.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(*date))
}

/// For serde.
///
/// # Errors
///
/// A text that is not a date of the form `YYYY-MM-DD`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a date, YYYY-MM-DD")))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn dates_are_read_and_written_alike() {
        assert_eq!(parse("1938-02-03"), Some(date!(1938 - 02 - 03)));
        assert_eq!(to_text(date!(1938 - 02 - 03)), "1938-02-03");
        for refused in [
            "",
            "1938-2-3",
            "1938-02-30",
            "38-02-03",
            "1938-02-03T00:00:00Z",
        ] {
            assert_eq!(parse(refused), None, "{refused}");
        }
    }
}
