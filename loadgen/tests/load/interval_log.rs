//! The interval log, as HdrHistogram's own reader sees it.

use std::path::Path;
use std::process::Command;

use loadgen::{Load, WhenFull};
use sim_metrics::HistogramSummary;
use sim_workload::{ArrivalProcess, Course};

use crate::server::Act;
use crate::{Bench, PEOPLE};

/// HdrHistogram for Java, the reference, where Debian puts it (`libhdrhistogram-java`).
const JAR: &str = "/usr/share/java/hdrhistogram.jar";

/// By how much a percentile may differ: both histograms keep three digits.
const PRECISION: f64 = 0.002;

/// What the reader makes of the intervals of a tag: the whole of them, and how many there are.
#[derive(Debug)]
struct Reading {
    count: u64,
    intervals: usize,
    /// Lines of the percentile spectrum: value, percentile, count up to it.
    spectrum: Vec<(f64, f64, u64)>,
}

/// None where the reader is not installed; says so.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests learns what was not checked"
)]
fn read(log: &Path, tag: &str) -> Option<Reading> {
    let has_java = Command::new("java").arg("-version").output().is_ok();
    if !has_java || !Path::new(JAR).exists() {
        eprintln!("SKIPPED: no java or no {JAR}; `ci/test` installs both");
        return None;
    }
    let output = log.with_extension("out");
    // Without the prefix it writes on standard output, with it the spectrum goes to `.hgrm`.
    let read = Command::new("java")
        .args(["-cp", JAR, "org.HdrHistogram.HistogramLogProcessor"])
        .args(["-tag", tag, "-outputValueUnitRatio", "1", "-i"])
        .arg(log)
        .arg("-o")
        .arg(&output)
        .output()
        .expect("java was there a moment ago");
    assert!(read.status.success(), "{read:?}");
    let spectrum = std::fs::read_to_string(output.with_extension("out.hgrm")).expect("a spectrum");
    let intervals = std::fs::read_to_string(&output).expect("a list of intervals");
    let numbers = |line: &str| -> Option<(f64, f64, u64)> {
        let mut numbers = line.split_whitespace();
        let value = numbers.next()?.parse().ok()?;
        let percentile = numbers.next()?.parse().ok()?;
        Some((value, percentile, numbers.next()?.parse().ok()?))
    };
    let spectrum: Vec<_> = spectrum.lines().filter_map(numbers).collect();
    let is_interval = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
    Some(Reading {
        count: spectrum.last()?.2,
        intervals: intervals.lines().filter(is_interval).count(),
        spectrum,
    })
}

#[track_caller]
fn check(reading: &Reading, summary: &HistogramSummary) {
    assert_eq!(reading.count, summary.count);
    for (percentile, us) in [(0.5, summary.p50_us), (0.9, summary.p90_us)] {
        let line = reading.spectrum.iter().find(|line| line.1 >= percentile);
        let (value, ..) = line.expect("a percentile that high");
        let us = us as f64;
        assert!(
            (value - us).abs() <= us * PRECISION + 1.0,
            "{value} for {us}"
        );
    }
    let (longest, ..) = reading.spectrum.last().expect("there is one");
    let max = summary.max_us as f64;
    assert!(
        (longest - max).abs() <= max * PRECISION + 1.0,
        "{longest} for {max}"
    );
}

#[tokio::test]
async fn the_reference_reader_finds_what_the_load_generator_timed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("response-time.hlog");
    let load = Load::Rate {
        course: Course::Constant { per_second: 250.0 },
        arrivals: ArrivalProcess::Uniform,
        max_in_flight: 4,
        when_full: WhenFull::Queue,
    };
    let mut bench = Bench::new(load, |_| Act::Truth).await;
    bench.config.interval_log = Some(log.clone());
    let run = bench.run().await;
    assert_eq!(run.result.completed, PEOPLE);
    let text = std::fs::read_to_string(&log).unwrap();
    for head in [
        "#[StartTime: ",
        "#[BaseTime: ",
        "Tag=response-time,0.000,1.000,",
    ] {
        assert!(text.contains(head), "{head}");
    }
    for (tag, summary) in [
        ("response-time", &run.result.response_time),
        ("service-time", &run.result.service_time),
    ] {
        if let Some(reading) = read(&log, tag) {
            check(&reading, summary);
            assert_eq!(reading.intervals, run.result.series.len(), "{tag}");
        }
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_no_load() {
    let mut bench = Bench::new(crate::closed(4), |_| Act::Truth).await;
    bench.config.interval_log = Some("/nowhere/response-time.hlog".into());
    let refusal = bench.refusal().await;
    assert_eq!(refusal.to_string(), "write /nowhere/response-time.hlog");
}
