//! Shown to work on real runs: recorded ones of one build, and of a build made slower on purpose,
//! drawn again and again and compared (`docs/comparison.md`, "Shown to work").
//!
//! `STUDY_DRAWS=20000 cargo test --release -p sim-comparison recorded -- --nocapture` makes the
//! study of the document; without it, a small part is checked.

use rand::seq::SliceRandom as _;
use sim_comparison::{ComparisonVerdict, RunSet};

use crate::fixture::{compared, recorded_run};

/// A line for each run: build, answers a second, 50th, 90th and 99th percentile of the response
/// time in microseconds, processor time of an exchange in microseconds, errors.
const RECORDED: &str = include_str!("recorded.csv");
/// Runs a side.
const RUNS: usize = 7;
/// Comparisons of each kind, where nobody asks for more.
const DRAWS: usize = 300;

/// What was measured of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) throughput_per_s: f64,
    pub(crate) p50_us: u64,
    pub(crate) p90_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) cpu_us: f64,
    pub(crate) errors: u64,
}

fn recorded(build: &str) -> Vec<Figures> {
    let rows = RECORDED.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split(',').collect();
        let [of, throughput, p50, p90, p99, cpu, errors] = columns[..] else {
            panic!("{line} has not seven columns");
        };
        let whole = |text: &str| text.parse().expect("a whole number");
        (of == build).then(|| Figures {
            throughput_per_s: throughput.parse().expect("a number"),
            p50_us: whole(p50),
            p90_us: whole(p90),
            p99_us: whole(p99),
            cpu_us: cpu.parse().expect("a number"),
            errors: whole(errors),
        })
    });
    rows.collect()
}

fn set(name: &str, figures: &[Figures]) -> RunSet {
    let runs = figures.iter().enumerate();
    RunSet {
        name: name.to_owned(),
        runs: runs
            .map(|(index, figures)| recorded_run(name, index, figures))
            .collect(),
        unfinished: Vec::new(),
    }
}

/// How often each verdict came, of `draws` comparisons of runs drawn from `of`: the first half of
/// what is drawn is the baseline.
fn verdicts(draws: usize, mut draw: impl FnMut() -> (Vec<Figures>, Vec<Figures>)) -> [usize; 4] {
    let mut counts = [0; 4];
    for _ in 0..draws {
        let (baseline, candidate) = draw();
        let comparison = compared(&set("baseline", &baseline), &set("candidate", &candidate));
        counts[match comparison.verdict {
            ComparisonVerdict::Pass => 0,
            ComparisonVerdict::Regressed => 1,
            ComparisonVerdict::Improved => 2,
            ComparisonVerdict::Inconclusive => 3,
        }] += 1;
    }
    counts
}

#[test]
fn recorded_runs_of_one_build_pass_and_those_of_a_slower_one_do_not() {
    let draws = std::env::var("STUDY_DRAWS").ok();
    let draws = draws.map_or(DRAWS, |text| text.parse().expect("a number of draws"));
    let (same, slower) = (recorded("same"), recorded("slower"));
    assert!(same.len() >= 60 && slower.len() >= 2 * RUNS);
    let mut rng = sim_clock::rng(11, "study");
    let mut pick = |from: &[Figures], count: usize| -> Vec<Figures> {
        let mut all = from.to_vec();
        all.partial_shuffle(&mut rng, count).0.to_vec()
    };
    let against_itself = verdicts(draws, || {
        let both = pick(&same, 2 * RUNS);
        let (baseline, candidate) = both.split_at(RUNS);
        (baseline.to_vec(), candidate.to_vec())
    });
    let against_slower = verdicts(draws, || (pick(&same, RUNS), pick(&slower, RUNS)));
    println!("draws {draws}: pass, regressed, improved, inconclusive");
    println!("one build against itself: {against_itself:?}");
    println!("against the slower build: {against_slower:?}");
    let share = |count: usize| count as f64 / draws as f64;
    assert!(share(against_itself[1]) <= 0.01, "{against_itself:?}");
    assert!(share(against_slower[1]) >= 0.95, "{against_slower:?}");
}
