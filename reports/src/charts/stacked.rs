//! Bars whose parts make up a whole, one below the other on one scale.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{AXIS, Area, Canvas, ChartError, DrawError, INK, Picture, scaled, text_style};

const WIDTH: u32 = 720;
/// Above the bar: what it is of, and how much that is.
const HEAD_HEIGHT: u32 = 22;
const BAR_HEIGHT: u32 = 30;
/// Below the bar: the names of its parts.
const NAMES_HEIGHT: u32 = 20;
const GAP: u32 = 10;
/// Width that a letter of a name needs, also on a narrow screen, where letters are larger.
const LETTER_WIDTH: u32 = 10;
/// Room between two parts; the page shines through.
const SEAM: i32 = 3;

/// A bar.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    /// What it is of, above it.
    pub(crate) name: String,
    /// How much it is altogether, above it.
    pub(crate) whole: String,
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a bar.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Stands below it where there is room.
    pub(crate) name: &'static str,
    /// Its size, in the unit that all bars share; what is not a number above zero is not drawn.
    pub(crate) size: f64,
    pub(crate) colour: RGBColor,
}

/// Draws the bars in order; none where there is nothing to draw.
pub(crate) fn stacked(
    id: &str,
    title: &str,
    description: String,
    stacks: &[Stack],
) -> Result<Option<Picture>, ChartError> {
    let longest = stacks.iter().map(Stack::length).fold(0.0, f64::max);
    if longest <= 0.0 || !longest.is_finite() {
        return Ok(None);
    }
    let each = HEAD_HEIGHT + BAR_HEIGHT + NAMES_HEIGHT;
    let number = u32::try_from(stacks.len()).unwrap_or(u32::MAX);
    let canvas = Canvas {
        id: id.to_owned(),
        title: title.to_owned(),
        description,
        size: (WIDTH, number.saturating_mul(each + GAP)),
        small: false,
    };
    canvas
        .draw("what an exchange costs", |area| {
            let mut top = 0;
            for stack in stacks {
                stack.draw(area, top, longest)?;
                top += each + GAP;
            }
            Ok(())
        })
        .map(Some)
}

// === impl Stack ===

impl Stack {
    fn drawn(&self) -> impl Iterator<Item = &Piece> {
        let pieces = self.pieces.iter();
        pieces.filter(|piece| piece.size.is_finite() && piece.size > 0.0)
    }

    fn length(&self) -> f64 {
        self.drawn().map(|piece| piece.size).sum()
    }

    fn draw(&self, area: &Area<'_>, top: u32, longest: f64) -> Result<(), DrawError> {
        let head = scaled(top + HEAD_HEIGHT / 2);
        let at = |horizontal| Pos::new(horizontal, VPos::Center);
        let name = text_style(&INK).pos(at(HPos::Left));
        area.draw(&Text::new(self.name.clone(), (0, head), name))?;
        let whole = text_style(&INK).pos(at(HPos::Right));
        area.draw(&Text::new(self.whole.clone(), (scaled(WIDTH), head), whole))?;

        let (bar, below) = (top + HEAD_HEIGHT, top + HEAD_HEIGHT + BAR_HEIGHT);
        let width = f64::from(scaled(WIDTH));
        let mut before = 0.0;
        for piece in self.drawn() {
            let from = (before / longest * width) as i32;
            before += piece.size;
            let to = (before / longest * width) as i32;
            let end = if to - from > 2 * SEAM { to - SEAM } else { to };
            let corners = [(from, scaled(bar)), (end, scaled(below))];
            area.draw(&Rectangle::new(corners, piece.colour.filled()))?;
            let letters = u32::try_from(piece.name.chars().count()).unwrap_or(u32::MAX);
            if to - from > scaled(letters.saturating_mul(LETTER_WIDTH).min(WIDTH)) {
                let style = text_style(&AXIS).pos(at(HPos::Left));
                let place = (from + scaled(1), scaled(below + NAMES_HEIGHT / 2));
                area.draw(&Text::new(piece.name, place, style))?;
            }
        }
        Ok(())
    }
}
