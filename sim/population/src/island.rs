//! The national ID of a made-up island: `YYDDD-SSSXC`, eleven characters.
//!
//! `YYDDD` is the day of birth as year and day of the year, `SSS` the serial number of the day,
//! `X` a letter for sex and century, `C` a check letter. It exists so that nothing in Roadtest is
//! Estonian by construction: another length, another order, letters, and a hyphen.

use std::ops::RangeInclusive;

use time::Date;

use crate::id_scheme::{IdError, IdParts, IdScheme, NationalId, Sex};

/// The scheme of the island.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Island;

/// Characters of an ID.
const LENGTH: usize = 11;
/// Serial numbers 000 to 999 for each sex and day.
const SERIALS: u32 = 1_000;
/// The first year that a letter exists for.
const FIRST_YEAR: i32 = 1800;
/// Letters of women, then of men, a pair for each century from [`FIRST_YEAR`] on.
const CENTURIES: [[u8; 2]; 3] = [*b"AB", *b"CD", *b"EF"];
/// Check letters; none that looks like a digit or like another one.
const CHECK: &[u8; 19] = b"CDEFGHJKLMNPQRTVWXY";
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
        write_digits(&mut text[6..9], parts.serial);
        text[9] = pair[usize::from(parts.sex == Sex::Male)];
        text[10] = check_letter(&text);
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
        let (year, day, serial) = (digits(0..2)?, digits(2..5)?, digits(6..9)?);
        if bytes[5] != b'-' {
            return Err(IdError::Separator);
        }
        let (century, sex) = century_of(bytes[9]).ok_or(IdError::Century { found: bytes[9] })?;
        let year = FIRST_YEAR + (century * 100 + year) as i32;
        let day = u16::try_from(day).map_err(|_| IdError::BirthDate)?;
        let birth_date = Date::from_ordinal_date(year, day).map_err(|_| IdError::BirthDate)?;
        let (expected, found) = (check_letter(&bytes), bytes[10]);
        if expected != found {
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

/// The check letter of the first ten characters; the eleventh is not looked at.
///
/// The modulus is prime and the factor a generator of its residues, so that a wrong character and
/// two neighbours swapped are noticed wherever they differ modulo 19.
fn check_letter(text: &[u8; LENGTH]) -> u8 {
    let sum = text[..LENGTH - 1].iter().fold(0_u32, |sum, &character| {
        (sum * 2 + u32::from(character)) % 19
    });
    CHECK[sum as usize]
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn ids_are_written_and_read_back() {
        for (birth_date, sex, serial) in [
            (date!(1968 - 05 - 28), Sex::Male, 10),
            (date!(2000 - 01 - 01), Sex::Female, 999),
            (date!(2024 - 12 - 31), Sex::Male, 0),
            (date!(1899 - 12 - 31), Sex::Female, 501),
        ] {
            let parts = IdParts {
                birth_date,
                sex,
                serial,
            };
            let id = Island.compose(&parts);
            assert_eq!(Island.parse(id.as_str()), Ok(parts), "{id}");
        }
        let parts = IdParts {
            birth_date: date!(1968 - 05 - 28),
            sex: Sex::Male,
            serial: 10,
        };
        assert!(Island.compose(&parts).as_str().starts_with("68149-010D"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = Island
            .compose(&IdParts {
                birth_date: date!(1968 - 05 - 28),
                sex: Sex::Male,
                serial: 10,
            })
            .to_string();
        let changed = |at: usize, with: &str| {
            let mut text = good.clone();
            text.replace_range(at..=at, with);
            Island.parse(&text).unwrap_err()
        };
        assert_eq!(changed(0, "x"), IdError::NotADigit { position: 1 });
        assert_eq!(changed(5, "+"), IdError::Separator);
        assert_eq!(changed(9, "Z"), IdError::Century { found: b'Z' });
        assert_eq!(changed(2, "9"), IdError::BirthDate);
        assert!(matches!(changed(8, "1"), IdError::CheckDigit { .. }));
        assert!(matches!(Island.parse("68149"), Err(IdError::Length { .. })));
        assert!(matches!(
            Island.parse(&good.replace('-', "é")[..]),
            Err(IdError::Length { .. })
        ));
    }
}
