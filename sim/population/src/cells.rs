//! The shuffled positions, cut into one cell for each cohort of the age pyramid.

use crate::id_scheme::Sex;
use crate::pyramid::Cohort;
use crate::stride::Stride;

/// Entries of the guide; the largest population then has a few thousand positions an entry.
const GUIDE_BITS: u32 = 10;

/// One cohort's share of the positions.
///
/// The member of rank r is born on day r mod days and has the (r div days)th serial of that day;
/// strides then scatter both, so that a small population still has birthdays all year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// First position.
    pub(crate) start: u64,
    /// Members.
    pub(crate) size: u32,
    /// The members below this rank have died.
    pub(crate) deaths: u32,
    /// Whose share it is.
    pub(crate) cohort: Cohort,
    /// Scatters the birth days over the year.
    pub(crate) day_stride: Stride,
}

/// All cells, in the order of their positions.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    cells: Vec<Cell>,
    /// For every stretch of 2^`guide_shift` positions the cell its first position lies in, so
    /// that finding a cell is a look and hardly ever a search.
    guide: Vec<u8>,
    guide_shift: u32,
}

impl Cells {
    /// Cells of the given sizes, each with its number of dead; at most 256 of them.
    pub(crate) fn new(cohorts: &[Cohort], sizes: &[u64], deaths: &[u64]) -> Self {
        let fits = |count: u64| u32::try_from(count).expect("days times serials fit 32 bits");
        let mut start = 0;
        let mut cells = Vec::with_capacity(cohorts.len());
        for ((cohort, &size), &deaths) in cohorts.iter().zip(sizes).zip(deaths) {
            let day_stride = Stride::new(cohort.days);
            let (size, deaths) = (fits(size), fits(deaths));
            cells.push(Cell {
                start,
                size,
                deaths,
                cohort: *cohort,
                day_stride,
            });
            start += u64::from(size);
        }
        let positions = start;
        let bits = u64::BITS - positions.leading_zeros();
        let guide_shift = bits.saturating_sub(GUIDE_BITS);
        let guide = (0..=positions >> guide_shift)
            .map(|stretch| {
                let first = stretch << guide_shift;
                let after = cells.partition_point(|cell| cell.start <= first);
                u8::try_from(after - 1).expect("at most 256 cohorts")
            })
            .collect();
        Self {
            cells,
            guide,
            guide_shift,
        }
    }

    /// The cell with this number, in the order of the cohorts.
    pub(crate) fn number(&self, number: usize) -> &Cell {
        &self.cells[number]
    }

    /// The cell of a position below the sum of the sizes.
    #[inline]
    pub(crate) fn at(&self, position: u64) -> &Cell {
        &self.cells[self.number_at(position)]
    }

    /// The number of the cell of a position below the sum of the sizes.
    #[inline]
    pub(crate) fn number_at(&self, position: u64) -> usize {
        let mut at = usize::from(self.guide[(position >> self.guide_shift) as usize]);
        while self
            .cells
            .get(at + 1)
            .is_some_and(|next| next.start <= position)
        {
            at += 1;
        }
        at
    }

    /// The cell of those of one sex born on one day, given as a Julian day number.
    pub(crate) fn of_birth(&self, sex: Sex, day_number: i32) -> Option<&Cell> {
        // An age is two cells, women first; the youngest come first.
        let (ages, _) = self.cells.as_chunks::<2>();
        let age = ages.partition_point(|[women, _]| women.cohort.first_day > day_number);
        let [women, men] = ages.get(age)?;
        let cell = if sex == Sex::Female { women } else { men };
        let day = u32::try_from(day_number - cell.cohort.first_day).ok()?;
        (day < cell.cohort.days).then_some(cell)
    }
}
