//! What processes used over time.

use plotters::prelude::*;

use super::{AREA, Axis, Canvas, ChartError, FIRST, LIMIT, Picture, SCALE, frame, scaled, ticks};
use crate::format;

const SIZE: (u32, u32) = (720, 200);
const SPARKLINE_SIZE: (u32, u32) = (150, 34);

/// Draws the cores that all processes used together, below the cores there are; none where there
/// are no points.
pub(crate) fn cores_used(points: &[(f64, f64)], cores: u32) -> Result<Option<Picture>, ChartError> {
    let Some(&(end_s, _)) = points.last().filter(|(at_s, _)| *at_s > 0.0) else {
        return Ok(None);
    };
    let highest = points
        .iter()
        .map(|&(_, used)| used)
        .fold(f64::from(cores), f64::max);
    let top = if highest > 0.0 { highest * 1.08 } else { 1.0 };
    let busiest = points.iter().map(|&(_, used)| used).fold(0.0, f64::max);
    let canvas = Canvas {
        id: "cores".to_owned(),
        title: "Processor cores used by all processes together".to_owned(),
        description: format!(
            "At most {} of {cores} cores were busy.",
            format::decimal(busiest)
        ),
        size: SIZE,
        small: false,
    };
    canvas
        .draw("the use of the processor", |area| {
            let (labelled, unit) = ticks::time(end_s, 6);
            let x = Axis {
                range: 0.0..end_s,
                ticks: labelled,
                label: &|at_s| unit.label(*at_s),
            };
            let y = Axis {
                range: 0.0..top,
                ticks: ticks::linear(top, 4),
                label: &|value| format::decimal(*value),
            };
            let mut chart = frame(area, x, y)?;
            chart.draw_series(AreaSeries::new(points.iter().copied(), 0.0, AREA.filled()))?;
            let line = FIRST.stroke_width(2 * SCALE);
            chart.draw_series(LineSeries::new(points.iter().copied(), line))?;
            if cores > 0 {
                let limit = [(0.0, f64::from(cores)), (end_s, f64::from(cores))];
                chart.draw_series(LineSeries::new(limit, LIMIT.stroke_width(2 * SCALE)))?;
            }
            Ok(())
        })
        .map(Some)
}

/// A small line without axes, from zero to `top`; none where there are fewer than two points.
pub(crate) fn sparkline(
    id: String,
    title: String,
    points: &[(f64, f64)],
    (end_s, top): (f64, f64),
) -> Result<Option<Picture>, ChartError> {
    if points.len() < 2 || end_s <= 0.0 || top <= 0.0 {
        return Ok(None);
    }
    let canvas = Canvas {
        id,
        title,
        description: String::new(),
        size: SPARKLINE_SIZE,
        small: true,
    };
    canvas
        .draw("the use of one process", |area| {
            let mut chart = ChartBuilder::on(area)
                .margin(scaled(1))
                .build_cartesian_2d(0.0..end_s, 0.0..top * 1.05)?;
            chart.draw_series(AreaSeries::new(points.iter().copied(), 0.0, AREA.filled()))?;
            let line = FIRST.stroke_width(SCALE * 3 / 2);
            chart.draw_series(LineSeries::new(points.iter().copied(), line))?;
            Ok(())
        })
        .map(Some)
}
