//! The national ID of a made-up island: `YYDDD-SSSSXC`, twelve characters.
//!
//! `YYDDD` is the day of birth as year and day of the year, `SSSS` the serial number of the day,
//! `X` a letter for sex and century, `C` a check letter. It exists so that nothing in Roadtest is
//! Estonian by construction: another length, another order, more serial numbers, letters, and a
//! hyphen.

use std::ops::RangeInclusive;

use time::Date;

use crate::id_scheme::{IdError, IdParts, IdScheme, NationalId, Sex};

/// The scheme of the island.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Island;

/// Characters of an ID.
const LENGTH: usize = 12;
/// Serial numbers 0000 to 9999 for each sex and day.
const SERIALS: u32 = 10_000;
/// Where the hyphen stands.
const HYPHEN: usize = 5;
/// Where the letter for sex and century stands.
const CENTURY: usize = 10;
/// Where the check letter stands.
const CHECK: usize = 11;
/// The first year that a letter exists for.
const FIRST_YEAR: i32 = 1800;
/// Letters of women, then of men, a pair for each century from [`FIRST_YEAR`] on.
const CENTURIES: [[u8; 2]; 3] = [*b"AB", *b"CD", *b"EF"];
/// Check letters; none that looks like a digit or like another one.
const CHECK_LETTERS: &[u8; 19] = b"CDEFGHJKLMNPQRTVWXY";
/// The first day that can be written.
const FIRST_DAY: Date = time::macros::date!(1800 - 01 - 01);
/// The last day that can be written.
const LAST_DAY: Date = time::macros::date!(2099 - 12 - 31);

impl IdScheme for Island {
    fn serials(&self) -> u32 {
        SERIALS
    }

    fn birth_days(&self) -> RangeInclusive<Date> {
        FIRST_DAY..=LAST_DAY
    }

    fn compose(&self, parts: &IdParts) -> NationalId {
        debug_assert!(self.birth_days().contains(&parts.birth_date) && parts.serial < SERIALS);
        let (year, day) = parts.birth_date.to_ordinal_date();
        let since = (year - FIRST_YEAR) as u32;
        let pair = CENTURIES[(since / 100) as usize];
        let mut text = [b'-'; LENGTH];
        write_digits(&mut text[0..2], since % 100);
        write_digits(&mut text[2..5], u32::from(day));
        write_digits(&mut text[6..10], parts.serial);
        text[CENTURY] = pair[usize::from(parts.sex == Sex::Male)];
        text[CHECK] = check_letter(&text);
        NationalId::from_ascii(text)
    }

    fn parse(&self, text: &str) -> Result<IdParts, IdError> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| IdError::Length {
            expected: LENGTH,
            found: text.len(),
        })?;
        let digits = |range: std::ops::Range<usize>| {
            range.into_iter().try_fold(0, |number, at| {
                let digit = bytes[at];
                if digit.is_ascii_digit() {
                    Ok(number * 10 + u32::from(digit - b'0'))
                } else {
                    Err(IdError::NotADigit { position: at + 1 })
                }
            })
        };
        let (year, day, serial) = (digits(0..2)?, digits(2..5)?, digits(6..10)?);
        if bytes[HYPHEN] != b'-' {
            return Err(IdError::Separator);
        }
        let (century, sex) = century_of(bytes[CENTURY]).ok_or(IdError::Century {
            found: char::from(bytes[CENTURY]),
        })?;
        let year = FIRST_YEAR + (century * 100 + year) as i32;
        let day = u16::try_from(day).map_err(|_| IdError::BirthDate)?;
        let birth_date = Date::from_ordinal_date(year, day).map_err(|_| IdError::BirthDate)?;
        let (expected, found) = (check_letter(&bytes), bytes[CHECK]);
        if expected != found {
            let (expected, found) = (char::from(expected), char::from(found));
            return Err(IdError::CheckDigit { expected, found });
        }
        Ok(IdParts {
            birth_date,
            sex,
            serial,
        })
    }
}

fn century_of(letter: u8) -> Option<(u32, Sex)> {
    (0..).zip(CENTURIES).find_map(|(century, [woman, man])| {
        if letter == woman {
            Some((century, Sex::Female))
        } else {
            (letter == man).then_some((century, Sex::Male))
        }
    })
}

fn write_digits(to: &mut [u8], mut number: u32) {
    for place in to.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// The check letter of all characters before it.
///
/// The modulus is prime and the factor a generator of its residues, so that a wrong character and
/// any two that changed places are noticed wherever they differ modulo 19, as digits do.
fn check_letter(text: &[u8; LENGTH]) -> u8 {
    let sum = text[..CHECK].iter().fold(0_u32, |sum, &character| {
        (sum * 2 + u32::from(character)) % 19
    });
    CHECK_LETTERS[sum as usize]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    fn check(text: &str, birth_date: Date, sex: Sex, serial: u32) {
        let parts = IdParts {
            birth_date,
            sex,
            serial,
        };
        assert_eq!(Island.compose(&parts).as_str(), text);
        assert_eq!(Island.parse(text), Ok(parts), "{text}");
    }

    /// The check letters were computed apart from this code, as sums of powers of two.
    #[test]
    fn known_ids_are_read_and_written() {
        check("68149-0010DH", date!(1968 - 05 - 28), Sex::Male, 10);
        check("00001-9999EC", date!(2000 - 01 - 01), Sex::Female, 9_999);
        check("24366-0000FE", date!(2024 - 12 - 31), Sex::Male, 0);
        check("99365-0501AR", date!(1899 - 12 - 31), Sex::Female, 501);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = "68149-0010DH";
        let changed = |at: usize, with: &str| {
            let mut text = good.to_owned();
            text.replace_range(at..=at, with);
            Island.parse(&text).unwrap_err()
        };
        assert_eq!(changed(0, "x"), IdError::NotADigit { position: 1 });
        assert_eq!(changed(HYPHEN, "+"), IdError::Separator);
        assert_eq!(changed(CENTURY, "Z"), IdError::Century { found: 'Z' });
        assert_eq!(changed(2, "9"), IdError::BirthDate);
        assert!(matches!(changed(8, "2"), IdError::CheckDigit { .. }));
        for text in ["", "68149", &good.replace('-', "\u{e9}")] {
            assert!(matches!(Island.parse(text), Err(IdError::Length { .. })));
        }
        // As many bytes, but not as many characters.
        assert!(Island.parse("68149-0010\u{e9}").is_err());
    }

    fn parts() -> impl Strategy<Value = IdParts> {
        let days = FIRST_DAY.to_julian_day()..=LAST_DAY.to_julian_day();
        (days, any::<bool>(), 0..SERIALS).prop_map(|(day, is_man, serial)| IdParts {
            birth_date: Date::from_julian_day(day).unwrap(),
            sex: if is_man { Sex::Male } else { Sex::Female },
            serial,
        })
    }

    proptest! {
        #[test]
        fn everything_written_is_read_back(parts in parts()) {
            let id = Island.compose(&parts);
            prop_assert_eq!(id.as_str().len(), LENGTH);
            prop_assert_eq!(Island.parse(id.as_str()), Ok(parts));
        }

        #[test]
        fn everything_read_is_written_alike(text in "[0-9]{2}[0-3][0-9]{2}-[0-9]{4}[A-F][C-Y]|.{0,14}") {
            if let Ok(parts) = Island.parse(&text) {
                let id = Island.compose(&parts);
                prop_assert_eq!(id.as_str(), text);
            }
        }

        #[test]
        fn one_slip_is_always_noticed(
            parts in parts(),
            at in 0..LENGTH,
            (one, other) in (0..CHECK, 0..CHECK),
            with in "[0-9A-Z-]",
        ) {
            let id = Island.compose(&parts);
            let mut wrong = id.to_string();
            wrong.replace_range(at..=at, &with);
            prop_assert!(wrong == id.as_str() || Island.parse(&wrong).is_err(), "{}", wrong);
            let mut swapped = id.as_str().as_bytes().to_vec();
            swapped.swap(one, other);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert!(swapped == id.as_str() || Island.parse(&swapped).is_err(), "{}", swapped);
        }
    }
}
