//! The Estonian national ID (*isikukood*, EVS 585): `GYYMMDDSSSC`.
//!
//! `G` is the century of birth and the sex (1 and 2 for men and women of the 1800s, and so on),
//! `SSS` the serial number of the day, `C` the check digit.

use std::ops::RangeInclusive;

use time::{Date, Month};

use crate::id_scheme::{IdError, IdParts, IdScheme, NationalId, Sex};

/// The scheme of Estonia.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Isikukood;

/// Characters of an ID.
const LENGTH: usize = 11;
/// Serial numbers 000 to 999 for each sex and day.
const SERIALS: u32 = 1_000;
/// Weights of the ten digits before the check digit; the second row where the first gives 10.
const WEIGHTS: [[u8; LENGTH - 1]; 2] = [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1],
    [3, 4, 5, 6, 7, 8, 9, 1, 2, 3],
];
/// The first day of digit 1.
const FIRST_DAY: Date = time::macros::date!(1800 - 01 - 01);
/// The last day of digit 8.
const LAST_DAY: Date = time::macros::date!(2199 - 12 - 31);

impl IdScheme for Isikukood {
    fn serials(&self) -> u32 {
        SERIALS
    }

    fn birth_days(&self) -> RangeInclusive<Date> {
        FIRST_DAY..=LAST_DAY
    }

    fn compose(&self, parts: &IdParts) -> NationalId {
        debug_assert!(self.birth_days().contains(&parts.birth_date) && parts.serial < SERIALS);
        let (year, month, day) = parts.birth_date.to_calendar_date();
        let year = year as u32;
        let century = (year / 100 - 18) * 2 + if parts.sex == Sex::Male { 1 } else { 2 };
        let (year, month, day) = (year % 100, u32::from(u8::from(month)), u32::from(day));
        let serial = parts.serial;
        let mut digits = [0; LENGTH];
        digits[0] = century as u8;
        (digits[1], digits[2]) = two_digits(year);
        (digits[3], digits[4]) = two_digits(month);
        (digits[5], digits[6]) = two_digits(day);
        digits[7] = (serial / 100) as u8;
        (digits[8], digits[9]) = two_digits(serial % 100);
        digits[LENGTH - 1] = check_digit(&digits);
        NationalId::from_digits(digits)
    }

    fn parse(&self, text: &str) -> Result<IdParts, IdError> {
        let digits = digits(text)?;
        let century = digits[0];
        if !(1..=8).contains(&century) {
            return Err(IdError::Century {
                found: as_written(century),
            });
        }
        let pair = |at: usize| digits[at] * 10 + digits[at + 1];
        let year = 1800 + i32::from((century - 1) / 2) * 100 + i32::from(pair(1));
        let birth_date = Month::try_from(pair(3))
            .and_then(|month| Date::from_calendar_date(year, month, pair(5)))
            .map_err(|_| IdError::BirthDate)?;
        let (expected, found) = (check_digit(&digits), digits[LENGTH - 1]);
        if expected != found {
            let (expected, found) = (as_written(expected), as_written(found));
            return Err(IdError::CheckDigit { expected, found });
        }
        let sex = if century % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        };
        Ok(IdParts {
            birth_date,
            sex,
            serial: u32::from(digits[7]) * 100 + u32::from(pair(8)),
        })
    }
}

fn two_digits(number: u32) -> (u8, u8) {
    ((number / 10) as u8, (number % 10) as u8)
}

fn as_written(digit: u8) -> char {
    char::from(b'0' + digit)
}

fn digits(text: &str) -> Result<[u8; LENGTH], IdError> {
    let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| IdError::Length {
        expected: LENGTH,
        found: text.len(),
    })?;
    match bytes.iter().position(|byte| !byte.is_ascii_digit()) {
        Some(at) => Err(IdError::NotADigit { position: at + 1 }),
        None => Ok(bytes.map(|byte| byte - b'0')),
    }
}

/// The check digit of the first ten `digits`; the eleventh is not looked at.
fn check_digit(digits: &[u8; LENGTH]) -> u8 {
    let remainder = |weights: &[u8; LENGTH - 1]| {
        let sum: u32 = weights
            .iter()
            .zip(digits)
            .map(|(w, d)| u32::from(*w) * u32::from(*d))
            .sum();
        (sum % 11) as u8
    };
    match remainder(&WEIGHTS[0]) {
        10 => remainder(&WEIGHTS[1]) % 10,
        first => first,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn check(text: &str, birth_date: Date, sex: Sex, serial: u32) {
        let parts = IdParts {
            birth_date,
            sex,
            serial,
        };
        assert_eq!(Isikukood.parse(text), Ok(parts));
        assert_eq!(Isikukood.compose(&parts).as_str(), text);
    }

    /// Published samples, then one ID for each further rule of the check digit.
    #[test]
    fn known_ids_are_read_and_written() {
        check("36805280109", date!(1968 - 05 - 28), Sex::Male, 10);
        check("60001019906", date!(2000 - 01 - 01), Sex::Female, 990);
        check("30303039914", date!(1903 - 03 - 03), Sex::Male, 991);
        check("43802030006", date!(1938 - 02 - 03), Sex::Female, 0);
        check("43802030610", date!(1938 - 02 - 03), Sex::Female, 61);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |text| Isikukood.parse(text).unwrap_err();
        assert_eq!(
            refused("3680528010"),
            IdError::Length {
                expected: 11,
                found: 10
            }
        );
        assert_eq!(
            refused(""),
            IdError::Length {
                expected: 11,
                found: 0
            }
        );
        assert_eq!(refused("3680528O109"), IdError::NotADigit { position: 8 });
        assert_eq!(refused("06805280109"), IdError::Century { found: '0' });
        assert_eq!(refused("96805280109"), IdError::Century { found: '9' });
        assert_eq!(refused("36813280109"), IdError::BirthDate);
        assert_eq!(refused("36902290109"), IdError::BirthDate);
        assert_eq!(
            refused("36805280108"),
            IdError::CheckDigit {
                expected: '9',
                found: '8'
            }
        );
    }

    #[test]
    fn only_one_check_digit_is_right() {
        for serial in 0..SERIALS {
            let parts = IdParts {
                birth_date: date!(1938 - 02 - 03),
                sex: Sex::Female,
                serial,
            };
            let id = Isikukood.compose(&parts);
            let (number, check) = id.as_str().split_at(LENGTH - 1);
            for digit in 0..=9 {
                let parsed = Isikukood.parse(&format!("{number}{digit}"));
                assert_eq!(
                    parsed.is_ok(),
                    digit.to_string() == check,
                    "{number}{digit}"
                );
            }
        }
    }
}
