//! How many people a second are computed, and how fast is one found by ID?
//!
//! Measured: `identities`, national ID and status of people in order, ten thousand at a time;
//! `find`, the index of a person from the text of the ID.
//!
//! Model: the 500,000 people of the pension scenario, and 1,050,000: sizes just above a power of
//! two are the slowest, because their shuffle walks twice on average.
//!
//! Beware: elements a second are people. Names, birth dates and municipalities are not computed.

use benches::population::People;
use criterion::{BenchmarkId, Criterion, Throughput};

const SIZES: [u64; 2] = [500_000, 1_050_000];
/// People computed at a time.
const STRIDE: u64 = 10_000;
/// People that are looked up, in turn.
const SOUGHT: u64 = 1_000;

fn population(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("population");
    for size in SIZES {
        let people = People::new(size);
        group.throughput(Throughput::Elements(STRIDE));
        group.bench_function(BenchmarkId::new("identities", size), |bencher| {
            let mut first = 0;
            bencher.iter(|| {
                first = (first + STRIDE) % size;
                people.identities(first, STRIDE)
            });
        });
        let texts = people.texts(SOUGHT);
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new("find", size), |bencher| {
            let mut sought = texts.iter().cycle();
            bencher.iter(|| {
                let text = sought.next().expect("a cycle has no end");
                people.find(text).expect("everybody is found")
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    population(&mut criterion);
    criterion.final_summary();
}
