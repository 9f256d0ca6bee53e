//! How long does signing a batch take, and what is a message's share?
//!
//! Measured: hash tree, one chain (two XML documents) a message, and one XAdES document with an
//! ECDSA P-256 SHA-512 signature, for batches of 1, 16, 64 and 256.
//!
//! Model: requests of the pension scenario, each with a short body, digests known beforehand; an
//! OCSP response with its responder's certificate is enclosed.
//!
//! Beware: the elements a second are messages, not signatures. A message that is alone has a chain
//! here because it has a body; one without body is signed directly and costs a little less. On a
//! server, batches are as large as what waits, so this is the best that a batch size can give.

use benches::signing::Signing;
use criterion::{BenchmarkId, Criterion, Throughput};

const BATCHES: [usize; 4] = [1, 16, 64, 256];

fn signing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signing");
    for messages in BATCHES {
        let signing = Signing::new(messages);
        group.throughput(Throughput::Elements(messages as u64));
        group.bench_function(BenchmarkId::new("batch", messages), |bencher| {
            bencher.iter(|| signing.run());
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    signing(&mut criterion);
    criterion.final_summary();
}
