//! What does the multipart form between two security servers cost?
//!
//! Measured: `write`, from the parts of a signed request to header lines and the pieces of the body;
//! `read`, from header lines and one buffer back to the parts.
//!
//! Model: a request of the pension scenario from a batch of 64: head, short body, two chain
//! documents, a signature document of 4.7 kilobytes; OCSP responses come over the connection.
//!
//! Beware: nothing large is copied either way, so this grows with the number of parts when writing,
//! and with the bytes only when reading, where the boundary is looked for.

use benches::multipart::Multipart;
use benches::signing::Signing;
use criterion::Criterion;

const BATCH: usize = 64;

fn multipart(criterion: &mut Criterion) {
    let multipart = Multipart::new(Signing::new(BATCH).run().document);
    let mut group = criterion.benchmark_group("multipart");
    group.bench_function("write", |bencher| {
        bencher.iter(|| multipart.write());
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| multipart.read().expect("it is valid"));
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    multipart(&mut criterion);
    criterion.final_summary();
}
