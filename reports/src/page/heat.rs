//! Response times over time: the map, and the figures behind it.

use sim_metrics::{LoadResult, TimesOverTime};

use super::Figure;
use crate::charts::{self, ChartError, Swatch, shade_colour};
use crate::format::{NOTHING, count, decimal, seconds};
use crate::heat::{self, HeatMap, SHADES};
use crate::table::Table;

/// Columns of the map.
const MAX_COLUMNS: usize = 240;
/// Slices of time in the table behind it.
const MAX_TABLE_SLICES: usize = 60;

/// The figure; none in records that do not keep response times over time.
pub(crate) fn figure(load: &LoadResult) -> Result<Option<Figure>, ChartError> {
    let Some(map) = heat::heat_map(&load.response_times, MAX_COLUMNS) else {
        return Ok(None);
    };
    Ok(Some(Figure {
        caption: "Every answer, by when it came and how long it took".to_owned(),
        note: format!(
            "The more answers a cell holds, the more it stands out from the page; each shade is \
             for two and a half times as many as the one before. {} The scale of times is \
             logarithmic.",
            column(map.column_s)
        ),
        legend: legend(&map),
        picture: charts::heat(&map, load.warm_up_s)?,
        table: Some(table(&load.response_times)),
    }))
}

/// What a column is, a sentence.
fn column(length_s: f64) -> String {
    if length_s <= 1.0 {
        "A column is a second.".to_owned()
    } else {
        format!("A column is {}.", seconds(length_s))
    }
}

/// What each shade stands for.
fn legend(map: &HeatMap) -> Vec<Swatch> {
    let lightest = SHADES - map.bounds.len();
    let mut from = 1;
    let swatch = |(shade, &to): (usize, &u64)| {
        let name = if from >= to {
            count(to)
        } else {
            format!("{}\u{a0}–\u{a0}{}", count(from), count(to))
        };
        from = to.saturating_add(1);
        Swatch::new(shade_colour(lightest + shade), name)
    };
    let mut swatches: Vec<Swatch> = map.bounds.iter().enumerate().map(swatch).collect();
    if let Some(last) = swatches.last_mut() {
        last.name.push_str(" answers");
    }
    swatches
}

fn table(times: &TimesOverTime) -> Table {
    let mut table = Table::new(
        "Response times by when they ended, each to the end of its row of the map",
        &["From", "#Answers", "#Half within", "#99\u{a0}%", "#All"],
    );
    let Some(map) = heat::heat_map(times, MAX_TABLE_SLICES) else {
        return table;
    };
    for (index, column) in map.columns.iter().enumerate() {
        let within = |share| {
            heat::within_us(&map, column, share).map_or(NOTHING.to_owned(), |us| seconds(us / 1e6))
        };
        let answers = column
            .iter()
            .fold(0_u64, |sum, &some| sum.saturating_add(some));
        table.push([
            format!("{}\u{a0}s", decimal(index as f64 * map.column_s)),
            count(answers),
            within(0.5),
            within(0.99),
            within(1.0),
        ]);
    }
    table
}
