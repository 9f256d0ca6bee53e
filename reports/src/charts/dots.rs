//! Every run's figure as a mark, one row for each side of a comparison.

use std::ops::Range;

use plotters::prelude::*;

use super::distribution::short_time;
use super::{
    AREA, Axis, Canvas, Chart, ChartError, DrawError, FIRST, INK, Picture, SCALE, SECOND, TROUBLE,
    frame, scaled, ticks,
};
use crate::format;

const SIZE: (u32, u32) = (720, 132);
/// Size of a mark, from its middle.
const MARK: u32 = 4;
/// Part of a row's height that its marks are spread over, in the order of the runs.
const SPREAD: f64 = 0.56;
/// Half the height of the line that shows a median.
const MEDIAN_REACH: f64 = 0.4;
/// Space left and right of the outermost figures, as a part of what lies between them.
const MARGIN: f64 = 0.06;
/// Labels that the axis has room for, also on a narrow screen.
const LABELS: usize = 6;

/// What is drawn of one metric.
pub(crate) struct Dots<'a> {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Unit of the figures, as the comparison names it.
    pub(crate) unit: &'a str,
    /// The baseline above the candidate.
    pub(crate) rows: [DotRow; 2],
    /// Where the candidate's median counts as unchanged.
    pub(crate) unchanged: Option<(f64, f64)>,
}

/// One side.
pub(crate) struct DotRow {
    pub(crate) name: &'static str,
    /// Figures in the order of the runs, and whether they are compared.
    pub(crate) figures: Vec<(f64, bool)>,
    pub(crate) median: Option<f64>,
}

/// Draws both sides' figures; none where there are none.
pub(crate) fn dots(of: Dots<'_>) -> Result<Option<Picture>, ChartError> {
    let Some(range) = range(&of) else {
        return Ok(None);
    };
    let Dots {
        id,
        title,
        description,
        unit,
        rows,
        unchanged,
    } = of;
    let canvas = Canvas {
        id,
        title,
        description,
        size: SIZE,
        small: false,
    };
    canvas
        .draw("the figures of every run", |area| {
            let x = Axis {
                range: range.clone(),
                ticks: ticks::between(range.start, range.end, LABELS),
                label: &|value| short(unit, *value),
            };
            let [above, below] = &rows;
            let y = Axis {
                range: -0.5..1.5,
                ticks: vec![0.0, 1.0],
                label: &|row| if *row > 0.5 { above.name } else { below.name }.to_owned(),
            };
            let mut chart = frame(area, x, y)?;
            if let Some((low, high)) = unchanged {
                let (low, high) = (low.max(range.start), high.min(range.end));
                let band = Rectangle::new([(low, -0.5), (high, 1.5)], AREA.filled());
                chart.draw_series([band])?;
            }
            marks(&mut chart, above, 1.0, false)?;
            marks(&mut chart, below, 0.0, true)
        })
        .map(Some)
}

/// The marks of one side: round ones above, square ones on edge below, crosses for runs that are
/// not compared.
fn marks(chart: &mut Chart<'_>, row: &DotRow, at: f64, on_edge: bool) -> Result<(), DrawError> {
    if let Some(median) = row.median.filter(|median| median.is_finite()) {
        let line = vec![(median, at - MEDIAN_REACH), (median, at + MEDIAN_REACH)];
        chart.draw_series([PathElement::new(line, INK.stroke_width(2 * SCALE))])?;
    }
    let size = scaled(MARK);
    let steps = row.figures.len().saturating_sub(1).max(1) as f64;
    for (index, &(figure, compared)) in row.figures.iter().enumerate() {
        if !figure.is_finite() {
            continue;
        }
        // The first run is uppermost, so that a drift over the runs can be seen.
        let middle = row.figures.len() == 1;
        let along = if middle { 0.5 } else { index as f64 / steps };
        let point = (figure, at + SPREAD * (0.5 - along));
        if !compared {
            let style = TROUBLE.stroke_width(2 * SCALE);
            chart.draw_series([Cross::new(point, size, style)])?;
        } else if on_edge {
            let corners = [(0, -size), (size, 0), (0, size), (-size, 0)];
            let mark = Polygon::new(corners.to_vec(), SECOND.filled());
            chart.draw_series([EmptyElement::at(point) + mark])?;
        } else {
            chart.draw_series([Circle::new(point, size, FIRST.filled())])?;
        }
    }
    Ok(())
}

/// From the least to the greatest figure, with some room; none where there is none to draw.
fn range(of: &Dots<'_>) -> Option<Range<f64>> {
    let figures = of.rows.iter().flat_map(|row| &row.figures);
    let figures = figures.map(|&(figure, _)| figure);
    let band = of.unchanged.into_iter().flat_map(|(low, high)| [low, high]);
    let mut all = figures.chain(band).filter(|figure| figure.is_finite());
    let first = all.next()?;
    let (low, high) = all.fold((first, first), |(low, high), figure| {
        (low.min(figure), high.max(figure))
    });
    let room = match (high - low) * MARGIN {
        room if room > 0.0 => room,
        _ => high.abs().max(f64::MIN_POSITIVE) * MARGIN,
    };
    let range = low - room..high + room;
    let is_drawable = (range.end - range.start).is_finite() && range.start < range.end;
    is_drawable.then_some(range)
}

/// A figure on the axis: `2,900`, `20.5 ms`, `0.5 %`.
fn short(unit: &str, value: f64) -> String {
    // Steps below zero come from the room at the left.
    if value < 0.0 {
        return String::new();
    }
    match unit {
        "seconds" => short_time(value * 1e6),
        "share" => format::fraction(value),
        _ => format::decimal(value),
    }
}
