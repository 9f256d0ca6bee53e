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
/// Part of the picture's width that a label takes, also on a narrow screen.
const LABEL_WIDTH: f64 = 0.3;
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
/// lines below it: to the right from left to right, then, where there is less room at the right,
/// to the left from right to left.
fn marks(summary: &HistogramSummary, range: &Range<f64>) -> Vec<Mark> {
    let percentiles = [
        ("half within", summary.p50_us),
        ("90\u{a0}% within", summary.p90_us),
        ("99\u{a0}% within", summary.p99_us),
        ("99.9\u{a0}% within", summary.p999_us),
    ];
    let at = |us: u64| (us.max(1) as f64).log10().clamp(range.start, range.end);
    let along = percentiles.map(|(_, us)| (at(us) - range.start) / (range.end - range.start));
    let first_turned = first_turned(&along);
    let mut marks: Vec<Mark> = percentiles
        .iter()
        .enumerate()
        .map(|(index, &(name, us))| Mark {
            at: at(us),
            label: format!("{name} {}", format::micros(us)),
            turned: index >= first_turned,
        })
        .collect();
    marks.rotate_left(first_turned);
    let turned = marks.len() - first_turned;
    marks[..turned].reverse();
    marks
}

/// From which on, of lines at these parts of the width, labels stand left of their lines: where
/// the least of them runs across another line or off the edge. Lines with turned labels are
/// higher than the others, so a label that is not turned has room up to the first of them.
fn first_turned(along: &[f64]) -> usize {
    let amiss = |first_turned: usize| -> f64 {
        let (right, left) = along.split_at(first_turned);
        let room_ends = left.first().copied().unwrap_or(1.0);
        let right = right.iter().map(|at| at + LABEL_WIDTH - room_ends);
        let left = left.iter().map(|at| LABEL_WIDTH - at);
        right.chain(left).map(|beyond| beyond.max(0.0)).sum()
    };
    // The first of the best: as few are turned as may be.
    let choices = (0..=along.len()).rev();
    choices
        .min_by(|&a, &b| amiss(a).total_cmp(&amiss(b)))
        .unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_turn_where_a_higher_line_or_the_edge_is_near() {
        // Room at the right for all but the last.
        assert_eq!(first_turned(&[0.0, 0.02, 0.04, 0.98]), 3);
        // Each would run into the line of the next.
        assert_eq!(first_turned(&[0.45, 0.65, 0.85, 0.98]), 0);
        // At the left edge there is no room to turn to.
        assert_eq!(first_turned(&[0.09, 0.65, 0.85, 0.98]), 1);
        // Not all can be had: the second one is a little too near to the third.
        assert_eq!(first_turned(&[0.22, 0.34, 0.6, 0.78]), 2);
        assert_eq!(first_turned(&[]), 0);
    }

    #[test]
    fn turned_labels_are_uppermost_from_right_to_left() {
        let summary = HistogramSummary {
            p50_us: 2_760,
            p90_us: 4_810,
            p99_us: 15_900,
            p999_us: 37_000,
            ..HistogramSummary::default()
        };
        let marks = marks(&summary, &(3.0..5.0));
        let told = marks.iter().map(|mark| (&mark.label[..2], mark.turned));
        let expected = [("99", true), ("99", true), ("ha", false), ("90", false)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert!(marks[0].at > marks[1].at);
    }
}
