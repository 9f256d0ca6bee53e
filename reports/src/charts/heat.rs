//! Response times over time as a heat map: the darker a cell, the more answers.

use plotters::prelude::*;

use super::distribution::short_time;
use super::line::{mark_warm_up, over_time};
use super::{Axis, Canvas, ChartError, DrawError, Picture, ticks};
use crate::format;
use crate::heat::{HeatMap, SHADES};

const SIZE: (u32, u32) = (720, 300);
/// Labels that the upright axis has room for.
const HEIGHT_LABELS: usize = 10;
/// Marker of the lightest shade; the others follow, one by one.
const LIGHTEST: u8 = 0x41;

/// The marker of a shade, 0 the lightest.
pub(crate) const fn shade_colour(shade: usize) -> RGBColor {
    RGBColor(0, 0, LIGHTEST + shade as u8)
}

/// Draws the map of a load whose warm-up took `warm_up_s`.
pub(crate) fn heat(map: &HeatMap, warm_up_s: f64) -> Result<Picture, ChartError> {
    let (low, high) = (map.row_us(0).0, map.row_us(map.rows().saturating_sub(1)).1);
    let (range, labelled) = ticks::logarithmic(low, high, HEIGHT_LABELS);
    let top = range.end;
    let canvas = Canvas {
        id: "heat".to_owned(),
        title: "Answers by when they came and how long they took".to_owned(),
        description: describe(map),
        size: SIZE,
        small: false,
    };
    canvas.draw("response times over time", |area| {
        let y = Axis {
            range,
            ticks: labelled,
            label: &|log| short_time(10_f64.powf(*log)),
        };
        let mut chart = over_time(area, map.end_s(), y)?;
        for row in 0..map.rows() {
            let cells = shaded(map, row).map(|(from_s, to_s, shade)| {
                let (low, high) = map.row_us(row);
                let corners = [(from_s, low.log10()), (to_s, high.log10())];
                Rectangle::new(corners, shade_colour(shade).filled())
            });
            chart.draw_series(cells)?;
        }
        mark_warm_up(&mut chart, warm_up_s, map.end_s(), top)?;
        Ok::<(), DrawError>(())
    })
}

/// A row's cells from when to when, and their shade; neighbours of one shade are one.
fn shaded(map: &HeatMap, row: usize) -> impl Iterator<Item = (f64, f64, usize)> + '_ {
    let shades: Vec<Option<usize>> = map
        .columns
        .iter()
        .map(|column| map.shade(column[row]))
        .collect();
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for (column, shade) in shades.into_iter().enumerate() {
        let Some(shade) = shade else { continue };
        match runs.last_mut() {
            Some((_, to, same)) if *to == column && *same == shade => *to = column + 1,
            _ => runs.push((column, column + 1, shade)),
        }
    }
    let at = |column: usize| column as f64 * map.column_s;
    runs.into_iter()
        .map(move |(from, to, shade)| (at(from), at(to), shade.min(SHADES - 1)))
}

fn describe(map: &HeatMap) -> String {
    let cells = map.columns.iter().enumerate().flat_map(|(column, cells)| {
        let cell = move |(row, count): (usize, &u64)| (*count, column, row);
        cells.iter().enumerate().map(cell)
    });
    let Some((count, column, row)) = cells.max_by_key(|&(count, ..)| count) else {
        return String::new();
    };
    let (low, high) = map.row_us(row);
    format!(
        "The darkest cell begins {} after the load did: {} that took between {} and {}.",
        format::seconds(column as f64 * map.column_s),
        format::counted(count, "answer", "answers"),
        format::seconds(low / 1e6),
        format::seconds(high / 1e6),
    )
}
