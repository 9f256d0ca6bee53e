//! What does HTTP/1.1 cost an exchange at one of its sockets?
//!
//! Measured: `exchange`, a request written by a client, read by a server, answered, and the answer
//! read, over a connection that is kept.
//!
//! Model: a question of the pension scenario with its short body, and its answer.
//!
//! Beware: the pipe is in memory, so neither the kernel nor TLS is in it, but the event loop is,
//! twice. A message crosses four sockets; this is one, both ends.

use benches::http1::Pipe;
use criterion::Criterion;

fn http1(criterion: &mut Criterion) {
    let mut pipe = Pipe::new();
    let mut group = criterion.benchmark_group("http1");
    group.bench_function("exchange", |bencher| {
        bencher.iter(|| pipe.exchange());
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    http1(&mut criterion);
    criterion.final_summary();
}
