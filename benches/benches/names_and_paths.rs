//! What do canonical names and access rights cost?
//!
//! Measured: a client's and a service's name read from their encoded form and written again; a
//! service path normalised and encoded for the service; a normalised path held against 1 and 64
//! rights.
//!
//! Model: `plain` has nothing to decode, as nearly every request; `escaped` and `devious` have, and
//! the latter has dot segments and doubled slashes too. Of the rights only the last one permits.
//!
//! Beware: these are tens to hundreds of nanoseconds and nearly all of it is allocation, so a
//! difference of a few per cent says nothing. All but the permitting right fail at their subject,
//! before any pattern is matched.

use std::hint::black_box;

use benches::names_and_paths::{
    DEVIOUS_PATH, ESCAPED_CLIENT, PLAIN_CLIENT, PLAIN_PATH, Rights, SERVICE, client_there_and_back,
    normalise, service_there_and_back,
};
use criterion::{BenchmarkId, Criterion};

const RIGHTS: [usize; 2] = [1, 64];

fn names(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("names");
    for (name, client) in [("plain", PLAIN_CLIENT), ("escaped", ESCAPED_CLIENT)] {
        group.bench_function(BenchmarkId::new("client", name), |bencher| {
            bencher.iter(|| client_there_and_back(black_box(client)).expect("it is valid"));
        });
    }
    group.bench_function("service", |bencher| {
        bencher.iter(|| service_there_and_back(black_box(SERVICE)).expect("it is valid"));
    });
    group.finish();
}

fn paths(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("paths");
    for (name, path) in [("plain", PLAIN_PATH), ("devious", DEVIOUS_PATH)] {
        group.bench_function(BenchmarkId::new("normalise", name), |bencher| {
            bencher.iter(|| normalise(black_box(path)).expect("it is valid"));
        });
    }
    let (path, _) = normalise(PLAIN_PATH).expect("it is valid");
    for count in RIGHTS {
        let rights = Rights::new(count);
        assert!(rights.permit(&path), "the last right permits");
        group.bench_function(BenchmarkId::new("rights", count), |bencher| {
            bencher.iter(|| rights.permit(black_box(&path)));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    names(&mut criterion);
    paths(&mut criterion);
    criterion.final_summary();
}
