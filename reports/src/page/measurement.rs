//! The measurement itself: how well the load generator could work, and whether what must hold of
//! every run held.

use sim_metrics::{GeneratorHealth, HistogramSummary, LoadResult, RunRecord};

use super::{MAX_NAME, MAX_TEXT};
use crate::charts::{self, ChartError, Part, Picture};
use crate::format::{count, cut, decimal, fraction, micros};
use crate::table::Table;

/// Laws that are shown.
const MAX_LAWS: usize = 20;

/// What was measured of the measurement.
pub(crate) struct MeasurementView {
    /// How the generator spent its time, one or two sentences; empty where it was not measured.
    pub(crate) generator: String,
    pub(crate) shares: Option<Picture>,
    /// How late it may have made an exchange.
    pub(crate) delays: Table,
    pub(crate) laws: Table,
}

/// The measurement; absent where neither the generator nor a law was looked at.
pub(crate) fn view(record: &RunRecord) -> Result<Option<MeasurementView>, ChartError> {
    let Some(load) = &record.load else {
        return Ok(None);
    };
    let laws = laws(record);
    if load.generator.is_none() && laws.is_empty() {
        return Ok(None);
    }
    let health = load.generator.as_ref();
    Ok(Some(MeasurementView {
        generator: health.map(generator).unwrap_or_default(),
        shares: health.map(shares).transpose()?.flatten(),
        delays: delays(load),
        laws,
    }))
}

fn generator(health: &GeneratorHealth) -> String {
    format!(
        "Its threads that send and receive were busy for {} of the measured time, waited for a \
         processor for {}, and had nothing to do for {}. {} exchanges were in flight on average, \
         counted {} times.",
        fraction(health.busy),
        fraction(health.waiting),
        fraction(health.idle),
        decimal(health.mean_in_flight),
        count(health.looks),
    )
}

fn shares(health: &GeneratorHealth) -> Result<Option<Picture>, ChartError> {
    let part = |name: &str, size: f64, main| Part {
        name: format!("{name} {}", fraction(size)),
        size,
        main,
    };
    let parts = [
        part("busy", health.busy, true),
        part("waiting", health.waiting, false),
        part("nothing to do", health.idle, false),
    ];
    let description = format!(
        "Busy {}, waiting for a processor {}, nothing to do {}.",
        fraction(health.busy),
        fraction(health.waiting),
        fraction(health.idle)
    );
    let title = "What the load generator's threads did";
    charts::bar("generator", title, description, &parts)
}

/// Both delays, and how much of the response time they may be; empty where there are none.
fn delays(load: &LoadResult) -> Table {
    let mut table = Table::new(
        "What the load generator itself may have added to a response time",
        &["Delay", "From … to", "#Median", "#99\u{a0}%", "#Longest"],
    );
    let mut row = |mark, name: &str, span: &str, times: &HistogramSummary| {
        if times.count > 0 {
            let figures = [times.p50_us, times.p99_us, times.max_us].map(micros);
            let cells = [name.to_owned(), span.to_owned()].into_iter();
            table.push_marked(mark, cells.chain(figures));
        }
    };
    let pacer = "due to the pacer’s call";
    row("", "pacer lag", pacer, &load.pacer_lag);
    if let Some(health) = &load.generator {
        let span = "ready to work to being given a processor";
        row("", "scheduling delay", span, &health.scheduling_delay);
    }
    let has_any = load.pacer_lag.count > 0 || load.generator.is_some();
    if has_any {
        let span = "for comparison";
        row("sum", "response time", span, &load.response_time);
    }
    table
}

fn laws(record: &RunRecord) -> Table {
    let mut table = Table::new(
        "What must hold of every run; where it does not, the measurement is at fault",
        &["Law", "What was found", "Held"],
    );
    for law in record.laws.iter().take(MAX_LAWS) {
        let (name, found) = law.text.split_once(": ").unwrap_or(("", &law.text));
        let (mark, held) = if law.held { ("", "yes") } else { ("bad", "no") };
        let cells = [cut(name, MAX_NAME), cut(found, MAX_TEXT), held.to_owned()];
        table.push_marked(mark, cells);
    }
    table.left_out = record.laws.len().saturating_sub(MAX_LAWS);
    table
}
