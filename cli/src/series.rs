//! `series.csv`: the seconds of a load, for spreadsheets and plotting tools.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use sim_metrics::{LoadResult, SecondSlice};

/// Name of the file in the run folder.
pub(crate) const FILE: &str = "series.csv";

/// The columns (`docs/measurement.md`, "Outputs").
const HEADER: &str = "at_s,phase,offered,completed,errors,p50_us,p99_us,max_us";

/// Writes the seconds of a load to `path`.
///
/// # Errors
///
/// Where the file cannot be written.
pub(crate) fn save(path: &Path, load: &LoadResult) -> Result<()> {
    std::fs::write(path, csv(load)).with_context(|| format!("cannot write {}", path.display()))
}

/// A line for each second, below the names of the columns. Where nothing ended the times are left
/// out, for none is not zero.
fn csv(load: &LoadResult) -> String {
    let mut text = format!("{HEADER}\n");
    for second in &load.series {
        let SecondSlice {
            at_s,
            offered,
            completed,
            errors,
            ..
        } = second;
        // A second that was only partly warm-up has answers that count.
        let phase = if (at_s + 1) as f64 <= load.warm_up_s {
            "warm-up"
        } else {
            "measured"
        };
        let times = if second.p99_us == 0 {
            ",,".to_owned()
        } else {
            format!("{},{},{}", second.p50_us, second.p99_us, second.max_us)
        };
        writeln!(
            text,
            "{at_s},{phase},{offered},{completed},{errors},{times}"
        )
        .expect("a string takes whatever is written to it");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_is_a_line_and_no_time_is_not_zero() {
        let quiet = SecondSlice {
            at_s: 1,
            offered: 2,
            ..SecondSlice::default()
        };
        let busy = SecondSlice {
            at_s: 2,
            offered: 5,
            completed: 7,
            errors: 1,
            p50_us: 900,
            p99_us: 4_000,
            max_us: 4_100,
        };
        let load = LoadResult {
            warm_up_s: 2.0,
            series: vec![quiet, busy],
            ..LoadResult::default()
        };
        let expected = "at_s,phase,offered,completed,errors,p50_us,p99_us,max_us\n\
                        1,warm-up,2,0,0,,,\n\
                        2,measured,5,7,1,900,4000,4100\n";
        assert_eq!(csv(&load), expected);
    }
}
