//! What do the heads of an exchange's two messages cost?
//!
//! Measured: `write_request` and `write_response`, from an HTTP message's parts to the form that is
//! signed; `read_request` and `read_response`, back from that form; `digest_request`, SHA-512 of
//! head, body and the list of both.
//!
//! Model: six headers from the client, three from the service, names plain ASCII, short bodies.
//!
//! Beware: HTTP itself and the multipart form between the servers are not in it. An exchange writes
//! each head once but reads and digests it on both sides.

use benches::head_codec::HeadCodec;
use criterion::Criterion;

fn head_codec(criterion: &mut Criterion) {
    let codec = HeadCodec::new();
    let mut group = criterion.benchmark_group("head_codec");
    group.bench_function("write_request", |bencher| {
        bencher.iter(|| codec.write_request().expect("it is valid"));
    });
    group.bench_function("read_request", |bencher| {
        bencher.iter(|| codec.read_request().expect("it is valid"));
    });
    group.bench_function("write_response", |bencher| {
        bencher.iter(|| codec.write_response());
    });
    group.bench_function("read_response", |bencher| {
        bencher.iter(|| codec.read_response().expect("it is valid"));
    });
    group.bench_function("digest_request", |bencher| {
        bencher.iter(|| codec.digest_request());
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    head_codec(&mut criterion);
    criterion.final_summary();
}
