//! How much of signing is hashing and writing XML?
//!
//! Measured: `tree`, the tree over the messages' digests; `chains`, the tree and for every message
//! its path and its two chain documents. Batches of 1, 16, 64 and 256.
//!
//! Model: as in `signing`; every message has a body, so each chain ends in a step of two parts.
//!
//! Beware: `chains` contains `tree`. Chains grow with the logarithm of the batch, so a message's
//! share does not fall as batches grow.

use benches::hash_tree::Batch;
use criterion::{BenchmarkId, Criterion, Throughput};

const BATCHES: [usize; 4] = [1, 16, 64, 256];

fn hash_tree(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hash_tree");
    for messages in BATCHES {
        let batch = Batch::new(messages);
        group.throughput(Throughput::Elements(messages as u64));
        group.bench_function(BenchmarkId::new("tree", messages), |bencher| {
            bencher.iter(|| batch.tree());
        });
        group.bench_function(BenchmarkId::new("chains", messages), |bencher| {
            bencher.iter(|| batch.chains());
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    hash_tree(&mut criterion);
    criterion.final_summary();
}
