//! A load over time: answers a second, and how long they took.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::distribution::short_time;
use super::{
    AREA, Axis, Canvas, Chart, ChartError, DrawError, FIRST, GAP, INK, LIMIT, Picture, SCALE,
    SECOND, TROUBLE, frame, text_style, ticks,
};
use crate::format;
use crate::series::{Slice, Timeline};

const SIZE: (u32, u32) = (720, 240);
const LOW_SIZE: (u32, u32) = (720, 150);
const LINE_WIDTH: u32 = 2;
/// Labels that the upright axis has room for.
const HEIGHT_LABELS: usize = 9;
/// Labels on the axis of time.
const TIME_LABELS: usize = 6;

/// Draws answers a second; with `offered` also what came due.
pub(crate) fn throughput(timeline: &Timeline, offered: bool) -> Result<Picture, ChartError> {
    let slices = &timeline.slices;
    let due = |slice: &Slice| if offered { slice.offered_per_s } else { 0.0 };
    let highest = slices
        .iter()
        .map(|slice| slice.completed_per_s.max(due(slice)))
        .fold(0.0, f64::max);
    let canvas = Canvas {
        id: "throughput".to_owned(),
        title: "Answers a second over the time of the load".to_owned(),
        description: describe_rate(slices, |slice| slice.completed_per_s, "answers"),
        size: SIZE,
        small: false,
    };
    canvas.draw("throughput over time", |area| {
        let mut chart = over_time(area, end_s(timeline), upright(highest))?;
        let completed = || {
            slices
                .iter()
                .map(|slice| (slice.middle_s, slice.completed_per_s))
        };
        chart.draw_series(AreaSeries::new(completed(), 0.0, AREA.filled()))?;
        if offered && slices.len() > 1 {
            let ahead = |slice: &Slice| slice.offered_per_s.max(slice.completed_per_s);
            let above = slices.iter().map(|slice| (slice.middle_s, ahead(slice)));
            let below = completed().rev();
            let gap: Vec<_> = above.chain(below).collect();
            chart.draw_series([Polygon::new(gap, GAP.filled())])?;
        }
        chart.draw_series(LineSeries::new(
            completed(),
            FIRST.stroke_width(LINE_WIDTH * SCALE),
        ))?;
        if offered {
            let due = slices
                .iter()
                .map(|slice| (slice.middle_s, slice.offered_per_s));
            chart.draw_series(LineSeries::new(
                due,
                SECOND.stroke_width(LINE_WIDTH * SCALE),
            ))?;
        }
        mark_warm_up(
            &mut chart,
            timeline.warm_up_s,
            end_s(timeline),
            top_of(highest),
        )
    })
}

/// Draws exchanges a second that ended otherwise than ok; none where all went well.
pub(crate) fn errors(timeline: &Timeline) -> Result<Option<Picture>, ChartError> {
    let slices = &timeline.slices;
    let highest = slices
        .iter()
        .map(|slice| slice.errors_per_s)
        .fold(0.0, f64::max);
    if highest <= 0.0 {
        return Ok(None);
    }
    let canvas = Canvas {
        id: "errors".to_owned(),
        title: "Exchanges a second that ended otherwise than ok".to_owned(),
        description: describe_rate(slices, |slice| slice.errors_per_s, "such exchanges"),
        size: LOW_SIZE,
        small: false,
    };
    canvas
        .draw("errors over time", |area| {
            let mut chart = over_time(area, end_s(timeline), upright(highest))?;
            let ended = slices
                .iter()
                .map(|slice| (slice.middle_s, slice.errors_per_s));
            chart.draw_series(LineSeries::new(
                ended,
                TROUBLE.stroke_width(LINE_WIDTH * SCALE),
            ))?;
            mark_warm_up(
                &mut chart,
                timeline.warm_up_s,
                end_s(timeline),
                top_of(highest),
            )
        })
        .map(Some)
}

/// Draws median and 99th percentile over time; none where nothing was answered.
pub(crate) fn percentiles(timeline: &Timeline) -> Result<Option<Picture>, ChartError> {
    let slices = &timeline.slices;
    let figures = || {
        slices
            .iter()
            .flat_map(|slice| [slice.p50_us, slice.p99_us])
            .flatten()
    };
    let (Some(low), Some(high)) = (figures().min(), figures().max()) else {
        return Ok(None);
    };
    let (range, labelled) = ticks::logarithmic(low as f64, high as f64, HEIGHT_LABELS);
    let top = range.end;
    let canvas = Canvas {
        id: "percentiles".to_owned(),
        title: "Response time over the time of the load".to_owned(),
        description: describe_percentiles(slices),
        size: SIZE,
        small: false,
    };
    canvas
        .draw("response time over time", |area| {
            let y = Axis {
                range,
                ticks: labelled,
                label: &|log| short_time(10_f64.powf(*log)),
            };
            let mut chart = over_time(area, end_s(timeline), y)?;
            draw_with_gaps(&mut chart, slices, |slice| slice.p99_us, SECOND)?;
            draw_with_gaps(&mut chart, slices, |slice| slice.p50_us, FIRST)?;
            mark_warm_up(&mut chart, timeline.warm_up_s, end_s(timeline), top)
        })
        .map(Some)
}

/// A linear axis from zero to a little above `highest`; an axis needs a length also where all is
/// zero.
fn upright(highest: f64) -> Axis<'static> {
    let top = top_of(highest);
    Axis {
        range: 0.0..top,
        ticks: ticks::linear(top, 4),
        label: &|value| format::decimal(*value),
    }
}

fn top_of(highest: f64) -> f64 {
    if highest > 0.0 { highest * 1.08 } else { 1.0 }
}

/// An upright line up to `top` where the warm-up ends, if that is within the picture.
pub(super) fn mark_warm_up(
    chart: &mut Chart<'_>,
    warm_up_s: f64,
    end_s: f64,
    top: f64,
) -> Result<(), DrawError> {
    if !(warm_up_s > 0.0 && warm_up_s < end_s) {
        return Ok(());
    }
    let bottom = chart.y_range().start;
    let line = vec![(warm_up_s, bottom), (warm_up_s, top)];
    let style = LIMIT.stroke_width(LINE_WIDTH * SCALE);
    chart.draw_series([PathElement::new(line, style)])?;
    // The label stands where there is more room.
    let (side, shift, label) = if warm_up_s * 2.0 < end_s {
        (HPos::Left, 6, "measured from here on")
    } else {
        (HPos::Right, -6, "warm-up until here")
    };
    let style = text_style(&INK).pos(Pos::new(side, VPos::Top));
    let text = Text::new(label, (shift * SCALE.cast_signed(), 0), style);
    chart.draw_series([EmptyElement::at((warm_up_s, top)) + text])?;
    Ok(())
}

pub(super) fn over_time<'a>(
    area: &super::Area<'a>,
    end_s: f64,
    y: Axis<'_>,
) -> Result<Chart<'a>, DrawError> {
    let (labelled, unit) = ticks::time(end_s, TIME_LABELS);
    let x = Axis {
        range: 0.0..end_s,
        ticks: labelled,
        label: &|at_s| unit.label(*at_s),
    };
    frame(area, x, y)
}

fn end_s(timeline: &Timeline) -> f64 {
    // The last slice's middle is at most half a slice from its end.
    timeline.slices.last().map_or(1.0, |last| {
        last.from_s + 2.0 * (last.middle_s - last.from_s)
    })
}

/// A line that is interrupted where nothing ended.
fn draw_with_gaps(
    chart: &mut Chart<'_>,
    slices: &[Slice],
    figure: fn(&Slice) -> Option<u64>,
    colour: RGBColor,
) -> Result<(), DrawError> {
    for run in slices.split(|slice| figure(slice).is_none()) {
        let points: Vec<(f64, f64)> = run
            .iter()
            .filter_map(|slice| Some((slice.middle_s, (figure(slice)? as f64).log10())))
            .collect();
        let style = colour.stroke_width(LINE_WIDTH * SCALE);
        match points.as_slice() {
            [] => {}
            [point] => {
                let dot = Circle::new(*point, LINE_WIDTH * SCALE, colour.filled());
                chart.draw_series([dot])?;
            }
            _ => {
                chart.draw_series(LineSeries::new(points, style))?;
            }
        }
    }
    Ok(())
}

fn describe_rate(slices: &[Slice], figure: fn(&Slice) -> f64, what: &str) -> String {
    let rates = || slices.iter().map(figure);
    format!(
        "Between {} and {} {what} a second.",
        format::rate(rates().fold(f64::INFINITY, f64::min)),
        format::rate(rates().fold(0.0, f64::max)),
    )
}

fn describe_percentiles(slices: &[Slice]) -> String {
    let span = |figure: fn(&Slice) -> Option<u64>| {
        let all = || slices.iter().filter_map(figure);
        let shown = |us: Option<u64>| us.map_or(format::NOTHING.to_owned(), format::micros);
        format!("{} and {}", shown(all().min()), shown(all().max()))
    };
    format!(
        "The median is between {}, the 99th percentile between {}.",
        span(|slice| slice.p50_us),
        span(|slice| slice.p99_us),
    )
}
