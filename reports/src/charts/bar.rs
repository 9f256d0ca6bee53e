//! One bar whose parts make up a whole.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{AREA, AXIS, Canvas, ChartError, FIRST, INK, Picture, scaled, text_style};

const SIZE: (u32, u32) = (720, 58);
const BAR_HEIGHT: u32 = 26;
/// Where the labels below the bar have their middle.
const LABEL_AT: u32 = 43;
/// Width that a letter of a label needs.
const LETTER_WIDTH: u32 = 9;

/// A part of a whole.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Its size, in any unit; what is not a number above zero is not drawn.
    pub(crate) size: f64,
    /// The part that the whole is about.
    pub(crate) main: bool,
}

/// Draws the parts in order; none where there is nothing to draw.
pub(crate) fn bar(
    id: &str,
    title: &str,
    description: String,
    parts: &[Part],
) -> Result<Option<Picture>, ChartError> {
    let drawn: Vec<&Part> = parts
        .iter()
        .filter(|part| part.size.is_finite() && part.size > 0.0)
        .collect();
    let whole: f64 = drawn.iter().map(|part| part.size).sum();
    if drawn.is_empty() || !whole.is_finite() {
        return Ok(None);
    }
    let canvas = Canvas {
        id: id.to_owned(),
        title: title.to_owned(),
        description,
        size: SIZE,
        small: false,
    };
    canvas
        .draw("the phases of the run", |area| {
            let width = f64::from(scaled(SIZE.0));
            let mut before = 0.0;
            for part in drawn {
                let from = (before / whole * width) as i32;
                before += part.size;
                let to = (before / whole * width) as i32;
                let corners = [(from, scaled(2)), (to, scaled(2 + BAR_HEIGHT))];
                let colour = if part.main { FIRST } else { AREA };
                area.draw(&Rectangle::new(corners, colour.filled()))?;
                // A line between the parts tells them apart without colour.
                let edge = vec![(to, scaled(0)), (to, scaled(4 + BAR_HEIGHT))];
                area.draw(&PathElement::new(
                    edge,
                    AXIS.stroke_width(scaled(1).unsigned_abs()),
                ))?;
                let letters = u32::try_from(part.name.chars().count()).unwrap_or(u32::MAX);
                if to - from > scaled(letters.saturating_mul(LETTER_WIDTH).min(SIZE.0)) {
                    let style = text_style(&INK).pos(Pos::new(HPos::Left, VPos::Center));
                    let at = (from + scaled(2), scaled(LABEL_AT));
                    area.draw(&Text::new(part.name.clone(), at, style))?;
                }
            }
            Ok(())
        })
        .map(Some)
}
