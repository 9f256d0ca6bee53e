//! How long until messages are durable?
//!
//! Measured: from handing 1 or 64 records to the message log until the last is acknowledged, through
//! the event loop, the log's own thread, the encoding, the checksums and the sync of the disk.
//!
//! Model: requests of the pension scenario, 400 bytes each alone and 800 with the path of a batch of
//! 64; those that wait together share one signature document of 4.7 kilobytes, new for every round.
//!
//! Beware: this measures the disk under the build folder first of all, and other users of that disk
//! with it; a RAM disk or one that does not keep its promise to sync gives figures that mean
//! nothing. Two threads take part, so where both cores are busy the waiting for a core is in it. A
//! full run can write some gigabytes, which are removed at its end.

use std::path::Path;
use std::time::Duration;

use benches::log_append::{Log, Records};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};

const WAITING: [usize; 2] = [1, 64];
/// Shorter than usual, for the sake of the disk.
const MEASURED: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(1);

fn log_append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log_append");
    group.measurement_time(MEASURED).warm_up_time(WARM_UP);
    for waiting in WAITING {
        let log = Log::open(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let mut records = Records::new(waiting);
        group.throughput(Throughput::Elements(waiting as u64));
        group.bench_function(BenchmarkId::new("waiting", waiting), |bencher| {
            bencher.iter_batched(
                || records.next_batch(),
                |batch| log.append(batch),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    log_append(&mut criterion);
    criterion.final_summary();
}
