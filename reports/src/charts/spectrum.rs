//! The percentiles of response time, the high ones drawn as large as they are felt.

use plotters::prelude::*;
use sim_metrics::SpectrumPoint;

use super::distribution::short_time;
use super::{AREA, Axis, Canvas, ChartError, FIRST, Picture, SCALE, SECOND, frame, ticks};

const SIZE: (u32, u32) = (720, 280);
const LINE_WIDTH: u32 = 2;
/// Labels that the upright axis has room for.
const HEIGHT_LABELS: usize = 9;
/// Points of a line; there are sixteen for each factor of ten.
const MAX_POINTS: usize = 400;
/// Digits of a percentile that a float can tell.
const MAX_NINES: usize = 15;

/// Draws response time, and service time beside it where that has points; none where there is
/// nothing to draw.
pub(crate) fn spectrum(
    response: &[SpectrumPoint],
    service: &[SpectrumPoint],
    description: String,
) -> Result<Option<Picture>, ChartError> {
    let (response, service) = (points(response), points(service));
    let all = || response.iter().chain(&service);
    let end = all().map(|point| point.0).fold(0.0, f64::max);
    if response.len() < 2 || end <= 0.0 {
        return Ok(None);
    }
    let power = |log: f64| 10_f64.powf(log);
    let low = all().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = all().map(|point| point.1).fold(0.0, f64::max);
    let (range, labelled) = ticks::logarithmic(power(low), power(high), HEIGHT_LABELS);
    let canvas = Canvas {
        id: "spectrum".to_owned(),
        title: "Percentiles of response time".to_owned(),
        description,
        size: SIZE,
        small: false,
    };
    canvas
        .draw("the percentiles of response time", |area| {
            let x = Axis {
                range: 0.0..end,
                ticks: nines(end),
                label: &|nines| percentile(*nines),
            };
            let y = Axis {
                range,
                ticks: labelled,
                label: &|log| short_time(power(*log)),
            };
            let mut chart = frame(area, x, y)?;
            if service.len() > 1 {
                let back = service.iter().rev();
                let between: Vec<_> = response.iter().chain(back).copied().collect();
                chart.draw_series([Polygon::new(between, AREA.filled())])?;
                let dashed = SECOND.stroke_width(LINE_WIDTH * SCALE);
                chart.draw_series(LineSeries::new(service, dashed))?;
            }
            let solid = FIRST.stroke_width(LINE_WIDTH * SCALE);
            chart.draw_series(LineSeries::new(response, solid))?;
            Ok(())
        })
        .map(Some)
}

/// `99.9 %`, of as many nines.
pub(crate) fn percentile(nines: f64) -> String {
    let beyond = 10_f64.powf(-nines);
    let decimals = (nines.round().max(0.0) as usize).saturating_sub(2);
    let percent = (1.0 - beyond) * 100.0;
    format!("{percent:.*}\u{a0}%", decimals.min(MAX_NINES))
}

/// Half, and every percentile of whole nines.
fn nines(end: f64) -> Vec<f64> {
    let half = 2_f64.log10();
    let whole = (1..=MAX_NINES as u32).map(f64::from);
    std::iter::once(half)
        .chain(whole)
        .filter(|&nines| nines <= end + 1e-9)
        .collect()
}

/// Nines and the logarithm of microseconds, in order; what makes no sense is left out.
fn points(spectrum: &[SpectrumPoint]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for point in spectrum.iter().take(MAX_POINTS) {
        let nines = -point.beyond.log10();
        let is_next = points.last().is_none_or(|before| nines > before.0);
        if (0.0..=MAX_NINES as f64).contains(&nines) && is_next {
            points.push((nines.abs(), (point.us.max(1) as f64).log10()));
        }
    }
    points
}
