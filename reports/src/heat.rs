//! Response times over time, cut down to the cells of a heat map.

use sim_metrics::TimesOverTime;
use sim_metrics::over_time::MAX_BINS;

/// Most columns.
const MAX_COLUMNS: usize = 240;
/// Most rows; where the times span more bins, neighbours share a row.
const MAX_ROWS: usize = 48;
/// Most cells, so that the page stays small.
const MAX_CELLS: usize = 4_500;
/// Shades that people tell apart.
pub(crate) const SHADES: usize = 7;
/// By what factor a shade stands for more than the one before.
const SHADE_FACTOR: f64 = 2.5;

/// Counts of answers by the slice of time they came in and how long they took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeatMap {
    /// Length of a column in seconds.
    pub(crate) column_s: f64,
    /// Number of the bin that ends the lowest row.
    first_bin: u32,
    /// Bins that share a row.
    bins_per_row: u32,
    /// Column by column, from the beginning; in each, row by row from the shortest time.
    pub(crate) columns: Vec<Vec<u64>>,
    /// The most that each shade stands for, from the lightest; fewer than [`SHADES`] where counts
    /// are small.
    pub(crate) bounds: Vec<u64>,
}

/// The map of what was kept; none where nothing ended.
pub(crate) fn heat_map(times: &TimesOverTime, limit: usize) -> Option<HeatMap> {
    let last_bin = MAX_BINS as u32 - 1;
    let counted = || {
        let bins = times.slices.iter().flat_map(|slice| slice.bins());
        bins.filter(|&(_, count)| count > 0)
            .map(|(bin, _)| bin.min(last_bin))
    };
    let (first_bin, end_bin) = (counted().min()?, counted().max()?);
    let bins = (end_bin - first_bin + 1) as usize;
    let bins_per_row = bins.div_ceil(MAX_ROWS);
    let rows = bins.div_ceil(bins_per_row);
    let most = limit.min(MAX_COLUMNS).min(MAX_CELLS / rows).max(1);
    let slices_per_column = times.slices.len().div_ceil(most);
    let column = |slices: &[sim_metrics::TimesSlice]| {
        let mut cells = vec![0_u64; rows];
        for (bin, count) in slices.iter().flat_map(|slice| slice.bins()) {
            if count > 0 {
                let row = (bin.min(last_bin) - first_bin) as usize / bins_per_row;
                cells[row] = cells[row].saturating_add(count);
            }
        }
        cells
    };
    let columns: Vec<Vec<u64>> = times.slices.chunks(slices_per_column).map(column).collect();
    let highest = columns.iter().flatten().copied().max().unwrap_or_default();
    Some(HeatMap {
        column_s: times.slice_s.max(1) as f64 * slices_per_column as f64,
        first_bin,
        bins_per_row: bins_per_row as u32,
        columns,
        bounds: bounds(highest),
    })
}

// === impl HeatMap ===

impl HeatMap {
    /// Where the map ends, in seconds.
    pub(crate) fn end_s(&self) -> f64 {
        self.column_s * self.columns.len() as f64
    }

    /// From which time to which a row goes, in microseconds.
    pub(crate) fn row_us(&self, row: usize) -> (f64, f64) {
        let end = |rows: usize| {
            let bin = f64::from(self.first_bin) + rows as f64 * f64::from(self.bins_per_row) - 1.0;
            10_f64.powf(bin / f64::from(sim_metrics::over_time::BINS_PER_DECADE))
        };
        (end(row), end(row + 1))
    }

    /// Rows of each column.
    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The shade of a count, 0 the lightest; none where there is nothing.
    pub(crate) fn shade(&self, count: u64) -> Option<usize> {
        let index = self.bounds.iter().position(|&bound| count <= bound)?;
        (count > 0).then(|| SHADES - self.bounds.len() + index)
    }
}

/// What each shade stands for at most; the darkest for the highest count.
fn bounds(highest: u64) -> Vec<u64> {
    let mut bounds: Vec<u64> = (0..SHADES)
        .rev()
        .map(|below| (highest as f64 / SHADE_FACTOR.powi(below as i32)) as u64)
        .filter(|&bound| bound > 0)
        .collect();
    bounds.dedup();
    // A float is not exact where the count is beyond its digits.
    if let Some(darkest) = bounds.last_mut() {
        *darkest = highest;
    }
    bounds
}

/// The end of the row within which `share` of a column's answers lie, in microseconds; none where
/// it has none.
pub(crate) fn within_us(map: &HeatMap, column: &[u64], share: f64) -> Option<f64> {
    let total: f64 = column.iter().map(|&count| count as f64).sum();
    let mut sum = 0.0;
    let row = column.iter().position(|&count| {
        sum += count as f64;
        sum > 0.0 && sum >= total * share
    })?;
    Some(map.row_us(row).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(seconds: u64, us: impl Fn(u64) -> u64, limit: usize) -> HeatMap {
        let mut times = TimesOverTime::default();
        for at_s in 0..seconds {
            times.add_second(at_s, [(us(at_s), 5), (1_000, 1)]);
        }
        heat_map(&times, limit).unwrap()
    }

    fn total(map: &HeatMap) -> u64 {
        map.columns.iter().flatten().sum()
    }

    #[test]
    fn short_loads_stay_as_they_are() {
        let map = map(4, |_| 10_000, 240);
        assert_eq!((map.columns.len(), map.rows(), map.column_s), (4, 11, 1.0));
        assert_eq!((map.columns[0][0], map.columns[0][10]), (1, 5));
        assert!((map.row_us(10).1 - 10_000.0).abs() < 1e-6);
        assert_eq!(map.bounds, [2, 5]);
        assert_eq!(
            [0, 1, 3, 5].map(|count| map.shade(count)),
            [None, Some(5), Some(6), Some(6)]
        );
    }

    #[test]
    fn long_loads_are_gathered_and_nothing_is_lost() {
        let map = map(590, |at_s| 10 + at_s * at_s * 9_000, 240);
        assert!(map.columns.len() * map.rows() <= MAX_CELLS && map.rows() <= MAX_ROWS);
        assert!(map.end_s() >= 590.0);
        assert_eq!(total(&map), 590 * 6);
        assert!(
            map.columns
                .iter()
                .flatten()
                .all(|&count| count == 0 || map.shade(count).is_some())
        );
    }

    #[test]
    fn shares_are_told_by_the_end_of_their_row() {
        let map = map(1, |_| 10_000, 240);
        let within = |share| within_us(&map, &map.columns[0], share).unwrap().round();
        assert_eq!(
            [within(0.1), within(0.5), within(1.0)],
            [1_000.0, 10_000.0, 10_000.0]
        );
        assert_eq!(within_us(&map, &[0, 0], 0.5), None);
    }

    #[test]
    fn nothing_is_no_map() {
        assert_eq!(heat_map(&TimesOverTime::default(), 240), None);
        let mut times = TimesOverTime::default();
        times.add_second(9, []);
        assert_eq!(heat_map(&times, 240), None);
    }
}
