//! The pictures, drawn by `plotters` as SVG and coloured by the page's style.
//!
//! Pictures are drawn in marker colours that mean a role, such as [`FIRST`]; `style.css` gives
//! each role its colour for light, dark and paper, and a dash pattern, so that lines can be told
//! apart without colour.

mod bar;
mod distribution;
mod dots;
mod heat;
mod line;
mod processor;
mod spectrum;
mod stacked;
mod ticks;

use std::io;

use askama::Template;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

pub(crate) use bar::{Part, bar};
pub(crate) use distribution::distribution;
pub(crate) use dots::{DotRow, Dots, dots};
pub(crate) use heat::{heat, shade_colour};
pub(crate) use line::{errors, percentiles, throughput};
pub(crate) use processor::{cores_used, sparkline};
pub(crate) use spectrum::{percentile, spectrum};
pub(crate) use stacked::{Piece, Stack, stacked};

/// Units of a drawing for each unit of the page: the library draws on whole units only, and finer
/// ones make smooth lines.
const SCALE: u32 = 4;

/// Markers of roles; each has its colour in `style.css`.
/// What is said of the data.
const INK: RGBColor = RGBColor(0, 0, 1);
const GRID: RGBColor = RGBColor(0, 0, 2);
/// Axes and their labels.
const AXIS: RGBColor = RGBColor(0, 0, 3);
/// What a picture is mainly about: a solid line.
pub(crate) const FIRST: RGBColor = RGBColor(0, 0, 0x11);
/// What it is compared with: a dashed line.
pub(crate) const SECOND: RGBColor = RGBColor(0, 0, 0x12);
/// Trouble: a dotted line.
const TROUBLE: RGBColor = RGBColor(0, 0, 0x13);
/// A limit that is not a measurement.
pub(crate) const LIMIT: RGBColor = RGBColor(0, 0, 0x14);
/// Area below the main line, and bars.
pub(crate) const AREA: RGBColor = RGBColor(0, 0, 0x21);
/// What is missing between two lines.
pub(crate) const GAP: RGBColor = RGBColor(0, 0, 0x22);
/// The first part of an exchange; the others follow, one by one.
const FIRST_PART: u8 = 0x31;

/// Space at the left for the labels of the vertical axis.
const LEFT: u32 = 72;
/// Space below for the labels of the horizontal axis.
const BELOW: u32 = 26;
/// Size of labels; the page's style has the last word.
const LABEL_SIZE: u32 = 13;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("draw {picture}")]
pub struct ChartError {
    /// Which one.
    picture: &'static str,
    /// What the drawing library says.
    source: DrawError,
}

type DrawError = DrawingAreaErrorKind<io::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Axes = Cartesian2d<Labelled, Labelled>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Axes>;

/// A drawing with the words that stand for it where it cannot be seen.
#[derive(Clone, Debug, Template)]
#[template(path = "picture.html")]
pub(crate) struct Picture {
    /// Large pictures have axes and labels, small ones stand in a table.
    small: bool,
    /// Names it within the page.
    pub(crate) id: String,
    /// What it shows, a few words.
    pub(crate) title: String,
    /// What can be seen in it, a sentence or two.
    pub(crate) description: String,
    /// Size of the drawing, in its own units.
    pub(crate) width: u32,
    /// Size of the drawing, in its own units.
    pub(crate) height: u32,
    /// SVG elements, without the outermost.
    pub(crate) elements: String,
}

/// What to draw: where on the page, how large, and in which words.
struct Canvas {
    id: String,
    title: String,
    description: String,
    /// Width and height, in units of the page.
    size: (u32, u32),
    /// Stands in a table, without axes.
    small: bool,
}

/// An axis: what is on it and where the labels are.
struct Axis<'a> {
    range: std::ops::Range<f64>,
    ticks: Vec<f64>,
    label: &'a dyn Fn(&f64) -> String,
}

/// A linear coordinate with labels where they are wanted.
struct Labelled {
    inner: RangedCoordf64,
    ticks: Vec<f64>,
}

/// A swatch of the legend.
#[derive(Clone, Debug)]
pub(crate) struct Swatch {
    /// Marker colour, as in the drawing.
    pub(crate) colour: String,
    pub(crate) name: String,
}

// === impl Canvas ===

impl Canvas {
    /// Lets `paint` draw.
    fn draw(
        self,
        picture: &'static str,
        paint: impl FnOnce(&Area<'_>) -> Result<(), DrawError>,
    ) -> Result<Picture, ChartError> {
        let (width, height) = (self.size.0 * SCALE, self.size.1 * SCALE);
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
            paint(&area)
                .and_then(|()| area.present())
                .map_err(|source| ChartError { picture, source })?;
        }
        let Self {
            id,
            title,
            description,
            small,
            ..
        } = self;
        Ok(Picture {
            small,
            id,
            title,
            description,
            width,
            height,
            elements: elements(&svg),
        })
    }
}

// === impl Picture ===

impl Picture {
    /// Class of its element.
    fn class(&self) -> &'static str {
        if self.small { "chart small" } else { "chart" }
    }
}

// === impl Swatch ===

impl Swatch {
    /// The swatch of a marker.
    pub(crate) fn new(colour: RGBColor, name: impl Into<String>) -> Self {
        Self {
            colour: marker(colour),
            name: name.into(),
        }
    }
}

// === impl Labelled ===

impl Labelled {
    fn new(range: std::ops::Range<f64>, ticks: Vec<f64>) -> Self {
        Self {
            inner: range.into(),
            ticks,
        }
    }
}

impl Ranged for Labelled {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.inner.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.inner.range()
    }
}

/// Axes with labels and horizontal lines; the data go on top.
fn frame<'a>(area: &Area<'a>, x: Axis<'_>, y: Axis<'_>) -> Result<Chart<'a>, DrawError> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(scaled(6))
        .margin_right(scaled(22))
        .x_label_area_size(scaled(BELOW))
        .y_label_area_size(scaled(LEFT))
        .build_cartesian_2d(
            Labelled::new(x.range, x.ticks),
            Labelled::new(y.range, y.ticks),
        )?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(SCALE))
        .axis_style(AXIS.stroke_width(SCALE))
        .set_all_tick_mark_size(scaled(5))
        .label_style(text_style(&AXIS))
        .x_label_formatter(x.label)
        .y_label_formatter(y.label)
        .draw()?;
    Ok(chart)
}

fn text_style(colour: &RGBColor) -> TextStyle<'static> {
    ("sans-serif", scaled(LABEL_SIZE)).into_font().color(colour)
}

fn scaled(size: u32) -> i32 {
    (size * SCALE).cast_signed()
}

/// The hexadecimal form of a marker, as the drawing library writes it.
fn marker(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}

/// The marker of a part of an exchange.
pub(crate) const fn part_colour(part: sim_metrics::Part) -> RGBColor {
    RGBColor(0, 0, FIRST_PART + part as u8)
}

/// The same, as the page's style has it.
pub(crate) fn part_marker(part: sim_metrics::Part) -> String {
    marker(part_colour(part))
}

/// What is between the outermost tags, without attributes that the page's style decides.
fn elements(svg: &str) -> String {
    let inner = svg.split_once('>').map_or("", |(_, rest)| rest);
    let inner = inner.trim();
    let inner = inner.strip_suffix("</svg>").unwrap_or(inner);
    inner
        .replace(" opacity=\"1\"", "")
        .replace(" font-family=\"sans-serif\"", "")
        .replace(" stroke=\"none\"", "")
        .replace(" \"/>", "\"/>")
        .replace("\n</text>", "</text>")
        .replace(">\n", ">")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_has_its_colour_in_the_style() {
        let style = include_str!("../templates/style.css");
        let roles = [INK, GRID, AXIS, FIRST, SECOND, TROUBLE, LIMIT, AREA, GAP];
        let shades = (0..crate::heat::SHADES).map(shade_colour);
        for colour in roles
            .into_iter()
            .chain(sim_metrics::Part::ALL.map(part_colour))
            .chain(shades)
        {
            let marker = marker(colour);
            assert!(style.contains(&marker), "{marker} has no colour");
        }
    }

    #[test]
    fn the_outermost_element_is_left_to_the_page() {
        let svg = "<svg xmlns=\"http://x\">\n<text opacity=\"1\" x=\"1\">\na\n</text>\n</svg>\n";
        assert_eq!(elements(svg), "<text x=\"1\">a</text>");
    }
}
