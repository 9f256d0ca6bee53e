//! How long does verifying a message's signature take, by what the verifier remembers?
//!
//! Measured, for one message of a batch of 64:
//! `stranger`, a verifier that never met the signer: hash chain, document, value, certificate path
//! and OCSP response; `acquainted`, one that knows the signer but not the document, as at the first
//! message of each batch: hash chain, document and value; `informed`, one that knows the document,
//! as at all other messages of the batch: hash chain, and a full comparison of the document.
//!
//! Model: as in `signing`; seven steps in each hash chain; one authority is trusted.
//!
//! Beware: time stands still, so nothing that is remembered grows old, and caches are as small as
//! they can be. A server with many peers looks things up in larger ones.

use benches::verifying::Verifying;
use criterion::{BatchSize, Criterion};

const BATCH: usize = 64;

fn verifying(criterion: &mut Criterion) {
    let verifying = Verifying::new(BATCH);
    let mut group = criterion.benchmark_group("verifying");
    group.bench_function("stranger", |bencher| {
        bencher.iter_batched_ref(
            || verifying.stranger(),
            |verifier| verifying.run(verifier, 0).expect("it verifies"),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("acquainted", |bencher| {
        bencher.iter_batched_ref(
            || verifying.acquainted(),
            |verifier| verifying.run(verifier, 0).expect("it verifies"),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("informed", |bencher| {
        let verifier = verifying.informed();
        let mut index = 0;
        bencher.iter(|| {
            index += 1;
            verifying.run(&verifier, index).expect("it verifies")
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    verifying(&mut criterion);
    criterion.final_summary();
}
