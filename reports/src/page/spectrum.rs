//! The percentiles of response time, and what waiting adds to them.

use sim_metrics::{HistogramSummary, LoadResult, SpectrumPoint};

use super::Figure;
use super::load::is_paced;
use crate::charts::{self, AREA, ChartError, FIRST, SECOND, Swatch};
use crate::format::micros;
use crate::table::Table;

/// Percentiles in the table: half, and so many whole nines.
const MAX_NINES: u32 = 9;
/// By how much a point may miss the percentile it is taken for, relative.
const NEAR: f64 = 1e-6;

/// The figure; none in records that have no spectrum.
pub(crate) fn figure(load: &LoadResult) -> Result<Option<Figure>, ChartError> {
    let (response, service) = (&load.response_time, &load.service_time);
    // Without intended starts both times are the same.
    let paced = is_paced(load);
    let beside = if paced { &service.spectrum[..] } else { &[] };
    let description = describe(response, paced.then_some(service));
    let picture = charts::spectrum(&response.spectrum, beside, description)?;
    let Some(picture) = picture else {
        return Ok(None);
    };
    let mut legend = vec![Swatch::new(FIRST, "response time")];
    if paced {
        legend.push(Swatch::new(SECOND, "service time, from sending to answer"));
        legend.push(Swatch::new(AREA, "what waiting to be sent adds"));
    }
    Ok(Some(Figure {
        caption: "Response time by percentile".to_owned(),
        note: "Each step to the right leaves a tenth of the answers: one in ten, one in a \
               hundred, one in a thousand. The line ends where ten answers are left, for fewer are \
               an accident."
            .to_owned(),
        legend,
        picture,
        table: Some(table(response, paced.then_some(service))),
    }))
}

fn table(response: &HistogramSummary, service: Option<&HistogramSummary>) -> Table {
    let title = "Percentiles of response time";
    let mut table = match service {
        Some(_) => Table::new(
            title,
            &["Within", "#Response time", "#Service time", "#More by"],
        ),
        None => Table::new(title, &["Within", "#Response time"]),
    };
    let mut row = |name: String, us: u64, service_us: Option<u64>| {
        let mut cells = vec![name, micros(us)];
        if service.is_some() {
            let shown = |us: Option<u64>| us.map_or(crate::format::NOTHING.to_owned(), micros);
            cells.push(shown(service_us));
            cells.push(shown(
                service_us.map(|service_us| us.saturating_sub(service_us)),
            ));
        }
        table.push(cells);
    };
    row(
        "50\u{a0}%".to_owned(),
        response.p50_us,
        service.map(|service| service.p50_us),
    );
    for nines in 1..=MAX_NINES {
        let beyond = 10_f64.powf(-f64::from(nines));
        if let Some(us) = at(&response.spectrum, beyond) {
            let service_us = service.and_then(|service| at(&service.spectrum, beyond));
            row(charts::percentile(f64::from(nines)), us, service_us);
        }
    }
    table
}

/// The time beyond which that share is; none where the spectrum does not go so far.
fn at(spectrum: &[SpectrumPoint], beyond: f64) -> Option<u64> {
    let is_near = |point: &&SpectrumPoint| (point.beyond / beyond - 1.0).abs() < NEAR;
    spectrum.iter().find(is_near).map(|point| point.us)
}

fn describe(response: &HistogramSummary, service: Option<&HistogramSummary>) -> String {
    let Some(service) = service else {
        return format!(
            "It rises from {} for half of the answers to {} for 99 %.",
            micros(response.p50_us),
            micros(response.p99_us)
        );
    };
    format!(
        "Half of the answers took at most {}, {} of it from sending on; 99 % at most {}, where from \
         sending on it is {}.",
        micros(response.p50_us),
        micros(service.p50_us),
        micros(response.p99_us),
        micros(service.p99_us),
    )
}
