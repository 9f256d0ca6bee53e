//! A run record or a comparison in, what people read out.
//!
//! [`html`] makes one self-contained file that opens without a network: no script, no font, no
//! picture from elsewhere. It is made from the [`RunRecord`] alone, so that it can be made again
//! later, and it shows whatever the record holds: a run that broke early has a page, too.
//!
//! [`comparison_html`] is the page of two sets of runs; [`comparison_text`], [`comparison_markdown`]
//! and [`comparison_junit`] tell the same to a terminal, a pull request and a build server.
//!
//! It is not a judge: the verdict, and which thresholds held, are the record's. What the page
//! adds are words, pictures, and the caveats that follow from how the figures came about.
//!
//! | module | what |
//! |---|---|
//! | `page` | what stands where; the words that depend on the run |
//! | `comparison` | the same of a comparison, and its summaries |
//! | `charts` | the pictures, drawn by `plotters` as SVG |
//! | `series`, `heat` | long series cut down to what a picture can show |
//! | `table` | rows and columns, with a caption and the alignment of each column |
//! | `format` | numbers as people write them |
//!
//! How it looks is in `templates/`.

mod charts;
mod comparison;
mod format;
mod heat;
mod page;
mod series;
mod table;

use askama::Template as _;
use sim_comparison::Comparison;
use sim_metrics::RunRecord;

pub use charts::ChartError;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A picture could not be drawn.
    #[error("draw the page's pictures")]
    Chart(#[from] ChartError),
    /// The template could not be filled in.
    #[error("fill in the page's template")]
    Template(#[from] askama::Error),
    /// The test report could not be written.
    #[error("write the test report")]
    Junit(#[from] std::io::Error),
}

/// The page of one run: self-contained, no network needed, below a megabyte.
///
/// Fields that are missing, zero or not a number are shown as not measured.
///
/// # Errors
///
/// Fails only where the drawing library or the template engine does, which no record is known to
/// bring about.
pub fn html(record: &RunRecord) -> Result<String, ReportError> {
    Ok(page::Page::of(record, None)?.render()?)
}

/// As [`html`], with what an exchange of another run costs beside that of this one.
///
/// # Errors
///
/// As [`html`].
pub fn html_beside(record: &RunRecord, other: &RunRecord) -> Result<String, ReportError> {
    Ok(page::Page::of(record, Some(other))?.render()?)
}

/// The page of a comparison: self-contained, no network needed, below a megabyte.
///
/// # Errors
///
/// As [`html`].
pub fn comparison_html(comparison: &Comparison) -> Result<String, ReportError> {
    Ok(comparison::Page::of(comparison)?.render()?)
}

/// A summary for a pull request, in GitHub's Markdown: verdict, metrics, caveats; runs and machines
/// folded away.
#[must_use]
pub fn comparison_markdown(comparison: &Comparison) -> String {
    comparison::markdown(comparison)
}

/// A JUnit test report: a test case for each metric that decides and one for the answers. What
/// regressed has failed; what is only shown, not measured or not to be told is skipped.
///
/// # Errors
///
/// Fails only where writing to memory does, which no comparison is known to bring about.
pub fn comparison_junit(comparison: &Comparison) -> Result<String, ReportError> {
    Ok(comparison::junit(comparison)?)
}

/// The table for a terminal, with verdict, reasons and caveats, ending with a line break.
#[must_use]
pub fn comparison_text(comparison: &Comparison) -> String {
    comparison::text(comparison)
}
