//! The register itself: one table, filled once, then only read.

use std::path::Path;

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition};
use sim_population::{Date, NationalId, Population, Sex};

use crate::error::StoreError;

/// National ID to birth day, whether male, and day of death; days are Julian day numbers.
const PERSONS: TableDefinition<'static, &'static str, Row> = TableDefinition::new("persons");
type Row = (i32, bool, Option<i32>);

/// Memory the database may use for pages, so that a register's size does not become the process's;
/// what does not fit is read from the system's own cache.
const CACHE_BYTES: usize = 12 << 20;
/// The database's name in its folder.
pub(crate) const FILE_NAME: &str = "register.redb";

/// What the register knows of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) birth_date: Date,
    pub(crate) sex: Sex,
    pub(crate) died_on: Option<Date>,
}

/// The persons of a database file.
pub(crate) struct Register {
    /// Held open: nobody writes any more, and opening a table costs as much as two look-ups.
    persons: ReadOnlyTable<&'static str, Row>,
    /// Keeps the file open as long as its table.
    _database: Database,
}

impl Register {
    /// Writes everybody to a new database at `file`, which must not exist.
    pub(crate) fn fill(file: &Path, population: &Population) -> Result<Self, StoreError> {
        let mut database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(file)?;
        let writing = database.begin_write()?;
        {
            let mut table = writing.open_table(PERSONS)?;
            for (_, index) in in_order(population) {
                let (national_id, row) = row(population, index);
                table.insert(national_id.as_str(), row)?;
            }
        }
        writing.commit()?;
        // Gives back the pages that growing the tree left behind.
        database.compact()?;
        let persons = database.begin_read()?.open_table(PERSONS)?;
        Ok(Self {
            persons,
            _database: database,
        })
    }

    /// The person of a national ID, if there is one.
    pub(crate) fn find(&self, national_id: &NationalId) -> Result<Option<Record>, StoreError> {
        let found = self.persons.get(national_id.as_str())?;
        Ok(found.map(|row| Record::from_row(row.value())))
    }

    /// Everybody, in the order of their national IDs.
    pub(crate) fn everybody(
        &self,
    ) -> Result<impl Iterator<Item = Result<(String, Record), StoreError>>, StoreError> {
        let rows = self.persons.range::<&str>(..)?;
        Ok(rows.map(|row| {
            let (national_id, row) = row?;
            Ok((
                national_id.value().to_owned(),
                Record::from_row(row.value()),
            ))
        }))
    }
}

/// Everybody by index, in the order of their national IDs, because a tree is filled fastest at its
/// end. Only the beginning of an ID is kept to sort by: the register fills in a fraction of the
/// memory that all rows would take.
fn in_order(population: &Population) -> Vec<(u64, u32)> {
    let begins = |index: u64| {
        let id = population.national_id(index);
        let text = id.as_str().bytes().chain(std::iter::repeat(0));
        text.take(8)
            .fold(0, |begins, byte| begins << 8 | u64::from(byte))
    };
    let people =
        u32::try_from(population.len()).expect("a population has at most a billion people");
    let mut order: Vec<(u64, u32)> = (0..people)
        .map(|index| (begins(index.into()), index))
        .collect();
    let id = |index: u32| population.national_id(index.into());
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| id(a.1).cmp(&id(b.1))));
    order
}

fn row(population: &Population, index: u32) -> (NationalId, Row) {
    let person = population.person(index.into());
    let died_on = person.status.died_on().map(Date::to_julian_day);
    let row = (
        person.birth_date.to_julian_day(),
        person.sex == Sex::Male,
        died_on,
    );
    (person.national_id, row)
}

// === impl Record ===

impl Record {
    fn from_row((birth_day, male, death_day): Row) -> Self {
        let date = |day| Date::from_julian_day(day).expect("only days of the calendar are stored");
        Self {
            birth_date: date(birth_day),
            sex: if male { Sex::Male } else { Sex::Female },
            died_on: death_day.map(date),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_population::{PopulationPlan, iso_date};

    use super::*;

    #[test]
    fn everybody_is_found_and_nobody_else() {
        let reference_date = iso_date::parse("2026-02-05").unwrap();
        let plan = PopulationPlan::pensioners(3_000, 30, reference_date);
        let population = Population::new(3, plan).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let register = Register::fill(&folder.path().join(FILE_NAME), &population).unwrap();

        for index in 0..population.len() {
            let person = population.person(index);
            let record = register.find(&person.national_id).unwrap().unwrap();
            let expected = (person.birth_date, person.sex, person.status.died_on());
            assert_eq!((record.birth_date, record.sex, record.died_on), expected);
        }
        let nobody = NationalId::from_text("36805280109").unwrap();
        assert_eq!(population.index_of(nobody.as_str()), None);
        assert_eq!(register.find(&nobody).unwrap(), None);

        let ids: Vec<String> = register
            .everybody()
            .unwrap()
            .map(|row| row.unwrap().0)
            .collect();
        assert_eq!(ids.len(), 3_000);
        assert!(ids.is_sorted());
    }
}
