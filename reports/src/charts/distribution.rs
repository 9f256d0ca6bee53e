//! How long answers took: how many took how long, on a logarithmic scale.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use sim_metrics::HistogramSummary;

use super::{
    AREA, Axis, Canvas, Chart, ChartError, DrawError, INK, Picture, SCALE, frame, text_style, ticks,
};
use crate::format;

const SIZE: (u32, u32) = (720, 300);
/// Bars of the record for each factor of ten; gives the first bar its lower end.
const BARS_PER_DECADE: f64 = 20.0;
/// Space above the highest bar for what is said of the percentiles, in heights of that bar.
const HEADROOM: f64 = 0.52;
/// Height of a row of that space, in its own height.
const ROW_HEIGHT: f64 = 0.23;
/// Beyond this part of the width a label stands left of its line.
const LABEL_TURNS_AT: f64 = 0.7;
/// Labels that the axis of times has room for, also on a narrow screen.
const TIME_LABELS: usize = 7;

/// A bar: from and to as logarithms of microseconds, and its part of all answers.
struct Bar {
    from: f64,
    to: f64,
    share: f64,
}

/// A percentile: where, and what is said of it.
struct Mark {
    at: f64,
    label: String,
    /// True where the label stands left of the line.
    turned: bool,
}

/// Draws the distribution; none where nothing was recorded.
pub(crate) fn distribution(
    id: &str,
    title: &str,
    summary: &HistogramSummary,
) -> Result<Option<Picture>, ChartError> {
    let bars = bars_of(summary);
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return Ok(None);
    };
    let (range, labelled) =
        ticks::logarithmic(10_f64.powf(first.from), 10_f64.powf(last.to), TIME_LABELS);
    let highest = bars.iter().map(|bar| bar.share).fold(0.0, f64::max);
    let canvas = Canvas {
        id: id.to_owned(),
        title: title.to_owned(),
        description: describe(summary),
        size: SIZE,
        small: false,
    };
    canvas
        .draw("the distribution of response times", |area| {
            let x = Axis {
                range: range.clone(),
                ticks: labelled,
                label: &|log| short_time(10_f64.powf(*log)),
            };
            let y = Axis {
                range: 0.0..highest * (1.0 + HEADROOM),
                ticks: ticks::linear(highest, 4),
                label: &|share| format::fraction(*share),
            };
            let mut chart = frame(area, x, y)?;
            chart.draw_series(bars.iter().map(|bar| {
                Rectangle::new([(bar.from, 0.0), (bar.to, bar.share)], AREA.filled())
            }))?;
            mark_percentiles(&mut chart, summary, &range, highest)
        })
        .map(Some)
}

/// A line for each percentile, its label on a row of its own so that none hides another.
fn mark_percentiles(
    chart: &mut Chart<'_>,
    summary: &HistogramSummary,
    range: &Range<f64>,
    highest: f64,
) -> Result<(), DrawError> {
    let marks = marks(summary, range);
    let height = |row: usize| highest * (1.0 + HEADROOM * (0.94 - row as f64 * ROW_HEIGHT));
    chart.draw_series(marks.iter().enumerate().map(|(row, mark)| {
        PathElement::new(
            vec![(mark.at, 0.0), (mark.at, height(row))],
            INK.stroke_width(SCALE),
        )
    }))?;
    for (row, mark) in marks.iter().enumerate() {
        let (side, shift) = if mark.turned {
            (HPos::Right, -6)
        } else {
            (HPos::Left, 6)
        };
        let style = text_style(&INK).pos(Pos::new(side, VPos::Center));
        let text = Text::new(mark.label.clone(), (shift * SCALE.cast_signed(), 0), style);
        chart.draw_series([EmptyElement::at((mark.at, height(row))) + text])?;
    }
    Ok(())
}

/// The percentiles in the order of their rows, uppermost first. A label points away from the
/// lines below it: to the right from left to right, then, where there is no room at the right, to
/// the left from right to left.
fn marks(summary: &HistogramSummary, range: &Range<f64>) -> Vec<Mark> {
    let percentiles = [
        ("half within", summary.p50_us),
        ("90\u{a0}% within", summary.p90_us),
        ("99\u{a0}% within", summary.p99_us),
        ("99.9\u{a0}% within", summary.p999_us),
    ];
    let mark = |(name, us): (&str, u64)| {
        let at = (us.max(1) as f64).log10().clamp(range.start, range.end);
        let along = (at - range.start) / (range.end - range.start);
        let label = format!("{name} {}", format::micros(us));
        Mark {
            at,
            label,
            turned: along > LABEL_TURNS_AT,
        }
    };
    let (turned, mut marks): (Vec<Mark>, Vec<Mark>) = percentiles
        .into_iter()
        .map(mark)
        .partition(|mark| mark.turned);
    marks.splice(0..0, turned.into_iter().rev());
    marks
}

fn bars_of(summary: &HistogramSummary) -> Vec<Bar> {
    let total: f64 = summary
        .distribution
        .iter()
        .map(|bar| bar.count as f64)
        .sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let mut bars: Vec<Bar> = Vec::new();
    for bar in &summary.distribution {
        let to = (bar.up_to_us.max(1) as f64).log10();
        let from = bars
            .last()
            .map_or(to - 1.0 / BARS_PER_DECADE, |before| before.to);
        // Bars out of order could not be drawn side by side.
        if to > from {
            bars.push(Bar {
                from,
                to,
                share: bar.count as f64 / total,
            });
        }
    }
    bars
}

fn describe(summary: &HistogramSummary) -> String {
    format!(
        "Half of the answers took at most {}, 90 % at most {}, 99 % at most {}, 99.9 % at most {}; \
         the longest took {}.",
        format::micros(summary.p50_us),
        format::micros(summary.p90_us),
        format::micros(summary.p99_us),
        format::micros(summary.p999_us),
        format::micros(summary.max_us),
    )
}

/// A round time on an axis, without decimals that say nothing: `2 ms`.
pub(super) fn short_time(us: f64) -> String {
    let (value, unit) = match us {
        us if us < 999.5 => (us, "µs"),
        us if us < 999_500.0 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    format!("{}\u{a0}{unit}", format::decimal(value))
}
